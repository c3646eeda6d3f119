"""New cronjobs: what is said of when they run, as a line of cron."""

from __future__ import annotations

import re

from app.nlp.translator.frame import Frame
from app.nlp.translator.plan import Plan, ask
from app.nlp.translator.templates import creating
from app.nlp.translator.templates.wording import Fit

_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_IMAGE = re.compile(
    r"\b(?:(?:from|with|using|of|running|and|runs?|image|its|on)\s+)*(?P<image>[a-z0-9][a-z0-9./-]*:[\w.-]+)",
    re.IGNORECASE,
)
_CRON = re.compile(r"(?P<cron>(?:[\d*/,-]+ ){4}[\d*/,-]+)")
_CLOCK = r"(?P<hour>\d{1,2})(?::(?P<minute>\d\d))? ?(?P<half>am|pm)?"
_EVERY_DAY = re.compile(
    rf"(?:every (?:day|night|morning|evening)|daily|nightly|each (?:day|night))(?: (?:at )?{_CLOCK})?"
)
_WEEKLY = re.compile(rf"(?:(?:every|each|on|weekly on) (?P<day>{'|'.join(_DAYS)})s?)(?: (?:at )?{_CLOCK})?")
_STEP = re.compile(r"every (?:(?P<step>\d+) )?(?P<unit>minute|min|hour)s?")
_AT = re.compile(rf"at {_CLOCK}")
_IDLE = re.compile(
    r"\b(?:with|and|that|which|it|should|runs?|on|schedule|scheduled|from|image|to|at|a|the|in|utc|o'clock)\b"
)


def cron_job(frame: Frame, found: Fit) -> Plan | None:
    """A new cronjob; None where the words say neither an image nor a time."""
    if not creating.is_wished(frame, found):
        return None
    rest = found.words["rest"].lower()
    image = found.words.get("image", "")
    named = _IMAGE.search(rest)
    if named is not None:
        image, rest = named["image"], f"{rest[: named.start()]} {rest[named.end() :]}"
    place = re.search(r"\b(?:in|on)(?: namespace)? (?P<space>[a-z0-9-]+)(?: namespace)?", rest)
    if place is not None and place["space"] in frame.namespaces:
        rest = f"{rest[: place.start()]} {rest[place.end() :]}"
    read = schedule_of(" ".join(rest.split()))
    if not image and read is None:
        return None
    if not image:
        return ask(f"Which image shall {found.words['name']} run? Give it in full, with its tag.")
    if read is None or _IDLE.sub("", read[1]).strip(" ,.\"'"):
        return ask(f"When shall {found.words['name']} run? Say it as “every day at 3am” or as a line of cron.")
    words = ["create", "cronjob", found.words["name"], f"--image={image}", f"--schedule={read[0]}"]
    return creating.made(frame, found.words["name"], words)


def schedule_of(words: str) -> tuple[str, str] | None:
    """A line of cron, and the words that are left; None when no time is said."""
    for form, spell in ((_CRON, _as_it_is), (_WEEKLY, _weekly), (_EVERY_DAY, _daily), (_STEP, _steps), (_AT, _daily)):
        found = form.search(words)
        line = None if found is None else spell(found)
        if found is not None and line is not None:
            return line, f"{words[: found.start()]} {words[found.end() :]}"
    if re.search(r"\bhourly\b", words):
        return "0 * * * *", re.sub(r"\bhourly\b", "", words)
    return None


def _as_it_is(found: re.Match[str]) -> str:
    return found["cron"]


def _clock(found: re.Match[str]) -> tuple[int, int] | None:
    hour, minute = int(found["hour"] or 0), int(found["minute"] or 0)
    if found["half"] == "pm" and hour < 12:
        hour += 12
    elif found["half"] == "am" and hour == 12:
        hour = 0
    return (hour, minute) if hour < 24 and minute < 60 else None


def _daily(found: re.Match[str]) -> str | None:
    clock = _clock(found)
    return None if clock is None else f"{clock[1]} {clock[0]} * * *"


def _weekly(found: re.Match[str]) -> str | None:
    clock = _clock(found)
    return None if clock is None else f"{clock[1]} {clock[0]} * * {_DAYS.index(found['day'])}"


def _steps(found: re.Match[str]) -> str | None:
    step, most = int(found["step"] or 1), 24 if found["unit"] == "hour" else 60
    if not 0 < step < most:
        return None
    if found["unit"] == "hour":
        return "0 * * * *" if step == 1 else f"0 */{step} * * *"
    return "* * * * *" if step == 1 else f"*/{step} * * * *"
