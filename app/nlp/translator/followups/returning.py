"""Takes the last change back, or the one that is named, or all of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from app.nlp.translator.conversation import behaviour_of, opposite
from app.nlp.translator.followups.about import ASKS, BACK, MOST_WORDS, Said
from app.nlp.translator.intents.said import Clause, clauses_in, joined
from app.nlp.translator.intents.words import NAMED
from app.nlp.translator.kubectl import read_line, words_of
from app.nlp.translator.plan import Behaviour, Context, Plan, Turn, ask
from app.nlp.translator.tagger import Tag
from app.nlp.translator.vocabulary import Vocabulary

_OFF: Final = re.compile(
    r"\b(?:remove|drop|delete|take|lift|undo|get rid of|kill|clear|scrap)\b(?: off| away)? (?:that|the|this|those)(?: new| last)? (?:label|annotation|taint|cordon|variable|autoscaler|horizontalpodautoscalers|limit|restriction)\b"
    r"|\bunset (?:it|that)\b|\b(?:label|annotation|taint|variable) (?:off|away)\b"
)
NO_WAY_BACK: Final = "That can't be taken back. Say what you want done instead."
_UNDOES: Final = r"(?:please |pls |and |ok |now |no |can you |could you )*(?:undo|revert|reverse|take back)"
_BY_PLACE: Final = re.compile(
    rf"{_UNDOES} (?:the )?(?P<which>first|second|third|last)(?: one| change| thing| command)?"
)
_BY_RESTART: Final = re.compile(rf"{_UNDOES} (?:the|that|this) restart")
_BY_NAME: Final = re.compile(
    rf"{_UNDOES} (?:the )?<\w+>(?: one| change| scaling| scale)?|{_UNDOES} (?:the )?(?:change|scaling) (?:of|to) (?:the )?<\w+>"
    r"|(?:please |pls |and |ok |now |no )*put (?:the )?<\w+> back(?: again| please| pls)?"
)
_PLACES: Final = {"first": 0, "second": 1, "third": 2, "last": -1}
_SORTS: Final[tuple[tuple[str, str], ...]] = (
    (r"\blabels?\b", "label"),
    (r"\bannotations?\b", "annotate"),
    (r"\btaints?\b", "taint"),
    (r"\bcordon\b|\brestriction\b", "cordon"),
    (r"\b(?:limits?|requests?|resources?|memory|cpu)\b", "set resources"),
    (r"\b(?:image|version)\b", "set image"),
    (r"\b(?:level|variable|env\w*|value|setting|url|flag)\b", "set env"),
    (r"\b(?:autoscal\w+|hpa)\b", "autoscale"),
    (r"\bservices?\b", "expose"),
    (r"\b(?:replicas?|number|scal\w+|size|copies)\b", "scale"),
    (r"\b(?:rollout|pause)\b", "rollout pause"),
)


def taken_off(tags: Sequence[Tag], context: Context, vocabulary: Vocabulary) -> Plan | None:
    """The plan for "remove that label again": the mark and not what bears it; None where nothing of the sort was set.

    Args:
        tags: the parts of what was said.
        context: the conversation, with at least one turn.
        vocabulary: the names that the person may see.
    """
    turn = context.turns[-1]
    spoken = read_line(turn.command)
    whole = joined(clauses_in(tags, vocabulary))
    if spoken is None or not _OFF.search(whole.text) or len(whole.words) > MOST_WORDS:
        return None
    return taken_back(Said(whole.text, whole.words, turn, spoken, tuple(words_of(turn.command)), context, vocabulary))


def taken_back_by_name(clauses: Sequence[Clause], context: Context) -> Plan | None:
    """The plan for "undo the first", "put web back", "undo the restart": the change that is named, made undone.

    Args:
        clauses: what was said.
        context: the conversation, with at least one turn.
    """
    text = joined(clauses).text
    done = [
        (turn, spoken)
        for turn in context.turns
        if turn.state == "done" and (spoken := read_line(turn.command)) is not None
        if behaviour_of(spoken) is not Behaviour.RUN
    ]
    if not done:
        return None
    placed = _BY_PLACE.fullmatch(text)
    if placed is not None:
        at = _PLACES[placed["which"]]
        return _made_undone([done[at][0]]) if len(done) > 1 and at < len(done) else None
    if _BY_RESTART.fullmatch(text) is not None and done[-1][1].verb != "rollout restart":
        return ask(NO_WAY_BACK)
    names = {word.value for clause in clauses for word in clause.of(*NAMED)}
    if _BY_NAME.fullmatch(text) is None or len(names) != 1:
        return None
    of_it = [(turn, spoken) for turn, spoken in done if names & set(spoken.names)]
    if not of_it or of_it[-1][1].verb in {"set image", "rollout undo", "rollout restart", "delete"}:
        return None
    return _made_undone([of_it[-1][0]])


def _made_undone(turns: Sequence[Turn]) -> Plan | None:
    lines = [back for turn in turns if (back := opposite(turn)) is not None]
    read = [spoken for line in lines if (spoken := read_line(line)) is not None]
    if len(read) != len(turns):
        return ask(NO_WAY_BACK)
    strictest = max((behaviour_of(spoken) for spoken in read), key=list(Behaviour).index)
    return Plan(strictest, tuple(lines), confidence=0.85)


def taken_back(said: Said) -> Plan | None:
    """The last change, or the last of the sort that is named, made undone."""
    if (
        said.pending
        or not BACK.search(said.text)
        or said.new("<number>", "<image>", "<setting>", "<cluster>", "<namespace>", *NAMED)
    ):
        return None
    if ASKS.match(said.text) or said.says(
        r"^(?:please |pls )*(?:delete|remove|kill) (?:both|one|<number>|all|them|the)\b(?! \w+ again)(?!.*\b(?:again|off)\b)"
    ):
        return None
    if said.says(r"\b(?:both|all of (?:them|those|it)|everything|(?<!after )all)\b"):
        return _all_taken_back(said)
    sorts = [verb for form, verb in _SORTS if said.says(form)]
    for turn in reversed(said.context.turns):
        spoken = read_line(turn.command)
        if spoken is None or behaviour_of(spoken) is Behaviour.RUN or turn.state != "done":
            continue
        if sorts and spoken.verb not in sorts and not spoken.verb.startswith(("create", "patch")):
            continue
        back = opposite(turn)
        if back is None:
            return None
        read = read_line(back)
        return (
            None
            if read is None
            else Plan(behaviour_of(read), (back,), say=f"This takes back “{turn.command}”.", confidence=0.82)
        )
    return None


def _all_taken_back(said: Said) -> Plan | None:
    """The changes of the last turns made undone, the first of them first; none where one of them cannot be."""
    lines: list[str] = []
    for turn in said.context.turns:
        spoken = read_line(turn.command)
        if spoken is None or behaviour_of(spoken) is Behaviour.RUN or turn.state != "done":
            continue
        back = opposite(turn)
        if back is None:
            return None
        lines.append(back)
    read = [spoken for line in lines if (spoken := read_line(line)) is not None]
    if len(read) < 2 or len(read) != len(lines):
        return None
    strictest = max((behaviour_of(spoken) for spoken in read), key=list(Behaviour).index)
    return Plan(strictest, tuple(lines), confidence=0.82)
