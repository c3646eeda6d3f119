"""Spells out what people shorten when they type in a hurry: "prev logs w/ errors", "dbl cart", "my perms".

Only what stands for one word whatever is beside it; what could be a name or a flag stays as it is.
"""

from __future__ import annotations

import re
import string
from typing import Final

_LONG: Final = {
    "w/": "with",
    "frm": "from",
    "upd": "update",
    "acrss": "across",
    "mny": "many",
    "btwn": "between",
    "abt": "about",
    "nt": "not",
    "nss": "namespaces",
    "pw": "password",
    "pwd": "password",
    "w": "with",
    "gimme": "give me",
    "evts": "events",
    "runnin": "running",
    "w/o": "without",
    "dbl": "double",
    "prev": "previous",
    "prv": "previous",
    "u": "you",
    "ur": "your",
    "r": "are",
    "n": "and",
    "nite": "night",
    "tho": "though",
    "smth": "something",
    "sth": "something",
    "esp": "especially",
    "img": "image",
    "reps": "replicas",
    "rollbk": "roll back",
    "suspnd": "suspend",
    "descr": "describe",
    "hist": "history",
    "crashin": "crashing",
    "failin": "failing",
    "imgs": "images",
    "envs": "environment variables",
    "perms": "permissions",
    "req": "request",
    "reqs": "requests",
    "lims": "limits",
    "lim": "limit",
    "alrdy": "already",
    "gd": "good",
    "jst": "just",
    "hw": "how",
    "thn": "than",
    "anythin": "anything",
    "mornin": "morning",
    "rotatn": "rotation",
    "deploymnt": "deployment",
    "deploymnts": "deployments",
    "thnx": "thanks",
    "cna": "can",
    "prot": "port",
    "upto": "up to",
    "wich": "which",
    "clstr": "cluster",
    "kube-sys": "kube-system",
    "itll": "it will",
    "theyll": "they will",
    "youll": "you will",
    "thatll": "that will",
    "theyre": "they are",
    "youre": "you are",
    "weve": "we have",
    "ive": "I have",
    "im": "I am",
    "thats": "that is",
    "theres": "there is",
    "bk": "back",
    "tht": "that",
    "ths": "this",
    "nu": "new",
    "1st": "first",
    "2nd": "second",
    "3rd": "third",
    "everythng": "everything",
    "2gether": "together",
    "b4": "before",
    "l8r": "later",
    "plz": "please",
    "revs": "revisions",
    "hr": "hour",
    "hrs": "hours",
    "rn": "right now",
    "usg": "usage",
    "agn": "again",
    "cld": "could",
    "wld": "would",
    "shld": "should",
    "repl": "replicas",
    "repls": "replicas",
    "chk": "check",
    "endpts": "endpoints",
    "evry": "every",
    "goin": "going",
    "comin": "coming",
    "dyin": "dying",
    "rly": "really",
    "bc": "because",
    "cuz": "because",
    "ppl": "people",
    "stat": "status",
    "rev": "revision",
    "ver": "version",
    "vers": "version",
    "curr": "current",
    "sched": "schedule",
    "tmrw": "tomorrow",
    "2day": "today",
    "2nite": "tonight",
    "lmk": "let me know",
    "gonna": "going to",
    "wanna": "want to",
    "gotta": "have to",
    "lemme": "let me",
    "whats": "what is",
    "hows": "how is",
    "wheres": "where is",
    "whos": "who is",
    "dont": "don't",
    "cant": "can't",
    "wont": "won't",
    "isnt": "isn't",
    "doesnt": "doesn't",
}
_SHORT: Final = re.compile(
    rf"(?<![\w./:=@'\"-])(?:{'|'.join(map(re.escape, sorted(_LONG, key=len, reverse=True)))})(?![\w/:=@'\"-]|\.\w)",
    re.IGNORECASE,
)
_BETWEEN: Final = str.maketrans(dict.fromkeys(set(string.punctuation) - set("_./:=@'\"-"), " "))  # words
_TO: Final = re.compile(
    r"(?<=\w )2 (?=(?:rev|revision|prev|previous|last|the|version|read|see|list|get|scale|be|do|have|zero|one|two|three"
    r"|four|five|six|seven|eight|nine|ten)\b)",
    re.IGNORECASE,
)
# Two names where one is meant: nobody who speaks of the canary of cart means cart.
_CANARY: Final = re.compile(
    r"(?<![\w-])(?:the |that )?canary(?: (?:deployment|version|pods?))? (?:of|for) (?:the )?"
    r"(?!(?:now|today|tonight|me|us|good|moment|time|weekend|night|once|free|all)\b)([\w-]+)",
    re.IGNORECASE,
)
_BACK_ONE: Final = re.compile(r"\b(back)(?: by)? one(?: (?:revision|version|release|step))?\b", re.IGNORECASE)
_ONE_BACK: Final = re.compile(
    r"(?<=\w) (?:by )?(?:1|one|a single|a) (?:revision|version|release|step)(?: back| earlier)?\b(?=\W*(?:$|[,.;!?]))",
    re.IGNORECASE,
)
_EVEN: Final = re.compile(r"\b(can|may|do|does|am|is|are) (i|we|it|they) even\b", re.IGNORECASE)
_ALL_CLUSTERS: Final = re.compile(
    r"\ball (?:of )?(?:the |our |my )?(?:\d|two|three|four|five|six) (?:of (?:the|our|my) )?clusters\b", re.IGNORECASE
)
_BOTH_METRICS: Final = re.compile(r"\b(cpu|mem|memory|ram) ?[/+&] ?(cpu|mem|memory|ram)\b", re.IGNORECASE)
_TIMES_TWO: Final = re.compile(
    r"(?<![\w.-])(?:2x|x2)(?: the| as many)?(?= (?:replicas|pods|copies|instances)\b)", re.IGNORECASE
)
_WHOLE: Final = re.compile(
    r"\b(?:over |across |in |on )?(?:the )?(?:whole|entire) (?!cluster\b)([\w-]+) cluster\b", re.IGNORECASE
)
_SYSTEM_TOO: Final = re.compile(r"\bon (?:this|the) cluster, (?:the )?system ones included\b", re.IGNORECASE)
_SIZE: Final = r"\d+(?:\.\d+)?(?:[KMG]i?B?|m)"
_OF_OLD: Final = ("from ", "->", "=>", "(", "instead of", "rather than", "in place of")
_OLD_SIZE: Final = re.compile(
    rf"\b(?:up |down )?from {_SIZE} (?=to {_SIZE})|\b{_SIZE} ?(?:->|=>|-->) ?(?={_SIZE})"
    rf"|,? ?\((?:was|up from|down from|before:?|now) {_SIZE}\)"
    rf"|,? (?:instead of|rather than|in place of) (?:the )?{_SIZE}"
)
_ORDINALS: Final = {
    word: str(at)
    for at, word in enumerate(("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"), 1)
}
_NTH_REVISION: Final = re.compile(
    rf"\b(?:the |its |that )?(?P<nth>{'|'.join(_ORDINALS)}) revision\b(?! (?:back|before|ago))", re.IGNORECASE
)
_SAME_FOR: Final = re.compile(r"\bsame 4 (?=[a-z])", re.IGNORECASE)
_ARROW: Final = re.compile(r"\s+(?:->|=>|-->)\s+(?=\w)")
_WORDS: Final = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_HUNDREDS: Final = re.compile(
    rf"\b(?:(?P<n>{'|'.join(_WORDS)}|an?|a couple(?: of)?|couple(?: of)?) )hundred\b", re.IGNORECASE
)
_NUMBER: Final = r"(?P<n>\d+(?:\.\d+)?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|sixteen|an?)"
_GIGS: Final = re.compile(rf"(?<![\w.]){_NUMBER} ?(?:gigs?|gigabytes?|gibibytes?|gb|gib)\b(?!/)", re.IGNORECASE)
_MEGS: Final = re.compile(rf"(?<![\w.]){_NUMBER} ?(?:megs?|megabytes?|mebibytes?|mb|mib)\b(?!/)", re.IGNORECASE)
_SPELT: Final = {word: str(value) for value, word in enumerate(_WORDS, 1)} | {
    "a": "1",
    "an": "1",
    "ten": "10",
    "twelve": "12",
    "sixteen": "16",
}
_A_REPLY: Final = re.compile(r"\s*\w\W*", re.IGNORECASE)  # "n" alone is an answer


def spelled_out(text: str) -> str:
    """The text with its short forms in full."""
    if _A_REPLY.fullmatch(text):
        return text
    if any(sign in text for sign in _OF_OLD):
        text = _OLD_SIZE.sub("", text)
    text = _ARROW.sub(" to ", text)
    if _holds_short(text.lower()):
        text = _SHORT.sub(_in_full, text)
    low = text.lower()
    if "canary" in low:
        text = _CANARY.sub(r"\1-canary", text)
    if "back" in low:
        text = _BACK_ONE.sub(r"\1", text)
    if "roll" in low or "undo" in low or "revert" in low:
        text = _ONE_BACK.sub("", text)
    if " even" in low:
        text = _EVEN.sub(r"\1 \2", text)
    if "all" in low:
        text = _ALL_CLUSTERS.sub("all clusters", text)
    if "cpu" in low:
        text = _BOTH_METRICS.sub(r"\1 and \2", text)
    if "x2" in low or "2x" in low:
        text = _TIMES_TWO.sub("double the", text)
    if "cluster" in low:
        text = _SYSTEM_TOO.sub("in all namespaces", _WHOLE.sub(r"in all namespaces on cluster \1", text))
    if "hundred" in low:
        text = _HUNDREDS.sub(_hundreds, text)
    if "g" in low and any(unit in low for unit in ("gig", "gb", "gib")):
        text = _GIGS.sub(lambda found: f"{_spelt(found['n'])}Gi", text)
    if "m" in low and any(unit in low for unit in ("meg", "meb", "mb", "mib")):
        text = _MEGS.sub(lambda found: f"{_spelt(found['n'])}Mi", text)
    if " 2 " in low:
        text = _TO.sub("to ", text)
    if " revision" in low:
        text = _NTH_REVISION.sub(lambda found: f"revision {_ORDINALS[found['nth'].lower()]}", text)
    if "same 4 " in low:
        text = _SAME_FOR.sub("same for ", text)
    return text


def _holds_short(low: str) -> bool:
    """Whether some word may be a short form; most texts hold none, and a look at the words tells so in no time."""
    return not low.isascii() or any(word.rstrip(".") in _LONG for word in low.translate(_BETWEEN).split())


def _spelt(number: str) -> str:
    return _SPELT.get(number.lower(), number)


def _hundreds(found: re.Match[str]) -> str:
    said = found["n"].lower()
    return "200" if "couple" in said else f"{_spelt(said)}00"


def _in_full(found: re.Match[str]) -> str:
    return _LONG[found.group().lower()]
