"""Finds the objects that a clause names, or the question to ask when that is not sure.

A name is looked for in the namespace that was said, else in the current one, else everywhere. Where two objects
would do equally well, the answer is a question.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.nlp.translator.frame import Frame
from app.nlp.translator.kubectl import Scope
from app.nlp.translator.lexicon.kinds import KINDS, Kind, kind_of
from app.nlp.translator.lexicon.parts import Part, Verb
from app.nlp.translator.names import Known, NameMatch, near_names
from app.nlp.translator.plan import Plan, ask
from app.nlp.translator.tagger import Tag
from app.nlp.translator.vocabulary import Entry


@dataclass(frozen=True, slots=True)
class Target:
    """One object on one cluster, and how surely it is meant."""

    entry: Entry
    cluster: str | None
    score: float

    @property
    def scope(self) -> Scope:
        """Where a command on it acts."""
        return Scope(self.entry.namespace, self.cluster)

    @property
    def path(self) -> str:
        """It as kubectl names it: kind/name."""
        return f"{kind_of(self.entry.kind).singular}/{self.entry.name}"


NOT_FOUND = "I find no"  # begins the question after a name that nothing has


def find_targets(frame: Frame, kinds: Sequence[str]) -> list[Target] | Plan:
    """The objects that the clause names, on each cluster that it names.

    Args:
        frame: the clause.
        kinds: plurals of the kinds that the request can act on, the likeliest first; a kind that is said and among
            them wins.

    Returns:
        at least one target, or the question to ask.
    """
    found: list[Target] = []
    for tag in frame.names:
        entry = _choose(frame, tag, kinds)
        if isinstance(entry, Plan):
            return entry
        clusters = (
            [tag.value.cluster]
            if isinstance(tag.value, Known) and not frame.has(Part.CLUSTER, Part.EVERY_CLUSTER)
            else frame.clusters
        )
        found += [Target(entry, cluster, tag.score) for cluster in clusters]
    if found:
        return list(dict.fromkeys(found))
    return name_unknown(frame, kinds)


def name_unknown(frame: Frame, kinds: Sequence[str]) -> Plan:
    """The question for a clause whose object was not found, with the nearest names."""
    missing = frame.first(Part.MISSING) or next(iter(frame.unread or frame.unknown), None)
    what = frame.kind.singular if frame.kind else "object"
    if missing is None:
        some = [
            e.name
            for names in frame.vocabulary.names.values()
            for e in names
            if e.kind in kinds and e.namespace in {"", frame.context.namespace}
        ]
        return ask(f"Which {what} do you mean?", sorted(set(some))[:6], reading=frame.reading())
    if missing.part is Part.MISSING and str(missing.value).startswith(("namespace ", "cluster ")):
        sort, _, name = str(missing.value).partition(" ")
        known = frame.vocabulary.namespaces if sort == "namespace" else frame.vocabulary.clusters
        return ask(f"I know no {sort} “{name}”. There is: {', '.join(sorted(known)[:10])}.", reading=frame.reading())
    if not missing.words.isascii():
        return ask(
            f"“{missing.words}” holds letters that look like others. Names have plain ones only. Please type "
            f"the name again.",
            confidence=0.0,
        )
    near = near_names(frame.vocabulary, missing.low)
    hint = f" Nearest: {', '.join(near)}." if near else ""
    return ask(f"{NOT_FOUND} {what} “{missing.words}”.{hint}", near, reading=frame.reading())


def kind_beside(frame: Frame, tag: Tag) -> Kind | None:
    """The kind that was said for a name: with it, just before or behind it, or for the whole clause."""
    if isinstance(tag.value, NameMatch) and tag.value.kind:
        return KINDS.get(tag.value.kind)
    for neighbour in (frame.before(tag), frame.after(tag)):
        if neighbour is not None and isinstance(neighbour.value, Kind):
            return neighbour.value
    kinds = frame.kinds
    return kinds[0] if len(kinds) == 1 else None


def _choose(frame: Frame, tag: Tag, kinds: Sequence[str]) -> Entry | Plan:
    if isinstance(tag.value, Known):
        return _known(frame, tag.value, kinds)
    if not isinstance(tag.value, NameMatch):
        return name_unknown(frame, kinds)
    said = kind_beside(frame, tag)
    order = [said.plural, *(k for k in kinds if k != said.plural)] if said and said.plural in kinds else list(kinds)
    if said is not None and said.plural not in frame.vocabulary.kinds and said.plural in kinds:
        return _unlisted(frame, tag.value.names[0], said)
    everything = [e for name in tag.value.names for e in frame.vocabulary.names[name] if e.kind in order]
    if not everything:
        return _wrong_kind(frame, tag, kinds)
    spaces = frame.namespaces
    if spaces and not frame.namespace_object:
        placed = [e for e in everything if not e.namespace or e.namespace in spaces]
        if not placed:
            where = ", ".join(sorted({e.namespace for e in everything})[:5])
            return ask(f"I find no {tag.words} in {' or '.join(spaces)}; it is in {where}.", reading=frame.reading())
        everything = placed
    here = [e for e in everything if e.namespace in {"", frame.context.namespace}] or everything
    for kind in order:
        found = [e for e in here if e.kind == kind]
        if len({e.name for e in found}) > 1 and len(tag.value.names) > 1:
            break
        if len(found) == 1:
            return found[0]
        if found:
            return _which_namespace(frame, found)
    return _which_name(frame, tag, here)


def _unlisted(frame: Frame, name: str, kind: Kind) -> Entry:
    """An object of a kind whose names were not sent, by another object of its name ("the endpoints of checkout")."""
    alike = frame.vocabulary.names[name]
    here = next((e for e in alike if e.namespace == frame.context.namespace), alike[0])
    said = frame.namespaces[0] if frame.namespaces else here.namespace
    return Entry(kind.plural, said if kind.namespaced else "", name)


def _known(frame: Frame, known: Known, kinds: Sequence[str]) -> Entry | Plan:
    """What "it" stands for; a request that a pod can't take goes to the workload that owns it."""
    if known.entry.kind in kinds:
        return known.entry
    owner = frame.vocabulary.owner_of.get((known.entry.namespace, known.entry.name))
    if owner is not None and owner.kind in kinds:
        return owner
    alike = [
        e
        for e in frame.vocabulary.names.get(known.entry.name, ())
        if e.kind in kinds and e.namespace == known.entry.namespace
    ]
    if len(alike) == 1:
        return alike[0]
    what = kind_of(known.entry.kind).singular
    return ask(f"That can't be done to the {what} {known.entry.name}. What do you mean?", reading=frame.reading())


def _wrong_kind(frame: Frame, tag: Tag, kinds: Sequence[str]) -> Plan:
    assert isinstance(tag.value, NameMatch)
    entry = frame.vocabulary.names[tag.value.names[0]][0]
    allowed = ", ".join(kinds[:3])
    return ask(
        f"{entry.name} is a {kind_of(entry.kind).singular}; this is possible for {allowed}.", reading=frame.reading()
    )


def _which_namespace(frame: Frame, found: Sequence[Entry]) -> Plan:
    spaces = sorted(e.namespace for e in found)
    said = _said(frame)
    choices = [f"{said} in {space}" for space in spaces[:6]]
    return ask(f"There is a {found[0].name} in {', '.join(spaces[:6])}. Which one?", choices, reading=frame.reading())


def _which_name(frame: Frame, tag: Tag, found: Sequence[Entry]) -> Plan:
    names = sorted({e.name for e in found})[:6]
    said = _said(frame)
    choices = [said.replace(tag.words, name, 1) for name in names]
    return ask(f"Which do you mean: {', '.join(names)}?", choices, reading=frame.reading())


def _said(frame: Frame) -> str:
    return " ".join(t.words for t in frame.tags if t.part is not Part.MARK)


def verb_tag(frame: Frame) -> Tag | None:
    """The first verb of the clause."""
    return next((t for t in frame.tags if isinstance(t.value, Verb)), None)
