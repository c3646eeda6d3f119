"""What "it", "them", "the second one" stand for: objects that earlier turns named or showed."""

from __future__ import annotations

from app.nlp.translator.frame import Frame
from app.nlp.translator.kubectl import Spoken, read_line
from app.nlp.translator.lexicon.kinds import WORKLOADS, kind_of
from app.nlp.translator.lexicon.parts import Form, Part, Verb
from app.nlp.translator.names import Known
from app.nlp.translator.plan import Context, Plan, Turn, ask
from app.nlp.translator.tagger import Tag
from app.nlp.translator.vocabulary import Entry, Vocabulary, is_valid_name

MAX_REFERENTS = 5  # objects that "them" may stand for
_PLACES = frozenset({"namespaces"})


def last_spoken(context: Context) -> tuple[Turn, Spoken] | None:
    """The last turn with a command that can be asked again."""
    for turn in reversed(context.turns):
        spoken = read_line(turn.command)
        if spoken is not None:
            return turn, spoken
    return None


def referents(vocabulary: Vocabulary, context: Context) -> list[Known]:
    """The objects that the latest turn with any named, else those that it showed."""
    for turn in reversed(context.turns):
        spoken = read_line(turn.command)
        if spoken is None or spoken.kind is None:
            continue
        names = spoken.names or turn.rows
        found = [known for name in names if (known := _known(vocabulary, context, spoken, name)) is not None]
        if not names:
            found = _selected(vocabulary, context, spoken)
        if found:
            return found
    return []


def _selected(vocabulary: Vocabulary, context: Context, spoken: Spoken) -> list[Known]:
    """The workload whose pods were asked for by its labels, before anybody saw them."""
    selector = spoken.flag("-l")
    if selector is None or spoken.scope.namespace is None:
        return []
    space = spoken.scope.namespace or context.namespace
    owners = [
        entry
        for entries in vocabulary.names.values()
        for entry in entries
        if entry.kind in WORKLOADS and entry.namespace == space and vocabulary.selector_of(entry) == selector
    ]
    return [Known(owners[0], spoken.scope.cluster)] if len(owners) == 1 else []


def _known(vocabulary: Vocabulary, context: Context, spoken: Spoken, name: str) -> Known | None:
    assert spoken.kind is not None
    plain = name.partition("/")[2] or name
    if not is_valid_name(plain):
        return None  # a cell of a table is text from a cluster: what is no name never becomes part of a command
    kind = kind_of(spoken.kind.plural)
    if not kind.namespaced:
        return Known(Entry(kind.plural, "", plain), spoken.scope.cluster)
    namespace = spoken.scope.namespace
    if namespace is None:
        entry = next((e for e in vocabulary.names.get(plain, ()) if e.kind == kind.plural), None)
        return Known(entry, spoken.scope.cluster) if entry is not None else None
    return Known(Entry(kind.plural, namespace or context.namespace, plain), spoken.scope.cluster)


def resolve(frame: Frame, *, is_change: bool) -> Plan | None:
    """Put the objects that are meant in the place of the words that stand for them.

    Args:
        frame: changed in place.
        is_change: whether a change is asked for, of which a doubtful reference must not become part.

    Returns:
        a question when it is not clear what is meant, else None.
    """
    known: list[Known] | None = None
    tags: list[Tag] = []
    for tag in frame.tags:
        role = _role(frame, tag)
        if role is None:
            tags.append(_as_filler(tag) if tag.part in {Part.REFERENCE, Part.ORDINAL} else tag)
            continue
        if known is None:
            known = referents(frame.vocabulary, frame.context)
        if not known:
            if is_change or tag.part is Part.ORDINAL:
                return ask(f"What do you mean by “{tag.words}”? Please name it.", reading=frame.reading())
            tags.append(_as_filler(tag))
            continue
        chosen = _choose(frame, tag, known, is_change=is_change)
        if isinstance(chosen, Plan):
            return chosen
        tags += [Tag(Part.NAME, k, k.entry.name, tag.start, tag.end, 0.97) for k in chosen]
    frame.tags = tags
    return None


def _role(frame: Frame, tag: Tag) -> str | None:
    """How the word refers, or None where it does not refer to an object."""
    if tag.part is Part.ORDINAL:
        rows = any(turn.rows for turn in frame.context.turns)
        noise = tag.low == "first" and (frame.has(Part.ORDER) or tag is frame.tags[-1] or not rows)
        return None if noise else "ordinal"
    if tag.part is not Part.REFERENCE or frame.has_topic("version", "whoami"):
        return None
    if tag.low == "it" and frame.says("who", "who was", "who is"):
        return None  # "who was it that drained node-a?"
    if any(t.part is Part.NAME for t in frame.tags[: frame.tags.index(tag)]):
        return None  # "the web deployment, describe it"
    following = frame.after(tag)
    if (
        tag.value == "many"
        and following is not None
        and following.low in {"that are", "which are", "that have", "that"}
    ):
        return None  # "only those that are not running"
    if following is not None:
        if tag.low == "that" and (following.part in {Part.STATUS, Part.AUXILIARY, Part.TOPIC} or _is_form(following)):
            return None
        if following.part is Part.NAME or (following.low in {"cluster", "namespace"}):
            return None
    return str(tag.value)


def _is_form(tag: Tag) -> bool:
    return isinstance(tag.value, Verb) and tag.value.form is Form.OTHER


def _choose(frame: Frame, tag: Tag, known: list[Known], *, is_change: bool) -> list[Known] | Plan:
    if tag.part is Part.ORDINAL:
        last = last_spoken(frame.context)
        if last is not None and not (last[1].names or last[0].rows):
            # The workload whose pods were asked for is known, and none of them is it.
            return ask(f"I don't know which were shown. Which is {tag.words}? Please name it.", reading=frame.reading())
        index = int(str(tag.value))
        if not -len(known) <= index < len(known):
            return ask(
                f"There were only {len(known)}. Which one do you mean?",
                [k.entry.name for k in known[:6]],
                reading=frame.reading(),
            )
        return [known[index]]
    if len(known) == 1:
        return known
    names = [k.entry.name for k in known]
    both = tag.low.startswith("both") or frame.says("both")
    named = not (is_change and _only_shown(frame)) or (both and len(known) == 2)
    if tag.value == "many" and len(known) <= MAX_REFERENTS and named:
        return known
    return ask(f"Which one do you mean: {', '.join(names[:6])}?", names[:6], reading=frame.reading())


def _only_shown(frame: Frame) -> bool:
    """Whether the objects were merely rows of a table, which nobody named."""
    last = last_spoken(frame.context)
    return last is not None and not last[1].names


def _as_filler(tag: Tag) -> Tag:
    return Tag(Part.FILLER, "", tag.words, tag.start, tag.end, tag.score)


def lend_referent(frame: Frame) -> None:
    """Let a request that names nothing ("and the logs?") be about what was spoken of last, where that is one thing."""
    known = referents(frame.vocabulary, frame.context)
    if len(known) == 1:
        end = frame.tags[-1].end if frame.tags else 0
        frame.tags = [*frame.tags, Tag(Part.NAME, known[0], known[0].entry.name, end, end, 0.93)]
