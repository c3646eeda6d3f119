"""Cuts a plain text into words, keeping where each stood.

Contractions are opened ("don't" gives "do" and "not"), possessives lose their ending, and several words inside
quotation marks become one opaque token: what is quoted is talked about, not asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Token:
    """One word, one punctuation mark, or one quotation.

    Attributes:
        text: as written; for a quotation what stands between the marks.
        low: in lower case.
        start: index of its first character.
        end: index behind its last character.
        quote: whether it is a quotation of several words.
    """

    text: str
    low: str
    start: int
    end: int
    quote: bool = False

    @property
    def is_mark(self) -> bool:
        """Whether it is a punctuation mark."""
        return self.text in _MARKS


_MARKS = frozenset(",;?!.:")
_PIECES = re.compile(r"\"[^\"]*\"|(?<!\S)'[^']* [^']*'(?!\w)|[,;?!]|[^\s,;?!\"()\[\]{}]+")
_CONTRACTIONS: dict[str, tuple[str, ...]] = {
    **{
        f"{w}n't": (w, "not")
        for w in (
            "do",
            "does",
            "did",
            "is",
            "are",
            "was",
            "were",
            "has",
            "have",
            "had",
            "would",
            "could",
            "should",
            "must",
            "need",
        )
    },
    **{
        f"{w}nt": (w, "not")
        for w in ("do", "does", "did", "is", "are", "was", "were", "has", "have", "would", "could", "should")
    },
    "won't": ("will", "not"),
    "wont": ("will", "not"),
    "can't": ("can", "not"),
    "cant": ("can", "not"),
    "cannot": ("can", "not"),
    "let's": ("lets",),
    "what's": ("what", "is"),
    "whats": ("what", "is"),
    "where's": ("where", "is"),
    "wheres": ("where", "is"),
    "who's": ("who", "is"),
    "whos": ("who", "is"),
    "how's": ("how", "is"),
    "hows": ("how", "is"),
    "that's": ("that", "is"),
    "there's": ("there", "is"),
    "it's": ("it", "is"),
    "when's": ("when", "is"),
    "why's": ("why", "is"),
    "i'm": ("i", "am"),
    "im": ("i", "am"),
    "i'd": ("i", "would"),
    "i've": ("i", "have"),
    "i'll": ("i", "will"),
    "we'd": ("we", "would"),
    "we've": ("we", "have"),
    "we'll": ("we", "will"),
    "we're": ("we", "are"),
    "you're": ("you", "are"),
    "they're": ("they", "are"),
    "he's": ("he", "is"),
    "she's": ("she", "is"),
    "what're": ("what", "are"),
    "histroy": ("history",),
    "hisotry": ("history",),
    "deployement": ("deployment",),
    "deployements": ("deployments",),
    "namepsace": ("namespace",),
    "namesapce": ("namespace",),
    "resart": ("restart",),
    "restrat": ("restart",),
    "u": ("you",),
    "ur": ("your",),
    "em": ("them",),
    "'em": ("them",),
    "w/": ("with",),
    "w/o": ("without",),
    "w": ("with",),
    "wich": ("which",),
    "pds": ("pods",),
    "pdos": ("pods",),
    "podes": ("pods",),
    "mintues": ("minutes",),
    "minuets": ("minutes",),
    "horus": ("hours",),
    "form": ("from",),
    "shuold": ("should",),
    "shoud": ("should",),
    "shold": ("should",),
    "woud": ("would",),
    "coud": ("could",),
    "pelase": ("please",),
    "plaese": ("please",),
    "evrything": ("everything",),
    "thier": ("their",),
    "whcih": ("which",),
    "wat": ("what",),
    "waht": ("what",),
    "hav": ("have",),
    "shwo": ("show",),
    "sohw": ("show",),
    "lsit": ("list",),
    "prevoius": ("previous",),
    "previuos": ("previous",),
    "pervious": ("previous",),
    "cnt": ("can", "not"),
    "rn": ("right", "now"),
    "atm": ("at", "the", "moment"),
    "e-mail": ("email",),
    "e-mails": ("emails",),
    "b4": ("before",),
    "thru": ("through",),
    "gimme": ("give", "me"),
    "lemme": ("let", "me"),
    "gonna": ("going", "to"),
    "wanna": ("want", "to"),
    "pls.": ("pls",),
    "it'd": ("it", "would"),
    "you'd": ("you", "would"),
}


def tokenise(text: str) -> list[Token]:
    """The words and marks of a text, in order."""
    tokens: list[Token] = []
    for found in _PIECES.finditer(text):
        piece, start = found.group(), found.start()
        if piece[0] == '"' or (piece[0] == "'" and " " in piece):
            _add_quotation(tokens, piece, start)
        elif piece in _MARKS:
            tokens.append(Token(piece, piece, start, start + 1))
        else:
            _add_word(tokens, piece, start)
    return tokens


def _add_quotation(tokens: list[Token], piece: str, start: int) -> None:
    inner = piece[1:-1].strip()
    if " " in inner:
        tokens.append(Token(inner, inner.lower(), start, start + len(piece), quote=True))
    elif inner:
        tokens.append(Token(inner, inner.lower(), start, start + len(piece)))


def _add_word(tokens: list[Token], piece: str, start: int) -> None:
    low = piece.lower()
    if low in _CONTRACTIONS:
        tokens.extend(Token(part, part, start, start + len(piece)) for part in _CONTRACTIONS[low])
        return
    if low.isalpha():  # most words
        tokens.append(Token(piece, low, start, start + len(piece)))
        return
    core = piece.strip("'*_~").rstrip(".:")
    if not core or not any(c.isalnum() for c in core):
        if core and core.isascii() and core not in {"-", "--", "/", "+", "&", "...", "*"}:
            tokens.append(Token(core, core.lower(), start, start + len(piece)))
        elif core == "&":
            tokens.append(Token("and", "and", start, start + 1))
        return
    ending = piece.rstrip("'*_~")[-1:]
    if core.lower().endswith(("'s", "s'")):
        core = core[:-2] if core.lower().endswith("'s") else core[:-1]
    begin = start + piece.index(core)
    tokens.append(Token(core, core.lower(), begin, begin + len(core)))
    if ending in ".:":
        tokens.append(Token(ending, ending, begin + len(core), begin + len(core) + 1))
