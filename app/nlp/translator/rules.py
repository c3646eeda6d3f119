"""Reads a text by the rules alone: its words tagged, cut into clauses, each read by what fits it best.

A pure function of the text, the context and the vocabulary: no clock, no I/O, no state. What no rule has a form for is
left to `translate`, which knows other ways.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from app.nlp.translator import inspection, listing, restraint, surroundings
from app.nlp.translator.afterwards import afterwards, in_what_is_made, place_shown, with_what_was_shown
from app.nlp.translator.changes import change
from app.nlp.translator.clauses import MAX_CLAUSES, split
from app.nlp.translator.conversation import follow_up, reply
from app.nlp.translator.correcting import corrected
from app.nlp.translator.frame import Frame
from app.nlp.translator.imperative import is_about_change
from app.nlp.translator.kubectl import line, words_of
from app.nlp.translator.lexicon.kinds import BY_IMPORTANCE, KINDS
from app.nlp.translator.lexicon.parts import CHANGES, Action, Form, Part, Verb
from app.nlp.translator.lexicon.verbs import VERBS
from app.nlp.translator.needs import as_requests
from app.nlp.translator.plan import CHANGING, DONE, Behaviour, Context, Plan, Turn, answer, ask, refuse, strictest
from app.nlp.translator.references import lend_referent, resolve
from app.nlp.translator.remarks import pieces_of, without_remarks
from app.nlp.translator.rewordings.reading import reworded
from app.nlp.translator.tagger import Tag, Tagger
from app.nlp.translator.targets import find_targets, name_unknown
from app.nlp.translator.templates.sizing import several, with_resources_together
from app.nlp.translator.templates.told import told
from app.nlp.translator.vocabulary import Vocabulary

_READERS = (
    surroundings.rights,
    surroundings.identity,
    surroundings.operations,
    surroundings.talk,
    surroundings.outside,
    inspection.diagnosis,
    inspection.logs,
    inspection.events,
    inspection.usage,
    inspection.rollout,
    inspection.description,
    listing.claims,
    listing.endpoints,
    listing.document,
    listing.listing,
    listing.status,
    listing.everything,
)
_LOOKS = frozenset({Action.SHOW.value, Action.COUNT.value, Action.DESCRIBE.value})
_VALUED = frozenset({Part.NUMBER.value, Part.IMAGE.value, Part.SELECTOR.value, Part.DURATION.value, Part.METRIC.value})
MAX_WORDS = 120  # a spoken request has a tenth of it; more was pasted
_NOT_UNDERSTOOD = "I did not understand that. I read English requests about Kubernetes, such as:"
_CAME_TO_BE = frozenset({"created", "started", "deployed", "made"})  # of an age, where kinds are listed
_READS = frozenset({Behaviour.RUN, Behaviour.DIAGNOSE})


def by_rules(
    plain: str, context: Context, vocabulary: Vocabulary, tagger: Tagger | None = None, *, read: Plan | None = None
) -> Plan:
    """The plan that the rules make, without a look at known sentences.

    Args:
        plain: a text that `look_over` found plain.
        context: where the person stands, with earlier turns.
        vocabulary: the names that the person may see.
        tagger: of this vocabulary, where it has read some of the text already.
        read: what `read_plain` made of it, where it was asked already.
    """
    tagger = tagger or Tagger(vocabulary)
    plan = read_plain(plain, context, vocabulary, tagger) if read is None else read
    if plan.behaviour not in CHANGING:
        for request in as_requests(plain):
            wanted = read_plain(request, context, vocabulary, tagger)
            if wanted.behaviour is Behaviour.REFUSE:
                return wanted
            if wanted.behaviour in CHANGING and not any(line.startswith("kubectl get ") for line in wanted.commands):
                return replace(wanted, confidence=round(wanted.confidence * 0.95, 2))
    begins_change = plan.behaviour in _READS and _begins_with_change(plain, tagger)
    if not (begins_change or is_unclear(plan)):
        return plan
    again = without_remarks(
        plain,
        lambda part: read_plain(part, context, vocabulary, tagger),
        tagger,
        changes_alone=begins_change,
    )
    return plan if again is None else again


def _begins_with_change(plain: str, tagger: Tagger) -> bool:
    """Whether a part of a text begins with the verb of a change: that it was read otherwise may be due to the rest."""
    pieces = pieces_of(plain)
    if len(pieces) < 2:
        return False
    for piece in pieces:
        if piece.lower().startswith(("so ", "please ", "pls ", "can you ", "could you ")):
            return True
        first = next((t for t in tagger(piece) if t.part not in {Part.COURTESY, Part.MARK}), None)
        sense = None if first is None else VERBS.get((first.low.split()[0],))
        verb = None if sense is None else sense.value
        if isinstance(verb, Verb) and verb.form is Form.BASE and verb.action in CHANGES:
            return True
    return False


def is_bare_look(plan: Plan) -> bool:
    """Whether it only names what to look at."""
    return len(plan.commands) == 1 and plan.commands[0].startswith("kubectl get ") and not plan.view


def is_unclear(plan: Plan) -> bool:
    """Whether a text led to a question, or to what this chat is not for: perhaps only what is said beside it did."""
    return plan.behaviour is Behaviour.CLARIFY or plan.say == surroundings.NOT_FOR_THAT


def read_plain(plain: str, context: Context, vocabulary: Vocabulary, tagger: Tagger) -> Plan:
    """The plan of a text as a whole, remarks and all.

    Args:
        plain: a text that `look_over` found plain.
        context: where the person stands, with earlier turns.
        vocabulary: the names that the person may see.
        tagger: of this vocabulary.
    """
    tags = tagger(reworded(plain))
    words = tags[-1].end if tags else 0
    if words > MAX_WORDS:
        return ask(f"That is {words} words; I read up to {MAX_WORDS}. Please say it shorter.", confidence=0.0)
    whole = with_what_was_shown(Frame(tags, vocabulary, context))
    tags = whole.tags
    refused = surroundings.secret_values(whole) or restraint.everything_off(plain, whole)
    if refused is not None:
        return refused
    said = corrected(whole) or reply(whole) or afterwards(whole) or _follow_up(whole) or several(whole) or told(whole)
    if said is not None:
        return said
    clauses = split(_without_leading_reply(tags, context))
    if len(clauses) > MAX_CLAUSES:
        return ask(
            f"That is more than {MAX_CLAUSES} steps at once. Please say them one after another.",
            reading=whole.reading(),
        )
    return _translate_clauses(clauses, whole)


def _follow_up(whole: Frame) -> Plan | None:
    if not whole.context.turns:
        return None
    return follow_up(Frame(whole.tags, whole.vocabulary, whole.context))


def _without_leading_reply(tags: list[Tag], context: Context) -> list[Tag]:
    """Drop the "no" of "no, restart cart instead": the new request is the answer."""
    if (
        len(tags) > 2
        and tags[0].part is Part.REPLY
        and tags[0].value in {"no", "yes"}
        and tags[1].part is Part.MARK
        and context.turns
    ):
        return tags[2:]
    return tags


def _translate_clauses(clauses: list[list[Tag]], whole: Frame) -> Plan:
    plans: list[Plan] = []
    context = whole.context
    if any(_takes_back(tags) for tags in clauses[1:]):
        return answer("Understood: nothing is changed.", reading=whole.reading())
    suspect = len(clauses) > 1 and any(_taints(Frame(tags, whole.vocabulary, context)) for tags in clauses)
    for tags in clauses:
        frame = place_shown(Frame(tags, whole.vocabulary, context))
        frame = in_what_is_made(frame, [command for plan in plans for command in plan.commands])
        if (
            len(clauses) > 1
            and _is_statement(frame)
            and (_tells_a_state(frame) or not restraint.speaks_of_another(frame))
        ):
            context = replace(context, turns=(*context.turns, *_spoken_of(frame)))
            continue
        if len(clauses) > 1 and not frame.verbs() and (frame.has(Part.QUOTATION) or frame.has(Part.REPORT)):
            continue  # what somebody said or wrote asks for nothing; `suspect` has taken note of it
        told_of = suspect or not any(v.action in CHANGES for _, v in frame.verbs(Form.BASE))
        if len(clauses) > 1 and told_of and is_about_change(frame):
            if _is_told_beside_a_question(tags, clauses, whole):
                context = replace(context, turns=(*context.turns, *_spoken_of(frame)))
                continue
            if suspect:
                return restraint.explain(whole)
        plan = _translate_clause(frame, whole.tags)
        if (
            plan.behaviour not in DONE
            and len(clauses) > 1
            and (_is_remark(frame, plan) or _is_told_of_people(frame, plan))
        ):
            continue
        plans.append(plan)
        context = replace(context, turns=(*context.turns, *(Turn(command) for command in plan.commands)))
    if not plans:
        return _not_understood(whole)
    return combined(plans)


def _takes_back(tags: list[Tag]) -> bool:
    """Whether a later clause takes back what was asked for before it ("scale web to 5. no, do not do that")."""
    content = [t for t in tags if t.part not in {Part.COURTESY, Part.MARK, Part.FILLER, Part.LINK}]
    return bool(content) and all(t.part is Part.REPLY and t.value == "no" for t in content)


def _taints(frame: Frame) -> bool:
    """Whether a clause makes every change beside it doubtful: it reports, supposes or forbids without asking for it."""
    return restraint.speaks_of_another(frame)


def _is_told_beside_a_question(tags: list[Tag], clauses: list[list[Tag]], whole: Frame) -> bool:
    """Whether a change is only reported or forbidden, and what is asked for is to look ("is it still there?")."""
    others = [Frame(other, whole.vocabulary, whole.context) for other in clauses if other is not tags]
    own = Frame(tags, whole.vocabulary, whole.context)
    return (
        not own.has(Part.HEDGE)
        and not any(is_about_change(other) or restraint.speaks_of_another(other) for other in others)
        and any(other.is_question or other.has_action(Action.SHOW, Action.DESCRIBE) for other in others)
    )


def _is_statement(frame: Frame) -> bool:
    """Whether a clause tells something about an object ("checkout is broken") and asks for nothing."""
    if frame.verbs() or frame.is_question or not frame.tags or frame.tags[0].part not in {Part.NAME, Part.REFERENCE}:
        return False
    told = frame.has(Part.AUXILIARY) or frame.has(Part.STATUS) or frame.has_topic("diagnose")
    return told and not frame.numbers


def _tells_a_state(frame: Frame) -> bool:
    """Whether it says how something is, at whatever time ("it is dead quiet tonight")."""
    hedged = all(tag.value == "schedule" for tag in frame.of(Part.HEDGE))
    return frame.has(Part.STATUS) and hedged and not frame.has(Part.REPORT) and not frame.has(Part.QUOTATION)


def _spoken_of(frame: Frame) -> list[Turn]:
    """What a statement was about, so that "it" in the request beside it is understood."""
    targets = find_targets(frame, BY_IMPORTANCE) if frame.names else []
    if isinstance(targets, Plan):
        return []
    return [Turn(line(["get", t.path], t.scope)) for t in targets]


def _is_remark(frame: Frame, plan: Plan) -> bool:
    """A clause beside the request that asks for nothing ("checkout is slow."), or a mere courtesy."""
    return plan.confidence == 0 and not is_about_change(frame) and not frame.unread and not frame.numbers


def _is_told_of_people(frame: Frame, plan: Plan) -> bool:
    """Whether a clause beside a request only tells what somebody did ("the team has moved out")."""
    asks = frame.is_question or bool(frame.names) or bool(frame.kinds)
    return plan.question is not None and plan.question.topic == "audit" and not asks


def _is_told(plan: Plan) -> bool:
    """Whether a clause beside a change only named its object ("web-config is not used any longer, delete it")."""
    return (
        plan.behaviour is Behaviour.RUN
        and not any(reading.part == Part.VERB.value and reading.value in _LOOKS for reading in plan.reading)
        and (
            len(plan.commands) == 1
            and plan.commands[0].startswith("kubectl get ")
            and "/" in plan.commands[0]
            and not plan.view
        )
    )


def _looks_again(plan: Plan, changed: list[str]) -> bool:
    """Whether a clause beside a change merely names what is changed: "nobody has looked at it in months, bin it"."""
    says_more = any(reading.part in _VALUED for reading in plan.reading)
    return (
        plan.behaviour is Behaviour.RUN
        and is_bare_look(plan)
        and not says_more
        and words_of(plan.commands[0])[2] in changed
    )


def _is_named_again(plan: Plan, plans: list[Plan]) -> bool:
    """Whether a clause merely names what another looks at: "prometheus seems unhappy, fetch its log"."""
    if (
        plan.behaviour is not Behaviour.RUN
        or not is_bare_look(plan)
        or any(r.part == Part.VERB.value for r in plan.reading)
    ):
        return False
    told = any(reading.part in {Part.STATUS.value, Part.TOPIC.value} for reading in plan.reading)
    named = words_of(plan.commands[0])[2]
    return told and any(not is_bare_look(other) and named in " ".join(other.commands) for other in plans)


def _goes_to(line: str, revised: Collection[str]) -> bool:
    """Whether another step takes the same back to a revision that is named."""
    return any(line.startswith(f"{each} ") or line == each for each in revised) and "--to-revision=" not in line


def combined(plans: list[Plan]) -> Plan:
    """One plan of several steps; a step that is not clear keeps the others from being done.

    Args:
        plans: of the steps, in order; at least one.
    """
    unclear = [p for p in plans if p.behaviour not in DONE]
    if unclear and len(plans) > 1:
        first = unclear[0]
        return replace(first, confidence=min(first.confidence, 0.4), reading=tuple(r for p in plans for r in p.reading))
    changed = [word for p in plans if p.behaviour in CHANGING for line in p.commands for word in words_of(line)]
    if changed:
        plans = [p for p in plans if not _is_told(p) and not _looks_again(p, changed)] or plans
    revised = {
        p.commands[0].partition(" --to-revision=")[0] for p in plans if p.commands and "--to-revision=" in p.commands[0]
    }
    plans = [
        p
        for p in plans
        if not any(each.startswith("kubectl rollout undo ") and _goes_to(each, revised) for each in p.commands)
    ]
    if len(plans) == 1:
        return plans[0]
    plans = [p for p in plans if not _is_named_again(p, plans)]
    if len(plans) == 1:
        return plans[0]
    moves = [p.action for p in plans if p.action.startswith("set ")]
    if moves and any(p.commands for p in plans):
        # One answer either moves or does something: what is done names its place itself.
        where = moves[0].removeprefix("set ").replace("context ", "cluster ")
        done = combined([p for p in plans if not p.action])
        return replace(done, say=f"{done.say} You stay where you are; say “switch to {where}” to move.".strip())
    return Plan(
        strictest(p.behaviour for p in plans),
        with_resources_together(dict.fromkeys(command for p in plans for command in p.commands)),
        say=" ".join(p.say for p in plans if p.say),
        confidence=min(p.confidence for p in plans),
        reading=tuple(r for p in plans for r in p.reading),
        target=next((p.target for p in plans if p.target), ""),
        action=next((p.action for p in plans if p.action), ""),
        view=plans[0].view if len({p.view for p in plans}) == 1 else Plan(Behaviour.RUN).view,
    )


def _translate_clause(frame: Frame, told_before: list[Tag]) -> Plan:
    """The plan of a clause; the forms of words have been tried on `told_before` already."""
    if frame.has(Part.OUTSIDE) and not frame.names and not frame.kinds:
        return _not_understood(frame)
    if frame.has(Part.REPLY, "outcome") and frame.context.turns:
        said = reply(frame)
        if said is not None:
            return said
    switched = surroundings.switch(frame)
    if switched is not None:
        return switched
    about_change = is_about_change(frame) or any(v.action is Action.LIGHT for _, v in frame.verbs(Form.BASE))
    unclear = resolve(frame, is_change=is_about_change(frame) and not _reads_change(frame))
    if unclear is not None:
        return unclear
    fitting = None if frame.tags == told_before else told(frame)
    if fitting is not None:
        return fitting
    if not _reads_change(frame):
        wanted = change(frame)
        if wanted is not None:
            return wanted
        if about_change and is_about_change(frame):
            return restraint.explain(frame)
        if frame.has(Part.AMOUNT, "more", "fewer") and frame.has(Part.COPIES) and frame.names:
            return ask("Shall I change the number of replicas? Say to how many.", reading=frame.reading())
    return _read(frame)


def _reads_change(frame: Frame) -> bool:
    """Whether a verb of change stands in a question that reads: rights, causes, restarts as a filter."""
    if frame.has_topic("can-i"):
        return True
    aged = bool(frame.kinds) and (
        frame.has(Part.COMPARISON) or frame.has(Part.ORDER) or frame.has(Part.QUESTION, "what")
    )
    verbs = [v for t, v in frame.verbs() if v.action is not Action.LIGHT and not (aged and t.low in _CAME_TO_BE)]
    if not verbs and aged:
        return True
    changing = [v for v in verbs if v.action not in {Action.SHOW, Action.COUNT, Action.DESCRIBE, Action.SWITCH}]
    if frame.has(Part.QUESTION, "why") or frame.has_topic("diagnose"):
        return all(v.action in {Action.RESTART, Action.STOP, Action.OTHER} for v in changing)
    restarts = bool(changing) and all(v.action is Action.RESTART for v in changing)
    counted = frame.has(Part.QUESTION, "how many") or frame.has(Part.ORDER, "most")
    which = frame.has(Part.QUESTION, "what") and not frame.names and not frame.kinds
    filtered = (KINDS["pods"] in frame.kinds or which) and all(v.form is Form.OTHER or counted for v in changing)
    return restarts and (filtered or counted)


def _read(frame: Frame) -> Plan:
    if not frame.names and not frame.kinds and not frame.unread and _wants_referent(frame):
        lend_referent(frame)
    place = frame.first(Part.MISSING)
    if place is not None and (frame.kinds or frame.has(Part.TOPIC) or frame.verbs()):
        return name_unknown(frame, tuple(KINDS))
    vague = next((t for t in frame.of(Part.NAMESPACE) if t.score == 0.4), None)
    if vague is not None:
        return ask(
            f"{vague.value} is a namespace and a cluster. Which one do you mean?",
            [f"namespace {vague.value}", f"cluster {vague.value}"],
            reading=frame.reading(),
        )
    found = [candidate for reader in _READERS if (candidate := reader(frame)) is not None]
    if not found:
        return _not_understood(frame)
    best = max(found, key=lambda candidate: candidate.score)
    if frame.unread and _speaks_other_words(frame):
        return _not_understood(frame)
    if frame.unread and not frame.names and best.score < 0.9 and (frame.kinds or frame.verbs()):
        return name_unknown(frame, tuple(KINDS))
    plan = best.make()
    if plan.behaviour is Behaviour.RUN and frame.unknown:
        return replace(plan, confidence=round(plan.confidence * 0.97 ** len(frame.unknown), 2))
    return plan


def _wants_referent(frame: Frame) -> bool:
    topics = {str(t.value) for t in frame.of(Part.TOPIC)}
    if frame.has_action(Action.DESCRIBE) or topics & {"logs", "rollout", "history", "yaml"}:
        return True
    return bool(topics & {"events", "top", "status"}) and frame.has(Part.LINK)


def _speaks_other_words(frame: Frame) -> bool:
    """Whether most of it is in words that are not known: prose about something else, or another language."""
    known = [t for t in frame.content if t.part not in {Part.UNKNOWN, Part.AUXILIARY, Part.PERSON, Part.QUESTION}]
    return len(frame.unread) >= 3 or len(frame.unread) > len(known)


def _not_understood(frame: Frame) -> Plan:
    if frame.has(Part.OUTSIDE):
        return refuse(surroundings.NOT_FOR_THAT, reading=frame.reading())
    verb = next((v for _, v in frame.verbs()), None)
    if isinstance(verb, Verb) and verb.action is Action.SHOW and frame.unread:
        return name_unknown(frame, tuple(KINDS))
    return Plan(
        Behaviour.CLARIFY, say=_NOT_UNDERSTOOD, choices=surroundings.EXAMPLES, confidence=0.0, reading=frame.reading()
    )
