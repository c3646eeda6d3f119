"""Values as Go writes them: kubectl prints JSONPath results and custom columns with fmt and encoding/json."""

from __future__ import annotations

import json
import math
from typing import Any

_HTML = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def printed(value: Any) -> str:
    """A value as fmt.Sprint writes it: `map[a:1 b:2]`, `[x y]`, `<nil>`, `1.5`."""
    if isinstance(value, str):
        return value
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return number(value)
    if isinstance(value, dict):
        return f"map[{' '.join(f'{key}:{printed(value[key])}' for key in sorted(value))}]"
    if isinstance(value, list):
        return f"[{' '.join(printed(part) for part in value)}]"
    return str(value)


def number(value: float) -> str:
    """A float as fmt writes it: the shortest that reads the same, with an exponent from 1e+21 on."""
    if value == 0 or not math.isfinite(value):
        return {0.0: "0", math.inf: "+Inf", -math.inf: "-Inf"}.get(value, "NaN")
    if 1e-4 <= abs(value) < 1e21:
        return str(int(value)) if value.is_integer() else repr(value)
    digits, _, exponent = f"{value!r}".partition("e")
    if not exponent:
        digits, _, exponent = f"{value:e}".partition("e")
    return f"{digits.removesuffix('.0')}e{exponent[0]}{exponent[1:].rjust(2, '0')}"


def compact_json(value: Any) -> str:
    """JSON as json.Marshal writes it: sorted keys, no spaces, what HTML knows escaped."""
    return escaped(json.dumps(_plain(value), separators=(",", ":"), sort_keys=True, ensure_ascii=False))


def indented_json(value: Any) -> str:
    """JSON as json.MarshalIndent writes it, four spaces a level."""
    return escaped(json.dumps(_plain(value), indent=4, sort_keys=True, ensure_ascii=False))


def escaped(text: str) -> str:
    """JSON text with what HTML knows escaped, as Go's encoder does."""
    for character, code in _HTML.items():
        if character in text:
            text = text.replace(character, code)
    return text


def _plain(value: Any) -> Any:
    """Whole floats as Go's encoder writes them, without a point."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return int(value)
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value
