"""The exporters' settings, beside those of every process."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from app.errors import InternalError
from app.infra.settings import ProcessSettings
from exporters.host_disks import ROLES


class ExporterSettings(ProcessSettings):
    """What docs/architecture.md promises for the exporters; lists are comma separated, empty ones measure nothing."""

    export_postgres_urls: str = ""
    # What is exported of each table is bounded by the databases that are named here.
    export_table_databases: str = "kubechat,kubechat_audit"
    export_pgbouncer_url: str = ""
    export_redis_nodes: str = ""
    # Directories by what they hold (data, wal, log, spool): role=path, a role may be named several times.
    export_directories: str = ""
    # The size of the installation, which says what its disks and links have to do.
    size: Literal["minimum", "recommended", "enterprise"] = "minimum"
    # Where probes go: name=tcp://host:port or name=http(s)://host:port/path, and whose certificates are trusted there.
    export_network_peers: str = ""
    export_network_authority: Path | None = None
    # Every context of it is a cluster that is looked at, under the account that it names.
    export_kubeconfig: Path | None = None
    # What the servers were sized for; 0: not known, and settings that are shares of it are not compared.
    export_postgres_memory_bytes: int = Field(default=0, ge=0)
    export_redis_data_bytes: int = Field(default=0, ge=0)
    # Less than the 4 s after which Prometheus gives a scrape up: a target that hangs is then shown as down.
    export_deadline_s: float = Field(default=3.0, gt=0, le=30)

    def postgres_urls(self) -> list[str]:
        """DSNs of the PostgreSQL servers."""
        return _split(self.export_postgres_urls)

    def table_databases(self) -> list[str]:
        """The databases whose tables are looked at."""
        return _split(self.export_table_databases)

    def redis_addresses(self) -> list[tuple[str, int]]:
        """`(host, port)` of the Redis nodes."""
        pairs = [node.rpartition(":") for node in _split(self.export_redis_nodes)]
        return [(host, int(port)) for host, _, port in pairs]

    def directories(self) -> dict[str, list[Path]]:
        """Directories by role; our own state directory is always among them.

        Raises:
            InternalError: a role is none of the known ones.
        """
        found: dict[str, list[Path]] = {"state": [self.state_dir.absolute()]}
        for entry in _split(self.export_directories):
            role, _, path = entry.partition("=")
            if role not in ROLES or not path:
                raise InternalError(
                    f'KUBECHAT_EXPORT_DIRECTORIES: "{entry}" is no role=path with one of the roles {", ".join(ROLES)}',
                    code="configuration",
                )
            found.setdefault(role, []).append(Path(path))
        return found


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
