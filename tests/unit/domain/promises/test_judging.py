"""Verdicts follow from what Prometheus says; what it does not say is never taken for kept."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from alerts.objectives import GATEWAY_AVAILABILITY, OBJECTIVES, SERVICE_ERRORS
from app.domain.promises.judging import BudgetVerdict, Verdict, judge_objectives, judge_targets, known_targets, report
from app.errors import InvalidInputError, KubeChatError, UnavailableError
from app.infra.prometheus import Sample
from slo.catalogue import all_targets
from slo.proofs import State
from slo.series import BUDGET_REMAINING, MONTH_BUDGET_REMAINING, PERIOD_EVENTS

UPTIME = "performance_sla.availability.uptime_target"


class Answers:
    """A Prometheus that answers what it was told, and nothing else."""

    def __init__(self, samples: Mapping[str, list[Sample]], error: KubeChatError | None = None) -> None:
        self._samples = {"vector(1)": [Sample({}, 1.0)], **samples}
        self._error = error
        self.asked: list[str] = []

    async def query(self, text: str) -> list[Sample]:
        self.asked.append(text)
        if self._error is not None:
            raise self._error
        return self._samples.get(text, [])


def uptime_query() -> str:
    (target,) = (target for target in all_targets() if target.path == UPTIME)
    assert target.sli is not None
    return target.sli.question(target).text


@pytest.mark.parametrize(
    ("samples", "verdict"),
    [
        ([Sample({}, 0.9991)], Verdict.PASS),
        ([Sample({}, 0.999)], Verdict.PASS),
        ([Sample({}, 0.9989)], Verdict.FAIL),
        ([Sample({}, float("nan"))], Verdict.NO_DATA),
        ([Sample({"a": "1"}, 0.5), Sample({"a": "2"}, 0.9999)], Verdict.NO_DATA),
        ([], Verdict.NO_DATA),
    ],
)
async def test_a_target_is_judged_by_its_one_value(samples: list[Sample], verdict: Verdict) -> None:
    judged = {each.target.path: each for each in await judge_targets(Answers({uptime_query(): samples}))}
    assert judged[UPTIME].verdict is verdict
    assert len(judged) == len(all_targets())


async def test_a_target_without_an_sli_is_not_judged() -> None:
    judged = {each.target.path: each for each in await judge_targets(Answers({}))}
    assert judged["load_testing.tools.primary"].verdict is None


async def test_a_query_that_is_refused_is_no_data_and_spoils_no_other() -> None:
    class Picky(Answers):
        async def query(self, text: str) -> list[Sample]:
            if "histogram_quantile" in text:
                raise InvalidInputError("no")
            return await super().query(text)

    judged = {each.target.path: each for each in await judge_targets(Picky({uptime_query(): [Sample({}, 1.0)]}))}
    assert judged["performance_sla.response_times.simple_queries"].verdict is Verdict.NO_DATA
    assert judged[UPTIME].verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("left", "month", "verdict"),
    [
        (1.0, 1.0, BudgetVerdict.KEPT),
        (0.01, 0.01, BudgetVerdict.KEPT),
        (0.0, 1.0, BudgetVerdict.SPENT),
        (1.0, 0.0, BudgetVerdict.SPENT),
        (-3.0, 1.0, BudgetVerdict.SPENT),
        (None, None, BudgetVerdict.NO_DATA),
    ],
)
async def test_a_budget_is_spent_when_nothing_of_it_is_left(
    left: float | None, month: float | None, verdict: BudgetVerdict
) -> None:
    own = {"slo": GATEWAY_AVAILABILITY.id, "service": GATEWAY_AVAILABILITY.service}
    selector = f'{{slo="{GATEWAY_AVAILABILITY.id}"}}'
    samples = {
        f"{name}{selector}": [] if value is None else [Sample({"__name__": name, **own}, value)]
        for name, value in ((BUDGET_REMAINING, left), (MONTH_BUDGET_REMAINING, month))
    }
    (judged,) = await judge_objectives(Answers(samples), [GATEWAY_AVAILABILITY])
    assert judged.verdict is verdict


async def test_each_group_has_a_verdict_of_its_own() -> None:
    def of(job: str, value: float) -> Sample:
        return Sample({"slo": SERVICE_ERRORS.id, "service": "services", "job": job}, value)

    selector = f'{{slo="{SERVICE_ERRORS.id}"}}'
    answers = Answers(
        {
            f"{BUDGET_REMAINING}{selector}": [of("nlp", -0.5), of("gateway", 0.5)],
            f"{PERIOD_EVENTS}{selector}": [of("nlp", 10), of("gateway", 20)],
        }
    )
    judged = await judge_objectives(answers, [SERVICE_ERRORS])
    assert [(each.group, each.verdict.value, each.events) for each in judged] == [
        ({"job": "gateway"}, "kept", 20),
        ({"job": "nlp"}, "spent", 10),
    ]


async def test_a_prometheus_that_is_away_is_an_error_for_the_gate_and_no_data_for_the_page() -> None:
    away = Answers({}, UnavailableError("away"))
    with pytest.raises(UnavailableError):
        await judge_objectives(away)
    with pytest.raises(UnavailableError):
        await judge_targets(away)
    away.asked.clear()
    told = await report(away)
    assert away.asked == ["vector(1)"], "one that is away is asked once, not a hundred times"
    data = told.to_json()
    assert data["prometheus"] is False
    assert {each["verdict"] for each in data["objectives"]} == {"no data"}
    assert len(data["objectives"]) == len(OBJECTIVES)
    assert len(data["targets"]) == len(all_targets())
    assert (await report(None)).to_json()["prometheus"] is False


def test_what_is_known_without_asking_has_no_verdict() -> None:
    known = known_targets()
    assert {each.verdict for each in known} == {None}
    assert sum(each.state is State.PROVED for each in known) > 0
