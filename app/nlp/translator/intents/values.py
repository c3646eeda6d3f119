"""Numbers, images and amounts of a clause, put into plain requests: replicas, resources, bounds, ports, revisions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.nlp.translator.intents.said import Clause, Word
from app.nlp.translator.intents.words import A_NUMBER


def _number(clause: Clause, found: re.Match[str], group: str | int = "n") -> str | None:
    words = clause.within(*found.span(group))
    return next((word.value for word in words if word.token == A_NUMBER), None)


def scaled_up(clause: Clause, found: re.Match[str], name: str) -> str:
    """So many replicas more."""
    return f"scale {name} up by {_first_number(clause, found) or 1}"


def scaled_down(clause: Clause, found: re.Match[str], name: str) -> str:
    """So many replicas fewer."""
    return f"scale {name} down by {_first_number(clause, found) or 1}"


def _first_number(clause: Clause, found: re.Match[str]) -> str | None:
    """The number in the first of a cue's groups that has one."""
    return next((_number(clause, found, group) for group, text in found.groupdict().items() if text), None)


def image_of(clause: Clause, found: re.Match[str], name: str) -> str | None:
    """Another image: the last that is named."""
    images = clause.of("<image>")
    return f"set the image of {name} to {images[-1].value}" if images else None


_UNITS = {
    "gi": "Gi", "gig": "Gi", "gigs": "Gi", "gb": "Gi", "gigabyte": "Gi", "gigabytes": "Gi", "gibibyte": "Gi", "gibibytes": "Gi", "g": "Gi",
    "mi": "Mi", "meg": "Mi", "megs": "Mi", "mb": "Mi", "megabyte": "Mi", "megabytes": "Mi", "mebibyte": "Mi", "mebibytes": "Mi", "m": "Mi",
}  # fmt: skip
_MEMORY = re.compile(
    rf"(?P<bytes><bytes>)|(?P<n><number>|an?|half an?) (?P<unit>{'|'.join(sorted(_UNITS, key=len, reverse=True))})\b"
)
_CPU = re.compile(
    r"(?P<size><size>)|(?P<half>half (?:of )?(?:a|an|<number>)? ?(?:cpu|core)(?: core)?)|(?P<quarter>quarter (?:of )?(?:a|an|<number>)? ?(?:cpu|core)(?: core)?)"
    r"|(?P<m><number> (?:millicores?|millicpus?|milli))|(?P<n><number>) (?:whole |full |entire )?(?:cpus?|cores?)\b|(?:cpu|cores?)(?: limit| request)?(?: of| to| at| =)? (?P<n2><number>)(?! (?:gi|mi|gb|mb|gigs?|megs?)\b)"
)
_REQUESTS = re.compile(
    r"\b(?:requests?|guarantee[ds]?|reserved?|at least|minimum|set aside|count on|no less than|never less)\b"
)
_LIMITS = re.compile(
    r"\b(?:limit\w*|at most|no more|not more|more than|up to|exceed\w*|cap(?:ped)?|max\w*|ceiling|allow\w*|permit\w*|restrict\w*|let|grant\w*|top out|beyond|over|above|let (?:it )?have)\b"
)


def _memory(clause: Clause) -> str | None:
    found = _MEMORY.search(clause.text)
    if found is None:
        return None
    if found["bytes"]:
        return clause.within(*found.span("bytes"))[0].value.replace("GB", "Gi").replace("MB", "Mi")
    if found["n"].startswith("half"):
        return "512Mi" if _UNITS[found["unit"]] == "Gi" else None
    number = _number(clause, found) if found["n"] == A_NUMBER else "1"
    return f"{number}{_UNITS[found['unit']]}"


def _cpu(clause: Clause) -> str | None:
    found = _CPU.search(clause.text)
    if found is None:
        return None
    if found["half"]:
        return "500m"
    if found["quarter"]:
        return "250m"
    if found["size"]:
        return clause.within(*found.span("size"))[0].value
    if found["m"]:
        return f"{_number(clause, found, 'm')}m"
    return _number(clause, found, "n") or _number(clause, found, "n2")


def _one_by_one(clause: Clause, name: str) -> str | None:
    """Each value for what is said right before or behind it: "cpu request 200m, limit 500m"; None for fewer than two."""
    said: list[tuple[str, str, str]] = []
    metric = sort = ""
    waiting = ""
    for at, word in enumerate(clause.words):
        token = word.token
        metric = (
            "cpu" if token in {"cpu", "cpus", "cores"} else "memory" if token in {"memory", "ram", "mem"} else metric
        )
        named = (
            "request"
            if token.startswith("request") or token in _REQUEST_WORDS
            else "limit"
            if token in _LIMIT_WORDS
            else ""
        )
        if named and waiting:
            said.append((metric, named, waiting))  # "128Mi requested, 256Mi max"
            waiting = ""
        elif token in {"<bytes>", "<size>"} or _counts_cores(clause.words, at):
            of = "memory" if token == "<bytes>" else "cpu" if word.value.isdigit() else metric or "cpu"
            metric = of
            if sort:
                said.append((of, sort, word.value))
                sort = ""
            else:
                waiting = word.value
            continue
        sort = named or sort
        if named and said and said[-1][1] == named and said[-1][2] == waiting:
            sort = ""
    if len(said) < 2 or waiting or len({each[1] for each in said}) < 2:
        return None
    return ", then ".join(f"set the {of} {which} of {name} to {value}" for of, which, value in said)


def _counts_cores(words: Sequence[Word], at: int) -> bool:
    """Whether a number says how many cores: "one core", "2 cpus"."""
    return words[at].value.isdigit() and at + 1 < len(words) and words[at + 1].token in {"core", "cores", "cpu", "cpus"}


_LIMIT_WORDS = frozenset(
    {"limit", "limits", "limited", "max", "maximum", "most", "cap", "capped", "more", "exceed", "exceeding", "beyond"}
)
_REQUEST_WORDS = frozenset(
    {"ask", "asks", "asking", "guaranteed", "guarantee", "reserve", "reserved", "least", "minimum"}
)


def resources_of(clause: Clause, _: re.Match[str], name: str) -> str | None:
    """A request or a limit of memory, of CPU, or of both; None where nothing says which of the two it is."""
    text = clause.text
    both = _one_by_one(clause, name)
    if both is not None:
        return both
    sort = "request" if _REQUESTS.search(text) else "limit" if _LIMITS.search(text) else None
    memory, cpu = _memory(clause), _cpu(clause)
    if sort is None or (memory is None and cpu is None):
        return None
    if cpu and memory:
        return f"set the cpu {sort} of {name} to {cpu} and the memory {sort} to {memory}"
    return f"set the cpu {sort} of {name} to {cpu}" if cpu else f"set the memory {sort} of {name} to {memory}"


_PERCENT = re.compile(r"\d{1,3}%")


def autoscaled(clause: Clause, found: re.Match[str], name: str) -> str | None:
    """Bounds of an autoscaler and its target; None where there are not two."""
    numbers = [word.value for word in clause.words if word.token in {A_NUMBER, "one"} and word.value.isdigit()]
    percent = re.search(
        r"(?P<n><number>) ?(?:percent|%|cpu)|(?:cpu|at|around|aiming for|aiming at|of) (?P<n2><number>)$", clause.text
    )
    target = (_number(clause, percent, "n") or _number(clause, percent, "n2")) if percent else None
    written = next((word.value.rstrip("%") for word in clause.words if _PERCENT.fullmatch(word.value)), None)
    target = written or target
    bounds = list(dict.fromkeys(number for number in numbers if number != target))
    if len(bounds) != 2:
        return None
    least, most = sorted(bounds, key=int)
    return f"autoscale {name} between {least} and {most}" + (f" at {target}% cpu" if target else "")


def exposed(clause: Clause, found: re.Match[str], name: str) -> str | None:
    """A service on the one port that is named."""
    numbers = clause.of(A_NUMBER)
    return f"expose {name} on port {numbers[0].value}" if len(numbers) == 1 and len(numbers[0].value) > 1 else None


def rolled_back(clause: Clause, found: re.Match[str], name: str) -> str | None:
    """Back to the revision that is named, or to the one before."""
    number = re.search(r"\brev(?:ision)?s?(?: number)? (?P<n><number>)", clause.text)
    return f"roll back {name} to revision {_number(clause, number)}" if number else f"roll back {name}"


def scaled_to(clause: Clause, found: re.Match[str], name: str) -> str | None:
    """So many replicas as are said, "a single one" and "a pair" among them."""
    if found["one"]:
        return f"scale {name} to 1"
    if found["two"]:
        return f"scale {name} to 2"
    number = _first_number(clause, found) or _number(clause, found, 0)
    return None if number is None else f"scale {name} to {number}"


def bound_of(clause: Clause, found: re.Match[str], name: str) -> str | None:
    """Another bound of an autoscaler; None where both are named."""
    which = "maximum" if found["most"] else "minimum"
    number = _number(clause, found, "n") if found["most"] else _number(clause, found, "n2")
    return None if number is None else f"set the {which} of the {name} autoscaler to {number}"
