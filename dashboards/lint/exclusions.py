"""Findings that are no faults, each with the reason. One that nothing answers to is a finding itself."""

from __future__ import annotations

from typing import Final

EXCLUDED: Final[dict[tuple[str, str], str]] = {}
"""Reasons by the rule and the beginning of where it is found."""
