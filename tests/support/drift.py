"""What the exporters say of the settings of running servers."""

from __future__ import annotations

from dataclasses import dataclass

from prometheus_client.openmetrics.parser import text_string_to_metric_families

from app.telemetry import server_catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing
from exporters.main import build_exporters
from exporters.settings import ExporterSettings
from tests.support.stack import LocalStack


@dataclass(frozen=True, slots=True)
class Compared:
    """One look at all servers.

    Attributes:
        settings: how many settings were compared, by the server's port.
        drifted: the port and the setting of each difference.
        values: numbers that have drifted, by port, setting and side.
    """

    settings: dict[int, int]
    drifted: set[tuple[int, str]]
    values: dict[tuple[int, str, str], float]


async def compared(settings: ExporterSettings) -> Compared:
    """Ask all servers once, by exporters of this process."""
    found = Compared({}, set(), {})
    for exporter in build_exporters(settings, Instruments(), Tracing("exporters", "exporters")):
        page = "".join((await exporter.collect()).parts())
        await exporter.close()
        for sample in (sample for family in text_string_to_metric_families(page) for sample in family.samples):
            port = int(sample.labels.get("server", "").rpartition(":")[2] or 0)
            if sample.name == server_catalogue.SETTINGS_COMPARED.name:
                found.settings[port] = int(sample.value)
            elif sample.name == server_catalogue.SETTING_DRIFT.name and sample.value:
                found.drifted.add((port, sample.labels["setting"]))
            elif sample.name == server_catalogue.SETTING_VALUE.name:
                found.values[port, sample.labels["setting"], sample.labels["side"]] = sample.value
    return found


def settings_of(stack: LocalStack) -> ExporterSettings:
    """The settings with which this stack's exporters run; its stores are enough."""
    base = stack.port_base
    password = (stack.state / "secrets" / "postgres-monitor").read_text().strip()

    def url(offset: int, database: str) -> str:
        return f"postgresql://kubechat_monitor:{password}@127.0.0.1:{base + offset}/{database}"

    return ExporterSettings(
        export_postgres_urls=",".join(url(offset, "kubechat") for offset in (120, 121, 122)),
        export_pgbouncer_url=url(130, "pgbouncer"),
        export_redis_nodes=",".join(f"127.0.0.1:{base + offset}" for offset in range(140, 146)),
        export_postgres_memory_bytes=2 * 2**30,
        export_redis_data_bytes=int(0.7 * 2**30),
        state_dir=stack.state,
        export_deadline_s=10,
    )
