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
# Texts come from programs and people, and may be long: no pattern below looks at a text more than a few hundred times,
# whatever is in it. A run of a token's letters is looked at from its beginning alone.
_DOTTED = re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]++(?:\.[A-Za-z0-9_-]*+)++")
_JWT_BEGINS = re.compile(r"\beyJ[A-Za-z0-9_-]{8}")
_LEAST_PAYLOAD = 8  # characters of a JWT's second part
_ASSIGNED = re.compile(
    r"(?i)((?:password|passwd|secret|token|api[_-]?key|access[_-]?key)[\w.-]{0,250}+)"
    r"([\"']?\s{0,40}+[=:]\s{0,40}+)"
    r"(\"(?:[^\"\\\n]|\\.){3,}+\"?|'[^'\n]{3,}+'?|\"?[^\s\"',;&]{3,})"
)
_Q = r"(?:\\{0,2}[\"'])?"  # a quote, where there is one; in a text within a text it is escaped
# A variable's name and value side by side, as YAML, JSON, and Go's errors about pod templates write them.
_NAME = rf"\bname{_Q}\s{{0,9}}+:\s{{0,9}}+{_Q}([\w.-]{{1,253}}+){_Q}"
_NAME_ABOVE_VALUE = re.compile(
    rf"(?i)({_NAME}[ \t,]{{0,9}}+\n([ \t]{{0,99}}+){_Q}value{_Q}[ \t]{{0,9}}+:[ \t]{{0,9}}+)"
    r"[^\n]++(?:\n\3[ \t][^\n]*+)*+"
)
_NAME_AND_VALUE = re.compile(
    rf"(?i)({_NAME}[ \t]{{0,9}}+,\s{{0,99}}+{_Q}value{_Q}\s{{0,9}}+:[ \t]{{0,9}}+)"
    r"(?:\\{1,2}\"[^\"\\]*+\\{0,2}\"?|\"(?:[^\"\\]|\\.)*+\"?|'[^']*+'?|[^\s,}\]\"'][^\n,}\]]*+)"
)
_VALUE_AND_NAME = re.compile(
    rf"(?i)(\bvalue{_Q}\s{{0,9}}+:[ \t]{{0,9}}+)"
    r"(\\{1,2}\"[^\"\\]{0,2000}+\\{0,2}\"|\"(?:[^\"\\]|\\.){0,2000}+\"|'[^']{0,2000}+'|[^\s,}\]\"'][^\n,}\]]{0,2000}+)"
    rf"(\s{{0,99}}?,?\s{{0,99}}+{_Q}name{_Q}\s{{0,9}}+:\s{{0,9}}+{_Q}([\w.-]{{1,253}}+))"
)
# By a JSON patch a variable is named by its place alone, so that what it holds is not known: it is hidden.
_VALUE_AT = re.compile(r"(/env/[0-9]{1,4}/value\"\s{0,9},\s{0,9}\"value\"\s{0,9}:\s{0,9})\"(?:[^\"\\]|\\.)*+\"")
_VARIABLE_QUOTED = re.compile(
    r"(?<!\S)(?:'((?:--env=)?([\w.-]{1,253}+)=)[^'\n]*+'|\"((?:--env=)?([\w.-]{1,253}+)=)(?:[^\"\\\n]|\\.)*+\")"
)
_VARIABLE = re.compile(r"(?<!\S)((?:--env=)?([\w.-]{1,253}+)=)((?:'[^'\n]*+'|\"(?:[^\"\\\n]|\\.)*+\"|[^\s'\"])++)")
_OF_VARIABLES = re.compile(r"\benv\b|\s-e\s")
_LITERAL = re.compile(r"(--from-literal[= ]['\"]?[^\s=]+=)('[^']*'|\"[^\"]*\"|[^\s'\"]+)")
_DATA_BRACES = re.compile(
    r"(?<![A-Za-z])([\"']?(?:data|stringData)[\"']?\s{0,40}+:\s{0,40}+)"
    r"\{(?:[^{}\"']++|\"(?:[^\"\\]|\\.)*+\"|'[^']*+')*+(?:\}|[^\n]*+)"  # what is not closed goes on to its line's end
)
_DATA_BLOCK = re.compile(
    r"^([ \t]*)[\"']?(?:data|stringData)[\"']?:[^\n{]*\n((?:\1[ \t]+[^\n]*(?:\n|$)|[ \t]*\n)+)", re.MULTILINE
)
_OF_A_SECRET = re.compile(r"\bsecrets?\b|\bkind[\"']?\s*:\s*[\"']?Secret\b", re.IGNORECASE)
_KEY_BEGINS = re.compile(r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----")
_KEY_ENDS = re.compile(r"-----END [A-Z ]{0,40}PRIVATE KEY-----")
_ASSIGNED_WORDS = ("password", "passwd", "secret", "token", "apikey", "api_key", "api-key", "access")  # of `_ASSIGNED`
_PEM = re.compile(r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)", re.DOTALL)


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
        text = _DOTTED.sub(_without_jwt, text)
    if "value" in lower and "name" in lower:
        text = _NAME_AND_VALUE.sub(_without_value, _NAME_ABOVE_VALUE.sub(_without_value, text))
        text = _VALUE_AND_NAME.sub(_without_value_before, text)
    if "/env/" in text:
        text = _VALUE_AT.sub(rf'\1"{HIDDEN}"', text)
    if any(word in lower for word in _ASSIGNED_WORDS):
        text = _ASSIGNED.sub(_without_assigned, text)
    return text


def redact_line(text: str) -> str:
    """A kubectl line as `redact_text` gives it, and without variables that are named like secrets."""
    if _OF_VARIABLES.search(text):
        text = _VARIABLE_QUOTED.sub(_without_quoted_variable, text)
        text = _VARIABLE.sub(lambda found: f"{found[1]}{HIDDEN}" if _SECRET_NAME.search(found[2]) else found[0], text)
    return redact_text(text)


def _without_quoted_variable(found: re.Match[str]) -> str:
    before, name = (found[1], found[2]) if found[1] else (found[3], found[4])
    return f"'{before}{HIDDEN}'" if _SECRET_NAME.search(name) else found[0]


def _without_jwt(found: re.Match[str]) -> str:
    parts = found[0].split(".")
    for index, part in enumerate(parts[:-1]):
        begins = _JWT_BEGINS.search(part) if len(parts[index + 1]) >= _LEAST_PAYLOAD else None
        if begins is not None:
            return ".".join([*parts[:index], part[: begins.start()] + HIDDEN])
    return found[0]


def _without_assigned(found: re.Match[str]) -> str:
    quote = found[3][0] if found[3][0] in "\"'" else ""
    closing = quote if quote and found[3].endswith(quote) else ""
    return f"{found[1]}{found[2]}{quote}{HIDDEN}{closing}"


def _without_value(found: re.Match[str]) -> str:
    return f"{found[1]}{HIDDEN}" if _SECRET_NAME.search(found[2]) else found[0]


def _without_value_before(found: re.Match[str]) -> str:
    return f"{found[1]}{HIDDEN}{found[3]}" if _SECRET_NAME.search(found[4]) else found[0]


def redact_typed(text: str) -> str:
    """What a person typed, as it may be kept: a line that sets a Secret's values, and a manifest of one, without them.

    Where a text speaks of Secrets, whatever stands below `data` or `stringData` in it is taken for their values.
    """
    return redact_line(redact_manifest(_LITERAL.sub(rf"\1{HIDDEN}", text)))


def redact_manifest(text: str) -> str:
    """A text that may hold a manifest, without the values of Secrets; all that is no manifest stays as it is."""
    if _OF_A_SECRET.search(text):
        text = _DATA_BRACES.sub(rf"\1{{{HIDDEN}}}", text)
        text = _DATA_BLOCK.sub(lambda found: f"{found[1]}data: {HIDDEN}\n", text)
    return text


class LineRedactor:
    """A log that comes line by line: a private key of several lines is hidden in whole, though no line shows it all."""

    def __init__(self) -> None:
        self._inside = False

    def line(self, text: str) -> str:
        """One line without what is secret."""
        if self._inside:
            self._inside = _KEY_ENDS.search(text) is None
            return HIDDEN
        for begun in _KEY_BEGINS.finditer(text):
            self._inside = _KEY_ENDS.search(text, begun.end()) is None
            if self._inside:
                break
        return redact_text(text)


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
