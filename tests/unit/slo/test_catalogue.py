"""All promises are there, once each, with figures that make sense."""

import math
from itertools import groupby
from types import ModuleType

import pytest

from slo import catalogue
from slo.catalogue import TargetError, all_targets, find
from slo.target import Kind, Target, Unit, count
from slo.targets.requirements import UPTIME_TARGET

PROMISES = 221
NUMERIC_KINDS = {Kind.OBJECTIVE, Kind.SCENARIO}


def test_every_promise_of_the_document_is_there_once():
    paths = [target.path for target in all_targets()]
    assert len(paths) == len(set(paths)) == PROMISES


def test_targets_stand_in_the_order_of_the_document():
    paths = [target.path for target in all_targets()]
    assert paths[0] == "performance_sla.response_times.simple_queries"
    assert paths[-1] == "performance_validation.capacity_planning.bottleneck_identification"
    blocks = [block for block, _ in groupby(path.split(".")[0] for path in paths)]
    assert len(blocks) == len(set(blocks)), "a block of the document is torn apart"


@pytest.mark.parametrize("target", all_targets(), ids=lambda target: target.path)
def test_a_target_says_what_it_promises_in_a_sentence_and_in_sound_figures(target):
    assert target.text.endswith(".")
    assert len(target.text) > 20
    names = [figure.name for figure in target.figures]
    assert len(names) == len(set(names)), "two figures of one target have the same name"
    for figure in target.figures:
        if figure.unit is Unit.CHOICE:
            assert figure.word
            continue
        assert math.isfinite(figure.number)
        assert figure.number >= 0
        if figure.unit is Unit.PERCENTILE:
            assert 0 < figure.number < 1
    if target.kind in NUMERIC_KINDS:
        assert target.figures, "an objective without a figure cannot be missed"
    if target.kind is Kind.PANEL:
        assert target.named("title").word


def test_a_target_is_found_by_its_path():
    assert find("connection_optimization.connection_pooling.pool_size").figure.whole == 25


def test_an_unknown_path_is_an_error_that_names_it():
    with pytest.raises(TargetError, match=r"no target 'cache\.size'"):
        find("cache.size")


def test_a_path_that_is_declared_twice_is_refused(monkeypatch):
    twin = ModuleType("twin")
    twin.ONE = Target("a.b", "A promise that is made.", Kind.LIMIT, (count(1),))
    twin.OTHER = Target("a.b", "A promise that is made again.", Kind.LIMIT, (count(2),))
    monkeypatch.setattr(catalogue, "SECTIONS", (twin,))
    with pytest.raises(TargetError, match=r"two targets are called a\.b"):
        all_targets.__wrapped__()


def test_the_share_and_the_hours_of_the_availability_promise_say_the_same():
    hours_per_year = 365.25 * 24
    allowed_s = (1 - UPTIME_TARGET.named("objective").number) * hours_per_year * 3600
    assert allowed_s == pytest.approx(UPTIME_TARGET.named("downtime_per_year").number, rel=1e-3)
