"""Writes everything that is generated, or says what would change.

    python -m deploy.generate           write what differs
    python -m deploy.generate --check   exit with 1, and a list, when something differs

Each package says itself what it generates; this module only collects and writes.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import alerts.catalogue
import dashboards.catalogue
import deploy.observability.files
from slo.writer import drift, write_all

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slo.writer import GeneratedFile

ROOT: Final = Path(__file__).resolve().parent.parent
FOLDERS: Final = (alerts.catalogue.FOLDER, dashboards.catalogue.FOLDER, deploy.observability.files.FOLDER)
"""Folders that hold generated files only: what nothing generates any more is removed from them."""


def generated_files() -> tuple[GeneratedFile, ...]:
    """Every generated file of the tree."""
    return (
        *alerts.catalogue.generated_files(),
        *dashboards.catalogue.generated_files(),
        *deploy.observability.files.generated_files(),
    )


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Write or check the generated files.

    Args:
        arguments: of the command line; those of the process when left out.
        root: the tree's root.

    Returns:
        the exit status: 1 when `--check` found a difference.
    """
    parser = argparse.ArgumentParser(
        prog="python -m deploy.generate", description="Write everything that is generated."
    )
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 when something differs")
    if parser.parse_args(arguments).check:
        found = drift(generated_files(), root, FOLDERS)
        for fault in found:
            sys.stderr.write(f"{fault}; run `make generate`\n")
        return 1 if found else 0
    for path in write_all(generated_files(), root, FOLDERS):
        sys.stdout.write(f"{path.relative_to(root)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
