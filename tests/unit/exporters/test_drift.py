"""A difference is named, a number is compared in base units, and what was not compared is not said to be right."""

from __future__ import annotations

import pytest
import structlog

from app.telemetry import server_catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing
from exporters.drift import Drift, Running, in_base_units, of_redis
from exporters.main import build_exporters
from exporters.settings import ExporterSettings
from exporters.sheet import Sheet
from slo.target import choice as word
from slo.target import count, mebibytes, seconds
from tests.support.ports import free_port

WANTED = {
    "work_mem": mebibytes(16),
    "checkpoint_timeout": seconds(300),
    "random_page_cost": count(1.1),
    "fsync": word("on"),
}
AS_WANTED: dict[str, tuple[str | float, ...]] = {
    "work_mem": (16 * 2**20,),
    "checkpoint_timeout": (300.0,),
    "random_page_cost": ("1.1",),
    "fsync": ("on",),
}


def page(running: Running) -> Sheet:
    sheet = Sheet()
    Drift("db:5432").put(sheet, WANTED, running)
    return sheet


def drifted(sheet: Sheet) -> set[str]:
    return {name for name in WANTED if sheet.value(server_catalogue.SETTING_DRIFT, server="db:5432", setting=name)}


def value(sheet: Sheet, setting: str, unit: str, side: str) -> float | None:
    return sheet.value(server_catalogue.SETTING_VALUE, server="db:5432", setting=setting, unit=unit, side=side)


def test_a_server_that_runs_as_wanted_has_every_setting_at_zero() -> None:
    sheet = page(AS_WANTED)
    for name in WANTED:
        assert sheet.value(server_catalogue.SETTING_DRIFT, server="db:5432", setting=name) == 0
    assert sheet.value(server_catalogue.SETTINGS_COMPARED, server="db:5432") == len(WANTED)
    assert value(sheet, "work_mem", "bytes", "wanted") is None


@pytest.mark.parametrize(
    ("setting", "running"),
    [
        ("work_mem", (4 * 2**20,)),
        ("checkpoint_timeout", (301.0,)),
        ("random_page_cost", ("4",)),
        ("random_page_cost", ("cheap",)),
        ("fsync", ("off",)),
        ("fsync", ("on", "off")),
        ("fsync", ()),
    ],
)
def test_the_setting_that_differs_is_named_and_no_other(setting: str, running: tuple[str | float, ...]) -> None:
    assert drifted(page({**AS_WANTED, setting: running})) == {setting}


def test_a_setting_that_the_server_does_not_know_has_drifted() -> None:
    assert drifted(page({name: found for name, found in AS_WANTED.items() if name != "work_mem"})) == {"work_mem"}


def test_a_number_that_has_drifted_is_shown_beside_the_wanted_one_in_base_units() -> None:
    sheet = page({**AS_WANTED, "work_mem": (16 * 2**20, 4 * 2**20)})
    assert value(sheet, "work_mem", "bytes", "wanted") == 16 * 2**20
    assert value(sheet, "work_mem", "bytes", "running") == 4 * 2**20


def test_a_difference_is_logged_once_and_its_end_too() -> None:
    drift = Drift("db:5432")
    with structlog.testing.capture_logs() as logged:
        for running in (AS_WANTED, {**AS_WANTED, "fsync": ("off",)}, {**AS_WANTED, "fsync": ("off",)}, AS_WANTED):
            drift.put(Sheet(), WANTED, running)
    assert [line["settings"] for line in logged] == [["fsync is off, not on"], []]


@pytest.mark.parametrize(
    ("text", "unit", "found"),
    [
        ("65536", "8kB", 512 * 2**20),
        ("16384", "kB", 16 * 2**20),
        ("16MB", "kB", 16 * 2**20),
        ("1GB", "8kB", 2**30),
        ("300", "s", 300),
        ("5min", "s", 300),
        ("500", "ms", 0.5),
        ("2.5", "ms", 0.0025),
        ("-1", "8kB", -8192),
        ("1.1", None, "1.1"),
        ("on", None, "on"),
        ("on", "s", "on"),
        ("5 parsecs", "s", "5 parsecs"),
    ],
)
def test_a_value_is_read_in_bytes_and_seconds(text: str, unit: str | None, found: str | float) -> None:
    assert in_base_units(text, unit) == found


@pytest.mark.parametrize("answer", [{b"save": b"900 1", b"maxmemory": b"5"}, [b"save", b"900 1", "maxmemory", "5"]])
def test_both_forms_of_a_redis_answer_are_read(answer: object) -> None:
    assert of_redis(answer) == {"save": ("900 1",), "maxmemory": ("5",)}


async def test_a_server_that_does_not_answer_is_not_said_to_run_as_wanted() -> None:
    address = f"127.0.0.1:{free_port()}"
    settings = ExporterSettings(
        export_postgres_urls=f"postgresql://monitor:x@{address}/postgres", export_redis_nodes=address
    )
    for exporter in build_exporters(settings, Instruments(), Tracing("exporters", "exporters")):
        sheet = await exporter.collect()
        assert sheet.value(server_catalogue.SETTINGS_COMPARED, server=address) is None
        assert "kubechat_server_setting_drift{" not in "".join(sheet.parts())
