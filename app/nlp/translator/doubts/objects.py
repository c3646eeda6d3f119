"""Objects and places that a text rules out or speaks of otherwise, held against those that a change would hit."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from app.nlp.translator.doubts.values import is_held
from app.nlp.translator.intents.moods import Mood, begins_with_imperative, mood_of
from app.nlp.translator.intents.parting import WANTS
from app.nlp.translator.intents.said import Clause, Word
from app.nlp.translator.intents.words import COPIES, EMPTY, NAMED
from app.nlp.translator.kubectl import Spoken
from app.nlp.translator.lexicon.kinds import KINDS
from app.nlp.translator.vocabulary import is_valid_name

_ENVIRONMENTS: Final = re.compile(
    r"dev|devel|development|test|testing|qa|uat|prod|production|preprod|pre-prod|integration|sandbox|staging|stage|live|demo"
)
_IN: Final = frozenset({"in", "on", "at", "over"})
_ARTICLES: Final = frozenset({"the", "our", "my", "just", "touching", "for", "in", "on", "any", "from"})
_BOUND: Final = re.compile(r"\b(?:no|not|never) (?:more|less|fewer|lower|higher|smaller|bigger) than$")
_RULES_OUT: Final = re.compile(
    r"(?:.* )?(?:not|except|except for|excluding|without|skip|ignore|instead of|rather than|apart from|other than"
    r"|besides|minus|than|unlike|outside|outside of|(?:everything|everyone|anything|all|every \w+|any \w+|all \w+|each \w+) but)"
)
_LIKENED: Final = re.compile(r"(?:.* )?(?:(?<!would )(?<!d )(?<!i )(?<!we )like|via|as many \w+ as|as much \w+ as)")
_RELATED: Final = re.compile(
    r".*<(?:workload|node|pod|object|job|cronjob)>.* (?:for|from|after|over|next to|behind|same as|as with|because of|before|(?:before|after|without) \w+ing"
    r"|(?:(?<!well )as|like|same as|(?<!well )as in|(?<!well )as on|like in|like on))"
)
_PLACE_RELATED: Final = re.compile(
    r"(?:.* )?(?:same as|(?<!well )as|(?<!would )(?<!d )(?<!i )(?<!we )like|unlike|(?<!well )as in|(?<!well )as on|like in|like on)"
)
_OTHER_NOUN: Final = frozenset({"team", "page", "pages", "dashboard", "scrape", "total", "people", "folks", "ticket"})
_WHOLE: Final = re.compile(
    r"\b(?:all|every|everything|each|any|them|these|those)\b.* (?:but|except|except for|excluding|apart from|other than|besides|minus|save)$"
)
_PROVEN: Final = re.compile(
    r"\b(?:tested|works?|worked|working|fine|good|ok|okay|looked|looks|verified|proven|yesterday|healthy)\b"
)
_EVERYWHERE: Final = re.compile(
    r"\b(?:everywhere|both regions|all regions|every region|all environments|each environment)\b"
)


@dataclass(frozen=True, slots=True)
class Hit:
    """What a change would hit.

    Attributes:
        names: of objects.
        clusters: of those objects.
        values: that would be set.
        on_every_node: whether it is a daemon set.
    """

    names: frozenset[str]
    clusters: frozenset[str]
    values: frozenset[str]
    on_every_node: bool


def hit_by(commands: Sequence[Spoken], current: str) -> Hit:
    """What some commands would hit.

    Args:
        commands: they.
        current: the cluster that the person is on.
    """
    return Hit(
        frozenset(name for each in commands for name in each.names),
        frozenset(each.scope.cluster or current for each in commands),
        frozenset(value for each in commands for value in (*_values_of(each), *(given for _, given in each.flags))),
        any(each.kind is KINDS["daemonsets"] for each in commands),
    )


def unknown_place(clauses: Sequence[Clause], commands: Sequence[str], clusters: Collection[str]) -> str | None:
    """A word that names an environment, or is built like a cluster's name, and is none that the change is made in."""
    built_like = {name.split("-")[0] for name in clusters if "-" in name}
    said = " ".join(commands)
    for clause in clauses:
        for at, word in enumerate(clause.words[1:], start=1):
            if word.token.startswith("<") or not _follows_in(clause.words, at):
                continue
            behind = clause.words[at + 1].token if at + 1 < len(clause.words) else ""
            place = _ENVIRONMENTS.fullmatch(word.token) is not None and not _goes_on(behind)
            alike = "-" in word.token and word.token.split("-")[0] in built_like
            if (place or alike) and word.token not in said:
                return word.value
    return None


def _follows_in(words: Sequence[Word], at: int) -> bool:
    before = at - 1
    while before > 0 and words[before].token in {"the", "our", "my"}:
        before -= 1
    return words[before].token in _IN


def _goes_on(behind: str) -> bool:
    """Whether the word behind makes it something else ("in test mode")."""
    return behind not in {
        "",
        "and",
        "cluster",
        "clusters",
        "environment",
        "namespace",
        "env",
        "please",
        "pls",
        "too",
        "now",
        "region",
    }


def everywhere(clauses: Sequence[Clause], hit: Hit, clusters: Collection[str]) -> bool:
    """Whether a text speaks of every place where the change is made in one; a daemon set is everywhere in one."""
    return (
        len(clusters) > 1
        and len(hit.clusters) == 1
        and not hit.on_every_node
        and any(_EVERYWHERE.search(clause.text) for clause in clauses if clause.of(*NAMED))
    )


def ruled_out(clauses: Sequence[Clause], hit: Hit, current: str) -> str | None:
    """A name or a place that is hit and that a text excepts, denies or only compares with."""
    for clause in clauses:
        told: list[str] = []
        for at, word in enumerate(clause.words):
            if _is_hit(word, hit, current) and (
                _is_reason(clause.words, at)
                or _is_behind(told, named=word.token in NAMED)
                or _is_left(clause.words, at)
                or _is_of_another(clause.words, at)
            ):
                again = [other for each in clauses for other in each.words if other.value == word.value]
                if word is again[-1] or word.token == "<cluster>":
                    return word.value
            told.append(word.token)
    return None


def _is_reason(words: Sequence[Word], at: int) -> bool:
    """Whether it is a cluster that only tells why ("as prod-us has five")."""
    behind = words[at + 1].token if at + 1 < len(words) else ""
    return (
        words[at].token == "<cluster>"
        and at > 0
        and words[at - 1].token in {"as", "since", "because", "while", "like"}
        and behind in {"has", "had", "is", "was", "runs", "ran", "does", "did", "uses"}
    )


def _is_of_another(words: Sequence[Word], at: int) -> bool:
    """Whether it only tells whose or which other thing is spoken of ("the web team")."""
    behind = words[at + 1].token if at + 1 < len(words) else ""
    theirs = any(word.token in {"their", "its"} for word in words)
    return words[at].token in NAMED and not theirs and (behind in _OTHER_NOUN or behind == "excluded")


def _is_left(words: Sequence[Word], at: int) -> bool:
    """Whether it is to be left as it is."""
    behind = words[at + 1].token if at + 1 < len(words) else ""
    return at > 0 and words[at - 1].token == "leave" and behind in {"", "alone", "out", "be", "as", "untouched"}


def _is_behind(told: Sequence[str], *, named: bool) -> bool:
    kept = list(told)
    while kept and (kept[-1] in _ARTICLES or kept[-1] in KINDS):
        kept.pop()
    before = " ".join(kept)
    if not named and _BOUND.search(before) is not None:
        return False  # "no fewer than 2"
    if (_RELATED if named else _PLACE_RELATED).fullmatch(before) is not None:
        return True
    listed = re.fullmatch(r"(?:.* )?<\w+> and", before)
    if listed is not None:  # "all except cart and web"
        before = before.rsplit(" <", 1)[0]
    return (
        _RULES_OUT.fullmatch(before) is not None
        or _LIKENED.fullmatch(before) is not None
        or _WHOLE.search(before) is not None
    )


def _is_hit(word: Word, hit: Hit, current: str) -> bool:
    if word.token in NAMED:
        return word.value in hit.names
    if word.token in {"<number>", "<image>"}:
        return word.value in hit.values
    if word.token == "<cluster>":
        return word.value in hit.clusters
    return word.token == "here" and current in hit.clusters


def told_of(clauses: Sequence[Clause], hit: Hit, current: str) -> str | None:
    """A cluster that is hit and that only a remark names, where the request names another or the remark is content."""
    wanted: set[str] = set()
    told: dict[str, str] = {}
    for clause in clauses:
        wants = mood_of(clause.text, clause.mark) in {Mood.REQUEST, Mood.SHORT}
        wants = wants and (begins_with_imperative(clause.text) or _PROVEN.search(clause.text) is None)
        for word in clause.words:
            if word.token == "<cluster>" and not wants:
                told.setdefault(word.value, clause.text)
            elif word.token == "<cluster>":
                wanted.add(word.value)
            elif word.token == "here" and wants:
                wanted.add(current)
    for name, text in told.items():
        if name in hit.clusters and name not in wanted and (wanted or _PROVEN.search(text)):
            return name
    return None


def crossed(clauses: Sequence[Clause], commands: Sequence[Spoken], sort: frozenset[str], current: str) -> bool:
    """Whether what was said of one place or value would be done with another.

    A text is cut behind every run of what is of that sort, or before it where it begins with one.

    Args:
        clauses: what was said.
        commands: what would be done.
        sort: `PLACED` or `VALUED`.
        current: the cluster that the person is on.
    """
    parts = list(_cut_at(clauses, sort, current))
    if len(parts) < 2:
        return False
    all_of_sort = {value for part in parts for value in part.of_sort}
    for each in commands:
        held = {each.scope.cluster or current} if sort is PLACED else set(_values_of(each)) & all_of_sort
        for value in held:
            of_it = [part for part in parts if value in part.of_sort]
            names = {name for part in of_it for name in part.names}
            numbers = {number for part in of_it for number in part.numbers}
            count = each.flag("--replicas")
            if not of_it or (names and not names.intersection(each.names)):
                return True
            if numbers and count is not None and sort is PLACED and count not in numbers:
                return True
    return False


PLACED: Final = frozenset({"<cluster>", "here"})
VALUED: Final = frozenset({"<image>", "<setting>"})


def _values_of(command: Spoken) -> Iterator[str]:
    for part in command.rest:
        yield part
        yield part.partition("=")[2]


@dataclass(slots=True)
class _Part:
    of_sort: set[str]
    names: set[str]
    numbers: set[str]


def _cut_at(clauses: Sequence[Clause], sort: frozenset[str], current: str) -> Iterator[_Part]:
    words = [word for clause in clauses for word in clause.words if word.token in sort or _may_belong(word)]
    if sum(word.token in sort for word in words) < 2:
        return
    leads = words[0].token in sort
    part, closed = _Part(set(), set(), set()), False
    for word in words:
        ours = word.token in sort
        begins = (ours and leads and bool(part.names or part.numbers)) or (not ours and closed and not leads)
        if begins and part.of_sort:
            yield part
            part, closed = _Part(set(), set(), set()), False
        if ours:
            closed = True
            part.of_sort.add(current if word.token == "here" else word.value)
        elif word.token in NAMED:
            part.names.add(word.value)
        elif word.token == "<number>":
            part.numbers.add(word.value)
    if part.of_sort or part.names:
        yield part


def _may_belong(word: Word) -> bool:
    return word.token in NAMED or word.token in {"<number>", "it"}


_AS_WELL: Final = re.compile(r"\b(?:as well as|and also|and) (?:on |in )?(?:here\b|<cluster>)")
_BY_SO_MANY: Final = re.compile(
    r"\b(?:more|less|fewer|up|down by|by|double|twice|triple|half|halve|add|remove|drop|extra|additional|another|further|minus|plus|off|away|spare\w*"
    r"|take|knock|cut|lose|kill|shave|back|before|each|both|one|two|single|pair|couple|same|too|top)\b|[+-]\d"
)


_MORE_OR_LESS: Final = re.compile(r"\b(?:more|fewer|less|up(?! to\b)|down(?! to\b)|add|remove|extra)\b.*\band\b")


def other_number(clauses: Sequence[Clause], commands: Sequence[Spoken]) -> str | None:
    """A count that would be set where the text names other numbers, and no amount that is more or less.

    Args:
        clauses: what was said.
        commands: what would be done.
    """
    said = {word.value for clause in clauses for word in clause.of("<number>")}
    text = " ".join(clause.text for clause in clauses)
    counts = [each.flag("--replicas") for each in commands if each.verb == "scale"]
    if len(said) > 1 and len(counts) > 1 and _MORE_OR_LESS.search(text) is not None and len(counts) == len(commands):
        return counts[0]
    if not said or _BY_SO_MANY.search(text) is not None:
        return None
    return next((count for count in counts if count and count != "0" and count not in said), None)


def own_kind(clauses: Sequence[Clause], commands: Sequence[Spoken]) -> str | None:
    """A further object that a request names by its owner alone and that nothing is done with: "web and its service".

    Args:
        clauses: what was said.
        commands: what would be done.
    """
    done = {each.kind.plural for each in commands if each.kind is not None}
    if not any(each.verb == "delete" for each in commands):
        return None
    for clause in clauses:
        for own, word in pairwise(clause.words):
            if own.token == "its" and word.token in KINDS and word.token not in done | {"pods", "replicasets", "jobs"}:
                return word.value
    return None


def place_left_out(clauses: Sequence[Clause], hit: Hit, current: str) -> bool:
    """Whether a request names a cluster where nothing would be done, or one for only some of its steps.

    Args:
        clauses: what was said.
        hit: what would be hit.
        current: the cluster that the person is on.
    """
    asked = [clause for clause in clauses if mood_of(clause.text, clause.mark) in WANTS]
    named = {word.value for clause in asked for word in clause.of("<cluster>")}
    here = any("here" in f" {clause.text} ".replace(" not here ", " ").split() for clause in asked)
    if not named:
        return False
    left_out = named - hit.clusters and not any(_SPOKEN_OF.search(clause.text) for clause in asked)
    return (
        bool(left_out)
        or (here and current not in hit.clusters)
        or (len(named) == 1 and len(hit.clusters) > 1 and not here)
    )


_SPOKEN_OF: Final = re.compile(r"\b(?:like|as|not|instead|than|from|except|but|unlike|same)\b.*<cluster>")


def elsewhere_too(clauses: Sequence[Clause], hit: Hit) -> bool:
    """Whether a text names another place beside the only one where the change would be made.

    Args:
        clauses: what was said.
        hit: what would be hit.
    """
    return len(hit.clusters) == 1 and any(_AS_WELL.search(clause.text) for clause in clauses)


def missing(clauses: Sequence[Clause], commands: Sequence[Spoken], lines: Sequence[str], current: str) -> str | None:
    """A place, a name or a value of what is asked for that is in no command.

    Args:
        clauses: what was said.
        commands: what would be done.
        lines: the same as lines.
        current: the cluster that the person is on.
    """
    held = " ".join((*lines, *(each.scope.cluster or current for each in commands)))
    sized = any(each.verb in _SIZES for each in commands) or not commands
    called = _without_its_name(clauses, held)
    if called is not None:
        return called
    if any(_CORRECTED.search(clause.text) for clause in clauses):
        return None  # what was said first does not stand
    for clause in clauses:
        asked = mood_of(clause.text, clause.mark) is Mood.REQUEST
        if asked and not sized and (lost := _lost_count(clause, held)) is not None:
            return lost
        if not (begins_with_imperative(clause.text) or _ONLY_NAMES.fullmatch(clause.text)):
            continue
        for at, word in enumerate(clause.words):
            before, behind = (
                clause.words[near].token if 0 <= near < len(clause.words) else "" for near in (at - 1, at + 1)
            )
            if is_held(word.value, held):
                continue
            if _must_stand(word, before) or (not sized and word.token == "<number>" and _COPIES.fullmatch(behind)):
                return word.value
    return None


def _lost_count(clause: Clause, held: str) -> str | None:
    """A number of replicas that is asked for and that no command sets."""
    for word, behind in pairwise(clause.words):
        if word.token == "<number>" and _COPIES.fullmatch(behind.token) and word.value not in held:
            return word.value
    return None


def _without_its_name(clauses: Sequence[Clause], held: str) -> str | None:
    """What was to be called so, or the revision that was meant, where no command holds it."""
    makes = re.search(r"kubectl (?:create|expose|run) ", held) is not None
    for clause in clauses:
        for word, behind in pairwise(clause.words):
            called = (
                makes
                and word.token in {"named", "called"}
                and not behind.token.startswith("<")
                and is_valid_name(behind.value)
            )
            revision = word.token in {"revision", "rev"} and behind.token == "<number>" and "rollout undo" in held
            if (called or revision) and behind.value not in held and behind.token not in EMPTY:
                return behind.value
    return None


_SIZES: Final = frozenset({"scale", "autoscale", "create deployment", "patch"})
_CORRECTED: Final = re.compile(r"\b(?:no|wait|sorry|mean|meant|instead|rather)\b")
_ONLY_NAMES: Final = re.compile(
    r"(?:(?:<(?:workload|pod|node|object|cronjob|job)>|and|but|not|the) ?)+"
    r"(?:(?:at|in) (?:the same time|once|one go|parallel)|together|too|as well|please|pls|both|all|now|deployments|nodes|pods| )*"
)
_COPIES: Final = re.compile(COPIES)


def _must_stand(word: Word, before: str) -> bool:
    if word.token in {"<cluster>", "<image>", "<setting>"} or (word.token in NAMED and word.value == word.tag.low):
        return before not in {"from", "of", "not", "except", "than", "as", "like", "old", "using"}
    return word.token == "<number>" and before == "to"
