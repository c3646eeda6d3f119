"""How a clause is meant: as a request, a question, a remark, or as what must not be done.

Words alone tell it, whatever they are about. Where a clause could be either, it is no request: closed by default.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import Final


class Mood(StrEnum):
    """How a clause is meant."""

    REQUEST = "request"  # in the imperative, as a wish or a need, or as how things should be
    SHORT = "short"  # no finite verb at all: "two more web pods on top"
    QUESTION = "question"
    REMARK = "remark"
    PAST = "past"
    CONDITION = "condition"
    REPORT = "report"
    DENIAL = "denial"
    LETS_NOT = "not to be let happen"
    LATER = "later"


_OF_ONE_TEXT: Final = 64  # clauses, which several readers of a text ask about one after another
_CONDITION: Final = re.compile(
    r"^had (?:we|i|they|you|he|she) \w+ed\b|\b(?:if|unless|whenever|suppose|supposing|assuming|provided|whether|in case|otherwise|every time|each time"
    r"|only when|once (?:the|we|i|it|they|that|this|all|everything|<)|when (?:it|we|the|they|that|<)|as soon as|after (?!that\b|this\b|all\b))\b"
)
_REPORT: Final = re.compile(
    r"\b(?:said|says(?! <(?:setting|key|image)>)|say|told|tells|asked|asks|thinks|think|claims?|claimed|wrote|writes|written|heard|suggests?|suggested|recommends?|recommended"
    r"|according to|supposedly|reportedly|apparently|goes like|mentioned|insists?|argues?|proposed|proposes|rumou?r|wonder|wondering|contains the line"
    r"|dreamt|dreamed|joked|promised|announced|decided not|reads|fyi|for your information|for the record|just so you know|imagine|imagining|pretend|ask (?:<|\w+ to\b)|tell (?!me|us)\w+ to|(?:boss|manager|lead|cto|ceo|director|<\w+> team) wants?"
    r"|whichever|not asking|no longer asking|kidding|joking|jk"
    r"|what would happen|would (?:that|it|this) (?:help|work|hurt|break|be (?:ok|okay|safe|wise|enough)))\b"
)
_DENIAL: Final = re.compile(
    r"^(?:(?:please|ok|okay|so|and|but|no|just|also|hey|whatever you do) )*(?:do not|dont|never|(?:nobody|no one) (?:touch|restart|delete|scale|change|do|is to|should|may|must)|no need to|there is no need to|leave|stop (?!\w+ing\b.*\bon <node>)(?:<|it|that)|avoid|hands off|keep (?:your )?(?:hands|fingers) off|stay away|(?:lets|let us) (?:wait|not|hold off|leave)|hold off|not yet|wait (?:with|for|until|till)|no (?:need|action)|nothing (?:needs|has|is) to be done|i am not|we are not|(?:or )?better not|not)\b"
)
_LETS_NOT: Final = re.compile(
    r"^(?:(?:please|ok|okay|so|and|but|just|also|hey) )*(?:do not|dont|never|lets not|let us not) (?:let|allow|permit|schedule|place|put|run|start)\b"
)
_MAY_DENY: Final = re.compile(
    r"\b(?:not|n't|dont|never|nobody|no|nothing|leave|stop|avoid|hands|keep|stay|wait|hold)\b|n't\b", re.IGNORECASE
)
_LATER: Final = re.compile(
    r"\b(?:tomorrow|tonight|later|every (?:hour|day|night|week|morning|evening|<number>|minute|sunday|monday)|hourly|daily|nightly(?! )|weekly|plan(?:s|ning|ned)? to|thinking (?:of|about)|considering|next (?:week|month|sprint|year|monday|tuesday|wednesday|thursday|friday|release)|on (?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
    r"|this (?:evening|afternoon|weekend)|at (?:midnight|noon)|(?:am|is|are) (?:going|planning|about) to|will(?! not\b| you\b| ya\b| u\b| do\b| suffice\b| be (?:enough|plenty|fine)\b)|shall we|shall i|in (?:an|<number>) (?:hours?|minutes?|days?|weeks?)|in <duration>|some ?day|one day|one of these days|sooner or later|when i get round to it|eventually|soonish)\b"
)
_JOINT: Final = re.compile(
    r"^(?:(?:which (?:is why|means(?: that)?)|that is why|to which end|meaning that|in other words|hence|therefore|thus|thereafter|afterwards|and|so|first of all|first|then) )+"
)
_ADVERBS: Final = re.compile(
    r"\b(?:really|actually|simply|certainly|probably|definitely|truly|surely|clearly|also|quickly|kindly|gladly|very much|now) (?=\w)"
)
_FOR_A_TIME: Final = re.compile(r"\bfor (?:tonight|the night|the weekend|today|now|the moment|the time being)\b")
_MUSING: Final = re.compile(
    r"\b(?:maybe|perhaps|might|probably|possibly be|i guess|i suppose|i bet|hopefully|would have|could have|should have (?:been|had)|should've|wish (?:i|we|you) (?:had|could)|if only"
    r"|(?:we|i|they|you|he|she|one|somebody|someone|anybody) (?:could|might|may|should(?! (?:have|be|run|get|only|now)\b)|would(?! (?:like|love|prefer|appreciate|be glad|be happy|be grateful|be thankful|rather|need|want)\b)))\b"
)
_PAST: Final = re.compile(
    r"\b(?:was|were|had(?! better)|did|has been|have been|has (?:just |already )?\w+ed|have (?:just |already )?\w+ed|used to|yesterday|earlier today|ago|last (?:night|week|month|year)|went|(?<!be )(?<!been )(?<!being )(?:took|came|fell|broke|gave|ran|kept|brought|helped|saw))\b"
    r"|^(?:i|we|he|she|they|somebody|someone) (?:just |already |nearly |almost )?(?!need|speed|feed|put\b|cut\b|but\b|out\b)\w+(?:ed|ook|ut)\b"
)
_ASKED: Final = re.compile(
    r"^(?:(?:and|so|but|hey|hi|ok|okay|also|um|hmm|btw|then|now|please|sorry|yo|right|well) )*"
    r"(?:what|which|who|whom|whose|where|when|why|how|is|are|am|was|were|does|do (?!not|the|it|that|this|a\b)|did|has|have (?:we|you|i|they|all|any)|had|(?:should|shud|shuld) (?:we|i)|shall|may (?:i|we)"
    r"|can (?:i|we (?!stop|get|have|please|just))|could (?:i|we (?!please|just|stop|get|have))|can (?:<|the\b|it\b|kubernetes)|would (?:<|the\b|it\b|that\b)|will (?:<|the\b|it\b|that\b)|any (?:idea|chance|reason)|anything|anyone|anybody)\b"
)
_POLITE: Final = re.compile(
    r"^(?:(?:and|so|but|hey|hi|ok|okay|also|um|hmm|btw|then|now|please|sorry|yo|morning|all|folks|team|right|well) )*"
    r"(?:would it be too much to ask|is it too much to ask|might (?:i|we) trouble you|(?:can|could|would|will) (?:you|someone|somebody|anyone|anybody|we|u|ya)|would (?:you )?mind|do you mind|is it possible to|would it be possible to|might (?:i|we) ask|may i ask|be so kind|would you be so kind|i (?:must )?ask (?:you )?(?:to|that)|mind)\b"
)
_TOGETHER: Final = re.compile(r"^(?:\w+ )?(?:can|could|may|might|should|shall) we\b")
_DONE_ANYWHERE: Final = re.compile(r"\b(?!need|speed|feed|red\b|bed\b|called|named)\w{2,}ed\b")
_OF_SOMEBODY: Final = re.compile(
    r"^(?:i|we|he|she|they|you|somebody|someone|nobody|everybody|people|<\w+> team) (?!need|want|please)\w+"
)
_STATE: Final = re.compile(r"\b(?:still|already|currently|all) \w+(?:ed|ing|en)\b")
_PLEASE: Final = re.compile(r"\b(?:please|pls|plz|thanks|thx|ta|asap|now)\b")
_DOING: Final = re.compile(
    r"^(?:(?:and|so|but|ok|just|also|now|currently|still) )*(?!bring|king|ring|string|during|rolling|nothing|something|anything|everything|morning|evening|ping)\w+ing\b"
)
_WISH: Final = re.compile(
    r"\b(?:should|must|shall|ought to|has to|have to|needs?|needed|requires?|required|lacks?|lacking|deserves?|merits?"
    r"|wants?|wanted|wish(?:es)?|would like|would love|would prefer|would rather|would be (?:glad|happy|grateful|thankful|good|nice|great|best|better|ideal|enough|sufficient|welcome|fine|plenty|appreciated|helpful|in order|useful|sensible|wise)"
    r"|would appreciate|would (?:all |both )?(?:feel|be|sleep|rest|run|look) (?:\w+ ){0,2}?(?:better|safer|happier|easier|comfortable|wiser)|would (?:profit|benefit)|could use|could do with|can do with|can do without|do(?:es)? not need|no longer needs?|is to|are to|supposed to|meant to|had better|would best|would do|will do|calls? for|called for|in want of|in need of|is due|are due|overdue for"
    r"|enough|sufficient|suffices?|plenty|superfluous|unnecessary|no longer (?:needed|required|necessary|wanted|in use|used|has|have|needs?|be)|(?:should|must|need|may|can) no longer|not needed|obsolete|in order|desirable|can be spared|demands?|expects?|asks? for|is (?:all|what) (?:we|i)"
    r"|make sure|ensure|see to it|let|no (?:more|further) need|no need for (?!confirm)|(?:pods|work|workloads|<\w+>|it|that|they|rollout) (?:may|can)(?: now| again)? (?!i\b|you\b|we\b)\w+|may (?:now |again )?(?:be|go|come|have|accept|take|run|continue|proceed|use|resume|receive|host|get)|can (?:now |again |safely )?(?:be|go|have|come|take|accept|run|continue|proceed|use|resume|receive|host)|could (?:now |safely )?be (?!that))\b"
)
_FINITE: Final = re.compile(
    r"\b(?:is|are|am|was|were|be|been|has|have|had|does|did|do|will|would|can|could|should|may|might|must|shall|gets?|got|keeps?|looks?|seems?|went|goes|comes?|makes?|said|says|needs?|wants?|feels?|runs|crashes|hangs|took|know|think|believe|guess|suppose|starts|begins|opens|closes|ends|happens|hits|lands|asks|scares|keeps|breaks|dies|hurts|loses|shows|deserves|burns|eats|waits|complains?|calls)\b"
)
_IMPERATIVES: Final = frozenset(
    """
    scale resize autoscale bump increase raise grow expand reduce decrease lower shrink cut trim downscale restart bounce
    reboot recycle redeploy cycle reload roll rollback revert undo delete remove destroy kill drop terminate erase wipe
    nuke purge get tear throw eliminate trash bin clear clean take set update change upgrade cordon uncordon drain evacuate
    stop shut turn switch disable pause suspend halt run make bring put trigger kick keep have give add create apply deploy
    patch label annotate taint untaint expose fix start enable resume launch tidy modify replace evict push move migrate
    swap slap stick pop yank ditch scrap flip crank up down double triple halve quadruple knock shave chuck toss axe dump
    shove bring bump point pin cap limit restrict grant allow let permit tag mark unset strip unlabel unpause continue spin
    ramp dial wind turn go tell ensure hold freeze park idle mute silence empty vacate isolate quarantine reserve open close
    provision generate define do try configure wait watch follow monitor observe reserve dedicate rm del undeploy uninstall register fire force force-delete execute kill flush boot rotate refresh renew promote ship rip pull lift cull
    retire remove decommission discard eject block lock unlock free release attach assign equip furnish use
    """.split()  # noqa: SIM905 - a list of two hundred quoted words reads worse
)
_MAY_ASK: Final = re.compile(
    rf"\b(?:{'|'.join(sorted(_IMPERATIVES - {'use', 'run', 'get', 'have', 'make', 'find', 'open'}))}|should|must|want|wants|need|needs|would like|may|let|please|possible|ask|can (?:you|we|someone|somebody))\b",
    re.IGNORECASE,
)
_PREFIX: Final = re.compile(
    r"(?:(?:please|pls|plz|kindly|go ahead and|just|quickly|now|then|so|and|hey|hi|ok|okay|k|yo|yeah|yes|right|well|also|oh|um|hmm|ugh|argh|lol|fine|sure|cool|great"
    r"|thanks|btw|but|actually|simply|better|instead|first|next|finally|afterwards|after that|morning|folks|team|all|everyone|guys|mate|dude|sorry|asap|immediately|quick|once more"
    r"|lets|let us|help me(?: to)?|try to|go and|feel free to|remember to|be so kind (?:and|as to)|would you be so kind as to"
    r"|(?:can|could|would|will|might) (?:you|someone|somebody|anyone|anybody|we|u|ya)(?: please| pls| just| maybe| possibly| kindly| quickly| also| then| all)*|(?:would|do) you mind|mind"
    r"|(?:i|we|you|u) (?:really |just |also )?(?:want|need|have|would like|would love|wish|d like|like)(?: (?:you|u|someone|somebody))? to|you (?:can|may|should|must)(?: now| safely)?|i ask you to|i must ask you to"
    r"|(?:in|on|over in|over on|at|for|inside) (?:the )?(?:<namespace>|<cluster>)(?: namespace| cluster)?|<namespace>|<cluster>|there|here|no|yep|alright|while (?:you are|youre|we are) at it|at the same time|in the same go|hang on|wait|hold on|please can you) )*"
    r"(?P<verb>[a-z-]+)"
)
_DONE_SHORT: Final = re.compile(
    r"(?:^|<\w+> |^ok |^fyi |^just |^finally )(?:now |just |already )?(?!need|speed|feed|red\b)\w{2,}ed\b"
)


@lru_cache(maxsize=_OF_ONE_TEXT)
def mood_of(text: str, mark: str = "") -> Mood:
    """How a clause is meant.

    Args:
        text: its words, with slots in the place of names and values.
        mark: the mark behind it.
    """
    plain = _ADVERBS.sub("", _JOINT.sub("", _FOR_A_TIME.sub("", text)))
    polite = _POLITE.match(plain) is not None
    if _CONDITION.search(plain):
        return Mood.CONDITION
    if _REPORT.search(plain):
        return Mood.REPORT
    if _LATER.search(plain):
        return Mood.LATER
    if not polite and (_ASKED.match(plain) or mark == "?"):
        return Mood.QUESTION
    if _LETS_NOT.match(plain):
        return Mood.LETS_NOT
    if _DENIAL.match(plain):
        return Mood.DENIAL
    if _MUSING.search(plain) and not polite:
        return Mood.REMARK
    if begins_with_imperative(plain):
        return Mood.REQUEST
    if _DOING.match(plain):
        return Mood.REMARK
    if _WISH.search(plain) and not _PAST.search(plain):
        return Mood.REQUEST
    if polite:
        return Mood.REQUEST
    if _PAST.search(plain):
        return Mood.PAST
    if _FINITE.search(plain) or _STATE.search(plain) or _OF_SOMEBODY.match(plain):
        return Mood.REMARK
    done = _DONE_SHORT.search(plain) or ("<" not in plain and _DONE_ANYWHERE.search(plain))
    return Mood.PAST if done and not _PLEASE.search(plain) else Mood.SHORT


@lru_cache(maxsize=_OF_ONE_TEXT)
def begins_with_imperative(text: str) -> bool:
    """Whether its first telling word is a verb in its base form."""
    found = _PREFIX.match(text)
    return found is not None and found["verb"] in _IMPERATIVES


def verb_at(text: str) -> int | None:
    """The place of the verb that a clause begins with in its base form; None where it begins otherwise."""
    found = _PREFIX.match(text)
    return len(text[: found.start("verb")].split()) if found is not None and found["verb"] in _IMPERATIVES else None


def is_begged(text: str) -> bool:
    """Whether a clause without a verb of its own says please."""
    return _PLEASE.search(text) is not None


def words_of_joint(text: str) -> int:
    """How many words at the beginning of a clause only join it to what stands before ("which means that")."""
    found = _JOINT.match(text)
    return len(found.group().split()) if found is not None else 0


def may_want(text: str) -> bool:
    """Whether a text as it was written holds any word that asks for a change, or nothing but names and values."""
    return _MAY_ASK.search(text) is not None or _ASKED.match(text.lower()) is None


def may_forbid(text: str) -> bool:
    """Whether a text as it was written may begin with what must not be done."""
    return _MAY_DENY.search(text) is not None


def tells(text: str) -> bool:
    """Whether it has a verb of its own that tells something."""
    return _FINITE.search(text) is not None and _WISH.search(text) is None and not begins_with_imperative(text)


def is_asked_of_us(text: str) -> bool:
    """Whether it asks what could be done together ("could we delete it"), which may be a mere question."""
    return _TOGETHER.match(text) is not None
