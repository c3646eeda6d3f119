"""Looks at a text as a whole before any word of it is read.

What is empty, too long, invisible, pasted or meant for a shell is answered here in one sentence, so that the later
steps see short, plain,
visible text only. Nothing is repaired silently: a text with hidden characters is not cleaned, it is handed back.
"""

from __future__ import annotations

import re
import unicodedata

from app.nlp.translator.gating import Gates
from app.nlp.translator.plan import Plan, ask, refuse

MAX_CHARACTERS = 2_000  # a spoken request is far shorter; beyond it every text seen was pasted
MAX_LINES = 12

_TYPOGRAPHIC = str.maketrans(
    {
        "\u2018": "'",
        "\u2019": "'",
        "\u02bc": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u201e": '"',
        "\u00ab": '"',
        "\u00bb": '"',
        "\u2010": "-",
        "\u2011": "-",
        "\u2012": "-",
        "\u2013": "-",
        "\u2014": " - ",
        "\u2212": "-",
        "\u2026": " ",
        "\u00a0": " ",
        "\u202f": " ",
        "\u2192": " to ",
    }
)
_EMOJI_JOINERS = frozenset("\u200d\ufe0f\ufe0e")
_TAG_CHARACTERS = range(0xE0000, 0xE0080)

# Each pattern is a plain alternation or bounded by literals: none backtracks over more than a word.
_LOG_LINE = re.compile(
    r"^\s*(?:\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\[?\d\d:\d\d:\d\d|[IWEF]\d{4} \d\d:|(?:level|ts|time)=)", re.MULTILINE
)
_MANIFEST = re.compile(r"^\s*(?:apiVersion|kind|metadata)\s*:", re.MULTILINE)
_SHELL = tuple(
    map(
        re.compile,
        (
            r"\$\(|&&|\|\|",
            r"`[^`]{1,80} [^`]{0,80}`",
            r"\brm\s+-|\bsudo\s|\bcurl\s|\bwget\s|\bbash\b",
            r";\s*(?:kubectl|helm|rm|sh|bash|curl|wget|sudo)\b",
            r"\|\s*(?:sh|kubectl|grep|awk|xargs|sed|wc)\b",
            r"\s>>?\s*(?!\d)[\w/]",
        ),
    )
)
_IS_KUBECTL = re.compile(
    r"kubectl |k (?:get|describe|logs|top|apply|delete|scale|rollout|set|edit|exec|create|expose|label|annotate|cordon"
    r"|uncordon|drain|taint|explain|config|auth|patch|autoscale|run|events|version|api-resources|cluster-info|diff)\b"
)
_SQL = re.compile(
    r"\b(?:drop|truncate|alter)\s+table\b|\bselect\b.{1,60}\bfrom\b.{1,60}\bwhere\b|\bdelete\s+from\s+\w+\s*(?:;|where\b)|;\s*--",
    re.IGNORECASE,
)
_OBEY = re.compile(
    r"\b(?:do|follow(?!.{0,60}\b(?:writes?|logs|prints?)\b)|execute|run|obey|apply|carry out)\b (?:exactly )?"
    r"(?:what|whatever|as)(?:ever)? "
    r"(?:the|it|he|she|that|they|this|my|our)\b.{0,40}\b(?:says?|said|tells?|told|wrote|writes|instructs?|instructed|asks?|asked|wants?)\b"
    r"|\b(?:says?|reads?|wrote) ['\"].{0,200}['\"].{0,20}\b(?:follow|obey|do|execute|run) (?:that|it|this)\b",
    re.IGNORECASE,
)
_MESSAGES = re.compile(
    r"^(?:(?:please|pls|can you|could you|would you|kindly)[, ]+)*"
    r"(?:send|write|email|e-mail|mail|text|call|ping|page|notify|message|inform|tell)(?! me\b| us\b) "
    r".*\b(?:e-?mail|mail|text message|slack|teams|team|channel|boss|manager|colleagues?|everyone|everybody|customers?"
    r"|on-?call|pager)\b",
    re.IGNORECASE,
)
_VERSES = re.compile(
    r"\b(?:write|tell|sing|compose|make up|recite)\b.{0,20}\b(?:poem|joke|haiku|song|story|limerick|rap)s?\b",
    re.IGNORECASE,
)
_ASKS_FOR_RIGHT = re.compile(r"\b(?:can|may|could) i\b|\bam i (?:allowed|able|permitted)\b", re.IGNORECASE)
_LEFT_OUT: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(
            r"\b(?:open|get|give|start|need|want|launch|drop)\b.{0,24}\b(?:shell|bash|terminal|console|ssh session)\b"
            r"|\bexec(?:ute)?\b.{0,30}\b(?:in|into|inside|on)\b|\b(?:ssh|shell) (?:in)?to\b"
            r"|\blog ?(?:in ?to|into) (?:the |a )?(?:pod|container)\b"
            r"|\b(?:hop|jump|get|go) (?:into|inside|in) (?:the |a )?[\w-]+ (?:pod|container)\b",
            re.IGNORECASE,
        ),
        "Commands inside a container are left out until they can be audited in full. Ask for its logs or description.",
    ),
    (
        re.compile(
            r"\bport[ -]?forward\w*\b"
            r"|\bforward\b.{0,40}\b(?:port|localhost|local)\b|\bforward (?:my )?(?:local )?port\b",
            re.IGNORECASE,
        ),
        "I forward no ports: they would end here and not on your machine. There, `kubectl port-forward` does it.",
    ),
    (
        re.compile(r"\bcopy\b.{0,40}\b(?:files?|folder|directory|dump)\b|\bkubectl cp\b", re.IGNORECASE),
        "I copy no files into or out of containers. `kubectl cp` on your machine does it.",
    ),
    (
        re.compile(
            r"\bedit\b.{0,40}\b(?:in (?:an|my|the) editor|by hand|in vim?|in nano)\b"
            r"|\bopen\b.{0,40}\bin (?:an|my|the) editor\b",
            re.IGNORECASE,
        ),
        "There is no editor here. Say what shall change, or send the manifest with apply.",
    ),
)
_INJECTION = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,30}\b(?:instructions?|rules|prompts?|polic(?:y|ies)|restrictions)\b"
    r"|^\s*(?:system|assistant|developer|user)\s*:"
    r"|[\[<(]/?\s*(?:system|assistant|inst|user)\b"
    r"|<!--|-->|\bnew instructions?\b|\byou are (?:now|root|admin)\b|\b(?:developer|god|root|debug|sudo) "
    r"mode\b|\bjailbreak\b"
    r"|(?:\b(?:assistant|ai|model|bot)|\S.{12,60}\bkubechat)\s*[,:]\s*(?:please |you "
    r")?(?:must|should|now|scale|delete|restart|run|execute)\b"
    r"|\bdo(?: not|n't) (?:tell|mention|inform)\b|\bwithout (?:telling|informing)\b",
    re.IGNORECASE | re.MULTILINE,
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_INVISIBLE = (
    "That text holds invisible or direction-changing characters, so what you see may not be what I "
    "read. Please type it again in plain letters."
)


def look_over(raw: str) -> Plan | str:
    """The text made plain, or the answer when it is not to be read any further.

    Args:
        raw: what the person sent; any length, any characters.

    Returns:
        at most `MAX_CHARACTERS` characters of visible text in one line, or a plan that asks or refuses.
    """
    if len(raw) > MAX_CHARACTERS:
        return _too_long(raw)
    text = raw.removeprefix("\ufeff").strip()
    if not text:
        return ask(
            "What would you like to know or do? For example: show the pods, or logs of a deployment.", confidence=0.0
        )
    if _has_hidden(text):
        return ask(_INVISIBLE, confidence=0.0)
    text = text.translate(_TYPOGRAPHIC)
    return _pasted(text) or " ; ".join(line.strip() for line in text.splitlines() if line.strip())


def _too_long(raw: str) -> Plan:
    head = raw[:MAX_CHARACTERS]
    if len(_MANIFEST.findall(head)) >= 2:
        return ask(
            "That looks like a manifest. I can't apply one from words; use apply with it as a file.", confidence=0.0
        )
    return ask(
        f"That is {len(raw):,} characters; I read requests of up to {MAX_CHARACTERS:,}. Please say in a "
        f"sentence what you want.",
        confidence=0.0,
    )


_FORMS = (_INJECTION, _VERSES, _OBEY, _MESSAGES, _LOG_LINE, _SQL, *_SHELL, *(form for form, _ in _LEFT_OUT))
_GATES = Gates(form.pattern for form in _FORMS)


def _pasted(text: str) -> Plan | None:
    fits = {form for form in map(_FORMS.__getitem__, _GATES.open_for(text)) if form.search(text) is not None}
    if _INJECTION in fits:
        return refuse(
            "That reads like an instruction planted in a text. I treat such text as data and do nothing with "
            "it; please say yourself what you want."
        )
    if _VERSES in fits:
        return refuse("That is outside of what I do: I look after Kubernetes clusters.")
    left_out = next((why for form, why in _LEFT_OUT if form in fits), None)
    if left_out is not None and not _ASKS_FOR_RIGHT.search(text):
        return refuse(left_out)
    if _OBEY in fits:
        return refuse("What a log, a person or a page says is data to me. If you want it done, say it yourself.")
    if _MESSAGES in fits:
        return refuse("I send no messages: I look after Kubernetes clusters. Alerts are sent by their routes.")
    if len(_MANIFEST.findall(text)) >= 2:
        return ask(
            "That looks like a manifest. I can't apply one from words; use apply with it as a file.", confidence=0.0
        )
    if _LOG_LINE in fits:
        return ask(
            "That looks like pasted log output, which I take as data. What would you like to know about it?",
            confidence=0.0,
        )
    if text.count("\n") >= MAX_LINES:
        return ask("That is a lot of lines. Please say in a sentence what you want.", confidence=0.0)
    if _SQL in fits or not fits.isdisjoint(_SHELL):
        return refuse("I don't run shell or SQL. Ask in plain words, or type a kubectl command.")
    if _IS_KUBECTL.match(text):
        return ask("That is kubectl syntax, which is read as it stands: send it as a command.", confidence=0.0)
    return None


def _has_hidden(text: str) -> bool:
    """Whether it holds control, format or private characters; line breaks, tabs and joiners inside emoji are fine."""
    if text.isascii():
        return _CONTROL.search(text) is not None
    before = ""
    for c in text:
        if c in _EMOJI_JOINERS:
            if before.isascii():
                return True
        elif c not in "\n\r\t" and (
            unicodedata.category(c) in {"Cc", "Cf", "Co", "Cs", "Cn"}
            or ord(c) in _TAG_CHARACTERS
            or c in "\u2028\u2029\u3164\u115f\u1160"
        ):
            return True
        before = c
    return False
