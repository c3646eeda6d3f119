"""The last command with another value: replicas, bounds, amounts, images, ports, keys, the name of what is made."""

from __future__ import annotations

import re
from typing import Final

from app.nlp.translator.followups.about import Said, flag_of, plan_of, with_flag
from app.nlp.translator.intents.said import Word
from app.nlp.translator.intents.words import NAMED
from app.nlp.translator.lexicon.kinds import KINDS
from app.nlp.translator.lexicon.parts import Part
from app.nlp.translator.plan import Plan
from app.nlp.translator.scaling import MAX_REPLICAS
from app.nlp.translator.vocabulary import is_valid_name

_PLAIN: Final = re.compile(r"[A-Za-z0-9][\w.:/@-]*")
_TAG: Final = re.compile(r"v?\d+(?:\.\d+)*(?:-[\w.]+)?")


def other_replicas(said: Said) -> Plan | None:
    """Another number of replicas: said, or so many more or fewer than there were."""
    if said.spoken.verb != "scale" or said.new(*NAMED, "<image>", "<bytes>", "<duration>"):
        return None
    now = flag_of(said.words, "--replicas")
    before = said.turn.before
    if now is None or not now.isdigit():
        return None
    numbers = [word.value for word in said.all if word.token == "<number>"]
    base = (
        int(before)
        if said.pending and before and before.isdigit() and not said.says(r"\bthan that\b|\bon top\b")
        else int(now)
    )
    wanted: int | None = None
    if said.says(r"\bzero\b|\b(?:to|down to) nothing\b|all the way down"):
        wanted = 0
    elif numbers and said.says(
        r"<number> (?:\w+ )?(?:more|extra|additional|further)|\b(?:another|add|up by|plus) <number>|<number> on top|<number> (?:\w+ )?than that"
    ):
        wanted = (int(now) if said.says("than that") else base) + int(numbers[0])
    elif numbers and said.says(
        r"<number> (?:\w+ )?(?:less|fewer)|\bdown by <number>|\bby <number> (?:down|less)|\btake <number>"
    ):
        wanted = (int(now) if said.says("than that") else base) - int(numbers[0])
    elif said.says(r"\b(?:twice|double)\b"):
        wanted = 2 * int(base)
    else:
        fresh = [number for number in numbers if number != now]
        if len(set(fresh)) == 1 and (
            said.pending or said.says(r"\b(?:enough|make|rather|instead|to|back|do|should|better|only|just)\b")
        ):
            wanted = int(fresh[0])
    if wanted is None or not 0 <= wanted <= MAX_REPLICAS or (wanted == int(now) and said.pending):
        return None
    return plan_of(said, with_flag(said.words, "--replicas", str(wanted)))


def other_bounds(said: Said) -> Plan | None:
    """Other bounds, or another target, of an autoscaler that waits."""
    if said.spoken.verb != "autoscale" or not said.pending:
        return None
    words = list(said.words)
    changed = False
    both = re.search(r"(?:between )?<number> (?:and|to|-) <number>", said.text)
    numbers = [word.value for word in said.all if word.token == "<number>"]
    percent = next((word.value.rstrip("%") for word in said.all if re.fullmatch(r"\d{1,3}%", word.value)), None)
    if (
        percent is None
        and re.search(r"<number> (?:percent|precent|cpu)|cpu (?:at |to |of )?<number>", said.text)
        and len(numbers) == 1
    ):
        percent, numbers = numbers[0], []
    if percent is not None:
        words, changed = with_flag(words, "--cpu-percent", percent), True
    if both and len(numbers) == 2:
        words = with_flag(with_flag(words, "--min", numbers[0]), "--max", numbers[1])
        return plan_of(said, words)
    fresh = [number for number in numbers if number not in {flag_of(said.words, "--min"), flag_of(said.words, "--max")}]
    if len(fresh) == 1 and said.says(r"\b(?:max\w*|most|upper|up to|ceiling|top|cap|at the top|limit)\b"):
        words, changed = with_flag(words, "--max", fresh[0]), True
    elif len(fresh) == 1 and said.says(r"\b(?:min\w*|least|lower|floor|start|bottom|from)\b"):
        words, changed = with_flag(words, "--min", fresh[0]), True
    return plan_of(said, words) if changed else None


_VALUES: Final = frozenset({"set env", "label", "annotate", "create configmap"})


def other_value(said: Said) -> Plan | None:
    """Another value for the one key that is to be set."""
    settings = [at for at, word in enumerate(said.words) if "=" in word and not word.startswith("-")]
    if said.spoken.verb not in _VALUES or len(settings) != 1:
        return None
    if not said.pending and not said.says(r"\b(?:typo|wrong|meant|mistake|instead|not <number>|sorry|oops)\b|\bnot\b"):
        return None
    key, _, old = said.words[settings[0]].partition("=")
    given = [word.value for word in said.all if word.token == "<setting>"]
    if len(given) == 1 and given[0].partition("=")[0] == key:
        new = given[0].partition("=")[2]
    else:
        fresh = [word for word in said.all if word.value not in {old, key} and _may_be_a_value(word)]
        if len(fresh) != 1:
            return None
        new = fresh[0].value
    if not _PLAIN.fullmatch(new):
        return None
    words = list(said.words)
    words[settings[0]] = f"{key}={new}"
    return plan_of(said, words, 0.8)


_WORDS_ABOUT: Final = frozenset(
    """
    no not sorry oops wait hang hold on meant mean i it that the a instead rather actually make set use should be have been said
    wrong to say please lets go with better hm hmm of course and is was as value one level just only than yeah yes ok okay whoa
    argh typo well want wanted it's put change let us do ment sory tier env label variable key called think too again pls thanks so
    """.split()  # noqa: SIM905 - a list of words
)


def _may_be_a_value(word: Word) -> bool:
    if word.token in {"<number>", "<duration>", "<size>", "<bytes>"}:
        return True
    plain = not word.token.startswith("<") and word.token not in _WORDS_ABOUT and word.token not in KINDS
    return plain and (len(word.token) > 1 or word.token.isdigit())


def other_effect(said: Said) -> Plan | None:
    """Another effect of a taint that waits."""
    effect = next(
        (word.value for word in said.all if word.token in {"noschedule", "noexecute", "prefernoschedule"}), None
    )
    if said.spoken.verb != "taint" or not said.pending or effect is None:
        return None
    known = {"noschedule": "NoSchedule", "noexecute": "NoExecute", "prefernoschedule": "PreferNoSchedule"}
    words = [
        re.sub(r":\w+$", f":{known[effect.lower()]}", word) if ":" in word and "=" in word else word
        for word in said.words
    ]
    return plan_of(said, words)


def other_image(said: Said) -> Plan | None:
    """Another image, or another tag of the same."""
    at = next((at for at, word in enumerate(said.words) if "=" in word and not word.startswith("-")), None)
    if (
        said.spoken.verb != "set image"
        or at is None
        or not (said.pending or said.says(r"\b(?:make|use|rather|instead|actually|should)\b"))
    ):
        return None
    container, _, old = said.words[at].partition("=")
    images = said.new("<image>")
    if not images:
        name, _, tag = old.rpartition(":")
        fresh = [
            word.value for word in said.all if _TAG.fullmatch(word.value) and "." in word.value and word.value != tag
        ]
        images = [f"{name}:{fresh[0]}"] if len(fresh) == 1 and name else []
    if len(images) != 1:
        return None
    words = list(said.words)
    words[at] = f"{container}={images[0]}"
    return plan_of(said, words)


def other_number(said: Said) -> Plan | None:
    """Another port, or another revision."""
    numbers = said.new("<number>")
    if len(numbers) != 1:
        return None
    if said.spoken.verb == "expose" and said.pending:
        flag = "--target-port" if said.says(r"\btarget\b") else "--port"
        return plan_of(said, with_flag(said.words, flag, numbers[0]))
    if said.spoken.verb == "rollout undo" and said.pending:
        return plan_of(said, with_flag(said.words, "--to-revision", numbers[0]))
    if said.spoken.verb == "rollout history" and len(said.spoken.names) == 1 and numbers[0] in said.turn.rows:
        if said.says(r"\b(?:back|roll\w*|go|return|live|restore|take)\b|(?<!<)\bnumber\b"):
            return plan_of(said, ["kubectl", "rollout", "undo", *said.words[3:], f"--to-revision={numbers[0]}"])
        if said.says(r"\b(?:what|show|see|details?|in|look)\b"):
            return plan_of(said, [*said.words, f"--revision={numbers[0]}"])
    return None


def other_amount(said: Said) -> Plan | None:
    """Another amount of what is set as a limit or a request."""
    if said.spoken.verb != "set resources" or not said.pending:
        return None
    values = said.new("<bytes>", "<size>") or said.new("<number>")
    flags = [
        at for at, word in enumerate(said.words) if re.fullmatch(r"--(?:limits|requests)=(?:cpu|memory)=[\w.]+", word)
    ]
    if len(values) != 1 or len(flags) != 1:
        return None
    words = list(said.words)
    head, _, old = words[flags[0]].rpartition("=")
    unit = re.sub(r"[\d.]", "", old)
    value = values[0] if not values[0].isdigit() else f"{values[0]}{unit}"
    words[flags[0]] = f"{head}={value}"
    return plan_of(said, words)


def other_name(said: Said) -> Plan | None:
    """Another name for what is to be made."""
    if (
        not said.pending
        or not said.spoken.verb.startswith("create")
        or not said.says(r"\b(?:call|name|named|called)\b")
    ):
        return None
    new = [
        word.value
        for word in said.all
        if word.tag.part in {Part.UNKNOWN, Part.MISSING}
        and is_valid_name(word.value)
        and word.value not in said.words
        and word.token not in _WORDS_ABOUT
    ]
    at = 4 if said.words[2] in {"secret", "service"} else 3
    if len(new) != 1 or len(said.words) <= at:
        return None
    words = list(said.words)
    words[at] = new[0]
    return plan_of(said, words)


def twice_or_half(said: Said) -> Plan | None:
    """Twice or half of what was set as a limit or a request."""
    flags = [
        at for at, word in enumerate(said.words) if re.fullmatch(r"--(?:limits|requests)=(?:cpu|memory)=\d+\w*", word)
    ]
    factor = 2.0 if said.says(r"\b(?:double|twice)\b") else 0.5 if said.says(r"\b(?:half|halve)\b") else 0.0
    if said.spoken.verb != "set resources" or len(flags) != 1 or not factor or said.new("<number>", *NAMED):
        return None
    words = list(said.words)
    head, _, old = words[flags[0]].rpartition("=")
    amount = float(re.sub(r"\D", "", old)) * factor
    if amount != int(amount):
        return None
    words[flags[0]] = f"{head}={int(amount)}{re.sub(r'[0-9]', '', old)}"
    return plan_of(said, words)
