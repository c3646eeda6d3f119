"""The row about the language model, where one is set up: does it answer, what does it cost, what does it want?"""

from __future__ import annotations

from typing import Final

from app.telemetry.catalogue import (
    MODEL_BREAKER_OPEN,
    MODEL_CALLS,
    MODEL_FAILURES,
    MODEL_LIMIT,
    MODEL_STEPS,
    MODEL_TOKENS,
    MODEL_TURNS,
    MODEL_UNDER_WAY,
    NLP_PLANS,
)
from dashboards.dashboard import Panel, Series, Threshold
from dashboards.theme import Colour, Unit
from dashboards.variables import of
from slo import panels, promql
from slo.prometheus import GATEWAY, NLP
from slo.promises import QUEUE_FULL
from slo.promql import RATE_INTERVAL, select

_NEEDS: Final = "a language model that is set up"


def model_panels() -> tuple[Panel, ...]:
    """The row's panels."""
    return (_answers(), _failures(), _tokens(), _calls(), _turns(), _steps())


def _answers() -> Panel:
    answers = promql.total(promql.rate(select(NLP_PLANS.name, job=NLP, backend="model"), RATE_INTERVAL), ("behaviour",))
    share = promql.divided(of(MODEL_UNDER_WAY, NLP).query, of(MODEL_LIMIT, NLP).query)
    return Panel(
        panels.NLP_MODEL_ANSWERS,
        "Answers of the language model",
        "Answers under way, as a share of what a replica may have, left; answers per second by what they are (words, a "
        "proposal, a question back), right. Good: few under way. Bad: above the line: soon others are told that it is "
        "busy. Then follow the runbook of ModelNearLimit.",
        Unit.SHARE,
        (
            Series(share, "{{instance}} under way", waits_for=_NEEDS),
            Series(answers, "{{behaviour}}", unit=Unit.PER_SECOND, waits_for=_NEEDS),
        ),
        thresholds=(Threshold(QUEUE_FULL.number, Colour.BAD),),
    )


def _failures() -> Panel:
    failures = promql.total(promql.rate(of(MODEL_FAILURES, NLP), RATE_INTERVAL), ("reason",))
    return Panel(
        panels.NLP_MODEL_FAILURES,
        "Answers that the language model did not give",
        "Failures per second by reason, and 1 where a replica leaves it alone. Good: none. Bad: left alone for "
        "minutes: nobody gets an answer of it. Then follow the runbook of ModelFailing.",
        Unit.PER_SECOND,
        (
            Series(failures, "{{reason}}", waits_for="an answer that fails"),
            Series(of(MODEL_BREAKER_OPEN, NLP).query, "{{instance}} left alone", unit=Unit.COUNT, waits_for=_NEEDS),
        ),
    )


def _tokens() -> Panel:
    tokens = promql.total(promql.rate(of(MODEL_TOKENS, NLP), RATE_INTERVAL), ("kind",))
    return Panel(
        panels.NLP_MODEL_TOKENS,
        "Tokens",
        "Tokens per second that the model reads and writes, of all people together. Good: as was planned for. Bad: "
        "many times as much: somebody's script asks open questions. Then look at the audit log for who reads most, "
        "and lower KUBECHAT_MODEL_DAILY_TOKENS.",
        Unit.PER_SECOND,
        (Series(tokens, "{{kind}}", waits_for=_NEEDS),),
    )


def _calls() -> Panel:
    calls = promql.total(promql.rate(of(MODEL_CALLS, NLP), RATE_INTERVAL), ("tool",))
    return Panel(
        panels.NLP_MODEL_CALLS,
        "Tools that the language model calls",
        "Calls per second by tool. Good: mostly `read`. Bad: many `wrong`: the model writes calls that make no sense. "
        "Then another model is needed.",
        Unit.PER_SECOND,
        (Series(calls, "{{tool}}", waits_for=_NEEDS),),
    )


def _turns() -> Panel:
    turns = promql.total(promql.rate(select(MODEL_TURNS.name, job=GATEWAY), RATE_INTERVAL), ("outcome",))
    return Panel(
        panels.NLP_MODEL_TURNS,
        "Turns with the language model",
        "Turns per second in which it was asked, by their end. Good: answered or proposed. Bad: `failed` or "
        "`over_limit`. Then see the failures beside, or the limit of tokens for each person.",
        Unit.PER_SECOND,
        (Series(turns, "{{outcome}}", waits_for=_NEEDS),),
    )


def _steps() -> Panel:
    rounds = promql.divided(
        promql.total(promql.rate(select(f"{MODEL_STEPS.name}_sum", job=GATEWAY), RATE_INTERVAL)),
        promql.total(promql.rate(select(MODEL_STEPS.count, job=GATEWAY), RATE_INTERVAL)),
    )
    return Panel(
        panels.NLP_MODEL_STEPS,
        "Rounds of reads in a turn",
        "How many rounds of reads a turn has on average. Good: one or two. Bad: as many as are allowed: it reads and "
        "comes to no end. Then another model is needed.",
        Unit.COUNT,
        (Series(rounds, "rounds", waits_for=_NEEDS),),
    )
