"""A text beside the last command: what is new in it, and lines that differ from that command in one part."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.nlp.translator.conversation import behaviour_of
from app.nlp.translator.intents.said import Word
from app.nlp.translator.kubectl import Spoken, read_line
from app.nlp.translator.plan import Context, Plan, Turn
from app.nlp.translator.vocabulary import Vocabulary

MOST_WORDS: Final = 14  # of what is only about the last command
CORRECTS: Final = re.compile(
    r"\b(?:no|nope|nah|not|sorry|sory|sry|oops|whoops|wait|hang on|hold on|meant|ment|mean|wrong|instead|rather|actually|should be|should have been|should have said|must have been|i wanted|i had in mind"
    r"|make (?:it|that)|lets|let us|go with|use|better|whoa|argh|hm+|of course|correction|typo|slip|mistake|than|please|i think|tho|though|for|on|in|to|same|again|too|also|as well)\b"
)
SAME: Final = re.compile(r"\b(?:same|too|as well|also|likewise|the same|what about|how about|and)\b")


ASKS: Final = re.compile(
    r"^(?:(?:and|so|but|ok|hm+|wait|well) )*(?:what|which|who|how|why|when|where|is|are|will|would|does|do (?!it|that|so|the|not)|did|can i|could i|has|have)\b"
)
BACK: Final = re.compile(
    r"\b(?:undo|undone|revert|reverse|reversed|back|restore|restored|rollback|take (?:it|that|them|the \w+) (?:off|away|back|out)|taken (?:off|away|back)|old|previous|earlier|former|as it was|what it was|how it was|put it back|switch(?:ed)? (?:it )?back"
    r"|lift(?:ed)?|remove|removed|get rid of|drop|delete|come off|no business|mistake|misunderstanding|bring it back|again)\b"
)
OUTCOME: Final = re.compile(
    r"(?:and |so |ok )*(?:(?:is|are|has|have) (?:it|they|that) )?(?:all )?(?:finished|done|through|ready|complete|completed|over|up|back|out|live|healthy)(?: (?:yet|now|already|again|by now))*"
)
_REWRITTEN: Final = frozenset(
    {"scale", "set env", "set image", "set resources", "label", "annotate", "get", "describe"}
)
"""What is written as the translator writes it, with `kind/name`; of other commands not every part is known."""
_WHERE: Final = frozenset({"-n", "-A", "--context", "--namespace", "--all-namespaces"})


@dataclass(frozen=True, slots=True)
class Said:
    """A text beside the command that it may be about.

    Attributes:
        text: its words, with slots.
        all: the same words.
        turn: the last turn that has a command.
        spoken: that command.
        words: that command as it was written.
        context: the conversation.
        vocabulary: the names that the person may see.
    """

    text: str
    all: tuple[Word, ...]
    turn: Turn
    spoken: Spoken
    words: tuple[str, ...]
    context: Context
    vocabulary: Vocabulary

    @property
    def pending(self) -> bool:
        """Whether it waits for an answer."""
        return self.turn.state == "pending"

    def new(self, *tokens: str) -> list[str]:
        """The values of some sorts that the command does not hold yet."""
        held = set(self.words) | {part for word in self.words for part in re.split(r"[=/,:]", word)}
        return [word.value for word in self.all if word.token in tokens and word.value not in held]

    def says(self, form: str) -> bool:
        """Whether a form stands anywhere in it."""
        return re.search(form, self.text) is not None


def written(words: Sequence[str]) -> str:
    """A line as the translator writes it, where every part of its command is known."""
    line = shlex.join(words)
    spoken = read_line(line)
    return spoken.write() if spoken is not None and spoken.verb in _REWRITTEN else line


def plan_of(said: Said, words: Sequence[str], confidence: float = 0.85) -> Plan | None:
    """The plan of a line that was made from the last one; None where nothing is different."""
    if tuple(words) == said.words and said.pending:
        return None
    line = written(words)
    spoken = read_line(line)
    return None if spoken is None else Plan(behaviour_of(spoken), (line,), confidence=confidence)


def with_flag(words: Sequence[str], name: str, value: str) -> list[str]:
    """A line with one of its flags set to another value, in its place, or with a flag more before where it acts."""
    given = f"{name}={value}" if value else name
    kept: list[str] = []
    at = 0
    while at < len(words):
        word = words[at]
        if word == name and value and at + 1 < len(words):
            at += 1
            kept.append(given)
        elif word == name or word.startswith(f"{name}="):
            kept.append(given)
        else:
            kept.append(word)
        at += 1
    if given in kept:
        return kept
    end = next((at for at, word in enumerate(kept) if word in _WHERE), len(kept))
    return [*kept[:end], given, *kept[end:]]


def without_flags(words: Sequence[str], *names: str) -> list[str]:
    """A line without some of its flags."""
    return [word for word in words if not any(word == name or word.startswith(f"{name}=") for name in names)]


def flag_of(words: Sequence[str], name: str) -> str | None:
    """A flag's value in a line; None where it is not set."""
    for at, word in enumerate(words):
        if word.startswith(f"{name}="):
            return word.partition("=")[2]
        if word == name and at + 1 < len(words):
            return words[at + 1]
    return None


def plan_of_spoken(spoken: Spoken) -> Plan:
    """The plan of a command that was made of parts."""
    return Plan(behaviour_of(spoken), (spoken.write(),), confidence=0.85)
