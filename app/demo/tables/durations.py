"""Ages as kubectl shows them (k8s.io/apimachinery/pkg/util/duration)."""

from __future__ import annotations

from datetime import datetime

from app.demo.clock import moment_of

UNKNOWN = "<unknown>"


def age(text: str | None, now: datetime) -> str:
    """How long ago a time was."""
    return human_duration((now - moment_of(text)).total_seconds()) if text else UNKNOWN


def human_duration(total_s: float) -> str:
    """A length of time with one or two units."""
    seconds = int(total_s)
    if total_s < -1:
        return "<invalid>"
    if seconds < 0:
        return "0s"
    if seconds < 120:
        return f"{seconds}s"
    minutes = seconds // 60
    if minutes < 10:
        rest = seconds % 60
        return f"{minutes}m{rest}s" if rest else f"{minutes}m"
    if minutes < 180:
        return f"{minutes}m"
    hours = minutes // 60
    if hours < 8:
        rest = minutes % 60
        return f"{hours}h{rest}m" if rest else f"{hours}h"
    if hours < 48:
        return f"{hours}h"
    days = hours // 24
    if hours < 192:
        rest = hours % 24
        return f"{days}d{rest}h" if rest else f"{days}d"
    if days < 730:
        return f"{days}d"
    years = days // 365
    if days < 2920:
        rest = days % 365
        return f"{years}y{rest}d" if rest else f"{years}y"
    return f"{years}y"
