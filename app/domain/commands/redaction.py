"""Nothing secret leaves: applied to every object and every text before it becomes a result, a diff or a summary."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
HIDDEN = "(hidden)"
_SECRET_NAME = re.compile(r"passw|secret|token|credential|private.?key|api.?key|access.?key|auth(?!or)", re.IGNORECASE)
_URL_PASSWORD = re.compile(r"(?<=://)([^\s:/@'\"]*):([^\s@'\"/]{1,200})@")
_BEARER = re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE)
_JWT = re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*")
_ASSIGNED = re.compile(
    r"(?i)\b([\w.-]*(?:password|passwd|secret|token|api[_-]?key|access[_-]?key)[\w.-]*)"
    r"(\"?\s*[=:]\s*\"?)([^\s\"',;&]{3,})"
)
_LITERAL = re.compile(r"(--from-literal[= ]['\"]?[^\s=]+=)('[^']*'|\"[^\"]*\"|[^\s'\"]+)")
_DATA_BRACES = re.compile(r"(\"?(?:data|stringData)\"?\s*:\s*)\{[^{}]*\}")
_DATA_BLOCK = re.compile(r"^([ \t]*)(?:data|stringData):[ \t]*\n((?:\1[ \t]+[^\n]*(?:\n|$)|[ \t]*\n)+)", re.MULTILINE)
_OF_A_SECRET = re.compile(r"\bsecrets?\b|\bkind\"?\s*:\s*\"?Secret\b", re.IGNORECASE)
_KEY_BEGINS = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
_KEY_ENDS = re.compile(r"-----END [A-Z ]*PRIVATE KEY-----")
_ASSIGNED_WORDS = ("password", "passwd", "secret", "token", "apikey", "api_key", "api-key", "access")  # of `_ASSIGNED`
_PEM = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----", re.DOTALL)


def redact_text(text: str) -> str:
    """A text (a log, a message, an event) without passwords in addresses, bearer tokens, keys and assigned secrets."""
    # Looking for a word is a hundred times quicker than its pattern, and most texts hold none of these.
    lower = text.lower()
    if "private key" in lower:
        text = _PEM.sub(f"-----{HIDDEN}-----", text)
    if "://" in text:
        text = _URL_PASSWORD.sub(rf"\1:{HIDDEN}@", text)
    if "bearer" in lower or "basic" in lower:
        text = _BEARER.sub(rf"\1 {HIDDEN}", text)
    if "eyJ" in text:
        text = _JWT.sub(HIDDEN, text)
    if any(word in lower for word in _ASSIGNED_WORDS):
        text = _ASSIGNED.sub(rf"\1\2{HIDDEN}", text)
    return text


def redact_typed(text: str) -> str:
    """What a person typed, as it may be kept: a line that sets a Secret's values, and a manifest of one, without them.

    Where a text speaks of Secrets, whatever stands below `data` or `stringData` in it is taken for their values.
    """
    text = _LITERAL.sub(rf"\1{HIDDEN}", text)
    if _OF_A_SECRET.search(text):
        text = _DATA_BRACES.sub(rf"\1{{{HIDDEN}}}", text)
        text = _DATA_BLOCK.sub(lambda found: f"{found[1]}data: {HIDDEN}\n", text)
    return redact_text(text)


class LineRedactor:
    """A log that comes line by line: a private key of several lines is hidden in whole, though no line shows it all."""

    def __init__(self) -> None:
        self._inside = False

    def line(self, text: str) -> str:
        """One line without what is secret."""
        if self._inside:
            self._inside = _KEY_ENDS.search(text) is None
            return HIDDEN
        shown = redact_text(text)
        begun = _KEY_BEGINS.search(shown)
        if begun is None:
            return shown
        self._inside = True
        return f"{shown[: begun.start()]}-----{HIDDEN}-----"


def redact_cells(rows: list[list[str]]) -> list[list[str]]:
    """A table's cells, each as `redact_text` gives it; a table without anything to hide costs one look."""
    whole = "\n".join(["\t".join(row) for row in rows])
    return [[redact_text(cell) for cell in row] for row in rows] if redact_text(whole) != whole else rows


def redact_object(value: dict[str, Any]) -> dict[str, Any]:
    """A copy of an object, or of a list of objects, without what is secret in it.

    Secrets keep their keys and the sizes of their values. Of all objects the values of environment variables and
    arguments that are named or look like secrets are hidden, and the last applied configuration, which repeats them.
    """
    if isinstance(value.get("items"), list) and str(value.get("kind", "")).endswith("List"):
        of_secrets = value.get("kind") == "SecretList"
        items = [_redact(item, secret=of_secrets or item.get("kind") == "Secret") for item in value["items"]]
        return {**value, "items": items}
    return _redact(value, secret=value.get("kind") == "Secret")


def _redact(value: dict[str, Any], *, secret: bool) -> dict[str, Any]:
    found = {key: _walk(part) for key, part in value.items()}
    metadata = found.get("metadata")
    if isinstance(metadata, dict):
        metadata.pop("managedFields", None)
        annotations = metadata.get("annotations")
        if isinstance(annotations, dict) and LAST_APPLIED in annotations:
            annotations[LAST_APPLIED] = HIDDEN
    if secret:
        for name in ("data", "stringData"):
            if isinstance(found.get(name), dict):
                found[name] = {key: _size(value[name][key], encoded=name == "data") for key in found[name]}
        if isinstance(metadata, dict) and "annotations" in metadata:
            metadata["annotations"] = dict.fromkeys(metadata["annotations"] or {}, HIDDEN)
    return found


def _walk(value: Any) -> Any:
    if isinstance(value, dict):
        if _is_environment(value) and _SECRET_NAME.search(value["name"]):
            return {**value, "value": HIDDEN}
        return {key: _walk(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_walk(part) for part in value]
    return redact_text(value) if isinstance(value, str) and len(value) > 8 else value


def _is_environment(value: dict[str, Any]) -> bool:
    return isinstance(value.get("value"), str) and isinstance(value.get("name"), str) and bool(value["value"])


def _size(value: Any, *, encoded: bool) -> str:
    text = value if isinstance(value, str) else ""
    size = len(text.encode())
    if encoded:
        try:
            size = len(base64.b64decode(text, validate=True))
        except binascii.Error:
            size = len(text)
    return f"{HIDDEN}, {size} bytes"
