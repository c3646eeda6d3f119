"""Where the third-party servers' programs are, and what to type when one is missing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.stack.errors import StackError

_FOLDERS: Final = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
_DEBIAN_POSTGRES: Final = Path("/usr/lib/postgresql/15/bin")
_POSTGRES: Final = ("initdb", "pg_basebackup", "postgres")


@dataclass(frozen=True, slots=True)
class Programs:
    """Absolute paths of the servers' programs.

    Attributes:
        postgres: the folder with PostgreSQL's programs, version 15 or later.
        pgbouncer: PgBouncer.
        redis: redis-server.
        prometheus: Prometheus.
        alertmanager: Alertmanager, which Debian calls prometheus-alertmanager.
    """

    postgres: Path
    pgbouncer: Path
    redis: Path
    prometheus: Path
    alertmanager: Path

    @classmethod
    def find(cls, postgres_bin: Path | None = None) -> Programs:
        """Look for every program.

        Args:
            postgres_bin: where PostgreSQL's programs are, if not in Debian's place.

        Raises:
            StackError: some are missing; the sentence has the line that installs them.
        """
        found = {
            "pgbouncer": _which("pgbouncer"),
            "redis-server": _which("redis-server"),
            "prometheus": _which("prometheus"),
            "prometheus-alertmanager": _which("prometheus-alertmanager") or _which("alertmanager"),
        }
        postgres = _postgres(postgres_bin)
        missing = [package for package, path in found.items() if path is None]
        if postgres is None:
            missing.insert(0, "postgresql-15")
        if missing or postgres is None:
            raise StackError(
                "These programs are missing; as root, type: "
                f"apt-get install --no-install-recommends {' '.join(missing)}"
            )
        paths = {package: path for package, path in found.items() if path is not None}
        return cls(
            postgres,
            paths["pgbouncer"],
            paths["redis-server"],
            paths["prometheus"],
            paths["prometheus-alertmanager"],
        )


def plain_environment(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment of every child: nothing of the caller's but the time zone and where programs are."""
    kept = {name: environ[name] for name in ("TZ",) if name in environ}
    return {"PATH": ":".join(_FOLDERS), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", **kept}


def _which(name: str) -> Path | None:
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":" + ":".join(_FOLDERS))
    return None if found is None else Path(found).absolute()


def _postgres(chosen: Path | None) -> Path | None:
    if chosen is not None:
        folders = [chosen]
    else:
        on_path = _which("initdb")
        newer = sorted(_DEBIAN_POSTGRES.parents[1].glob("1[6-9]/bin"))
        folders = [_DEBIAN_POSTGRES, *newer, *([on_path.resolve().parent] if on_path is not None else [])]
    for folder in folders:
        if all((folder / program).is_file() for program in _POSTGRES):
            return folder
    return None
