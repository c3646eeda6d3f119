"""The last look with more of it, and how the last change comes along."""

from __future__ import annotations

from app.nlp.translator.followups.about import OUTCOME, Said, plan_of, plan_of_spoken, with_flag, without_flags
from app.nlp.translator.intents.words import NAMED
from app.nlp.translator.kubectl import Spoken
from app.nlp.translator.lexicon.kinds import KINDS, WORKLOADS
from app.nlp.translator.lexicon.parts import Part
from app.nlp.translator.plan import Behaviour, Plan
from app.nlp.translator.quantities import spell_duration
from app.nlp.translator.vocabulary import is_valid_name


def other_logs(said: Said) -> Plan | None:
    """The same logs: more lines, another time, the container that ended before, as they come."""
    if said.spoken.verb != "logs" or said.new(*NAMED, "<namespace>", "<cluster>") or _asks_for_other(said):
        return None
    words, changed = list(said.words), False
    numbers = [word for word in said.all if word.token == "<number>"]
    duration = next(
        (word for word in said.all if word.token == "<duration>" or word.tag.part in {Part.DURATION, Part.TIME}), None
    )
    if duration is not None and isinstance(duration.tag.value, int):
        words, changed = with_flag(words, "--since", spell_duration(duration.tag.value)), True
    elif len(numbers) == 1 and said.says(
        r"<number>(?: \w+)? lines?|lines? .*<number>|^(?:\w+ ){0,4}<number>(?: \w+){0,3}$|(?:last|first) <number>"
    ):
        words, changed = with_flag(words, "--tail", numbers[0].value), True
    if said.says(r"\b(?:previous|before that|run before|crashed|last (?:container|instance|run)|died)\b"):
        words, changed = with_flag(words, "--previous", ""), True
    if said.says(r"\b(?:follow\w*|keep|live|stream\w*|as (?:they|it) comes?|tail (?:it|them)|watch)\b"):
        words, changed = with_flag(words, "-f", ""), True
    if said.says(r"\btime ?stamps?\b"):
        words, changed = with_flag(words, "--timestamps", ""), True
    if said.says(r"\b(?:everything|whole|all of (?:it|them)|the lot|full)\b"):
        words, changed = without_flags(words, "--tail"), True
    return plan_of(said, words) if changed else None


def _asks_for_other(said: Said) -> bool:
    return said.says(
        r"\b(?:scale|restart|delete|drain|cordon|describe|events?|usage|pods|nodes|deployments|status|history|image|limits?|memory|cpu)\b"
    )


def other_table(said: Said) -> Plan | None:
    """The same table with more in it, in another order, or kept current."""
    if (
        said.spoken.verb not in {"get", "top"}
        or said.new("<number>", "<cluster>", "<namespace>", "<image>")
        or said.pending
    ):
        return None
    words, changed = list(said.words), False
    names = said.new(*NAMED)
    if (
        said.says(
            r"^(?:and |so |ok )*how many (?:of (?:those|them|these) |is that|are (?:there|they|those|these)|does that make)"
        )
        and not names
    ):
        return plan_of(said, words)
    if said.spoken.kind is KINDS["pods"] and said.says(r"\b(?:only|just)\b.*\bnot running\b") and not names:
        return plan_of(said, with_flag(words, "--field-selector", "status.phase!=Running"))
    if said.spoken.verb == "get":
        if said.says(
            r"\b(?:which nodes?|what nodes?|nodes? (?:are|is|do|does|each)|with (?:the |their )?nodes?|where (?:are|do) (?:they|those|these)|ips?|addresses|wide|more columns)\b"
        ):
            words, changed = with_flag(words, "-o", ""), True
            words = [*[word for word in words if word not in {"-o", "wide", "-owide"}], "-o", "wide"]
        if said.says(r"\blabels?\b") and not said.says(r"\b(?:set|add|remove|put|take)\b"):
            words, changed = with_flag(words, "--show-labels", ""), True
        if said.says(r"\b(?:watch|keep (?:an eye|watching|it open)|live)\b"):
            words, changed = [*words, "-w"], True
        if said.says(
            r"\b(?:sort|order|arrange|rank)\w*\b.*\b(?:age|oldest|newest|old|created)\b|\b(?:oldest|newest) (?:first|on top|at the top)\b|\bby age\b"
        ):
            words, changed = with_flag(words, "--sort-by", ".metadata.creationTimestamp"), True
        if said.says(r"\bby (?:\w+ )?restarts?\b"):
            words, changed = with_flag(words, "--sort-by", ".status.containerStatuses[0].restartCount"), True
        if (
            said.spoken.kind is KINDS["pods"]
            and len(set(names)) == 1
            and said.says(r"\b(?:only|just|narrow|limit|restrict|filter|ones)\b")
            and "-l" not in words
        ):
            entry = next((e for e in said.vocabulary.names.get(names[0], ()) if e.kind in WORKLOADS), None)
            if entry is not None:
                words, changed = [*words, "-l", said.vocabulary.selector_of(entry)], True
                names = []
    elif said.says(r"\bcontainers?\b"):
        words, changed = with_flag(words, "--containers", ""), True
    elif said.says(r"\b(?:cpu|processor)\b"):
        words, changed = with_flag(words, "--sort-by", "cpu"), True
    elif said.says(r"\b(?:memory|ram)\b"):
        words, changed = with_flag(words, "--sort-by", "memory"), True
    return plan_of(said, words) if changed and not names else None


def into_it(said: Said) -> Plan | None:
    """Go on in the namespace that was made last."""
    made = said.spoken.verb == "create" and said.words[2:3] == ("namespace",) and len(said.words) > 3
    if not made or said.pending or not said.says(_INTO) or not is_valid_name(said.words[3]):
        return None
    return Plan(Behaviour.SESSION, confidence=0.88, action=f"set namespace {said.words[3]}")


_INTO = r"\b(?:switch|move|go|work|stay|take me|use|change)\b.*\b(?:it|there|that|in there|that one)\b"


def outcome(said: Said) -> Plan | None:
    """How the rollout that was started last comes along."""
    kind = said.spoken.kind
    if said.pending or kind is None or kind.plural not in WORKLOADS or not OUTCOME.fullmatch(said.text):
        return None
    if said.spoken.verb not in {
        "rollout restart",
        "rollout undo",
        "rollout resume",
        "set image",
        "set env",
        "scale",
        "set resources",
    }:
        return None
    return plan_of_spoken(Spoken("rollout status", kind, said.spoken.names, said.spoken.scope))
