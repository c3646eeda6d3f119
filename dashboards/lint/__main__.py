"""Reads the generated files and says what is wrong with them: `python -m dashboards.lint`."""

from __future__ import annotations

import sys
from pathlib import Path

from dashboards.lint.check import check, committed


def main() -> int:
    """Print all findings; 1 when there is one."""
    found = check(committed(Path(__file__).resolve().parents[2]))
    for finding in found:
        sys.stderr.write(f"{finding}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
