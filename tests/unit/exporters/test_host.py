"""The machine's own figures, those of its devices by what is on them, and a control group's where there is one."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
import pytest

from app.errors import InternalError
from app.telemetry import exporter_catalogue as more
from app.telemetry import server_catalogue
from exporters.host import Host
from exporters.settings import ExporterSettings
from exporters.sheet import Sheet


def device_below(folder: Path) -> tuple[int, int]:
    number = folder.stat().st_dev
    return os.major(number), os.minor(number)


async def read(host: Host) -> Sheet:
    sheet = Sheet()
    await host.read(sheet)
    return sheet


def machine(tmp_path: Path, directories: dict[str, list[Path]] | None = None) -> Host:
    """A machine whose /proc and control groups are below the folder."""
    return Host(
        {"state": [tmp_path]} if directories is None else directories,
        proc=tmp_path / "proc",
        proc_cgroup=tmp_path / "self",
        cgroup_root=tmp_path / "cgroup",
    )


async def test_memory_disk_and_processor_time_are_there(tmp_path: Path) -> None:
    host = Host({"state": [tmp_path]})
    sheet = await read(host)
    for metric in (server_catalogue.HOST_MEMORY_TOTAL, server_catalogue.HOST_CPUS):
        assert (sheet.value(metric, host=host.name) or 0) > 0
    assert (sheet.value(server_catalogue.HOST_CPU, host=host.name, mode="user") or 0) > 0
    for metric in (server_catalogue.HOST_DISK_TOTAL, server_catalogue.HOST_DISK_FREE):
        assert (sheet.value(metric, host=host.name, role="state") or 0) > 0
    assert (sheet.value(more.HOST_NETWORK_BYTES, host=host.name, interface="lo", direction="sent") or -1) >= 0


async def test_what_the_chosen_size_asks_of_disks_and_links_is_told(tmp_path: Path) -> None:
    host = Host({"state": [tmp_path]}, size="recommended")
    sheet = await read(host)
    own = {"host": host.name, "size": "recommended"}
    assert sheet.value(more.HOST_SIZE_DISK_OPERATIONS, **own) == 5000
    assert sheet.value(more.HOST_SIZE_NETWORK_BYTES, **own) == 1.25e9


async def test_each_core_tells_how_long_it_was_busy(tmp_path: Path) -> None:
    host = Host({"state": [tmp_path]})
    sheet = await read(host)
    busy = [sheet.value(more.HOST_CORE_BUSY, host=host.name, core=str(core)) for core in range(psutil.cpu_count())]
    assert all(seconds is not None and seconds > 0 for seconds in busy)
    assert sheet.value(server_catalogue.HOST_CPUS, host=host.name) == len(busy)


async def test_pressure_is_told_for_some_and_for_all(tmp_path: Path) -> None:
    folder = tmp_path / "proc" / "pressure"
    folder.mkdir(parents=True)
    (folder / "memory").write_text(
        "some avg10=0.00 avg60=0.00 avg300=0.00 total=2500000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=500000\n"
    )
    host = machine(tmp_path)
    sheet = await read(host)
    own = {"host": host.name, "resource": "memory"}
    assert sheet.value(more.HOST_PRESSURE, **own, share="some") == 2.5
    assert sheet.value(more.HOST_PRESSURE, **own, share="full") == 0.5
    assert sheet.value(more.HOST_PRESSURE, host=host.name, resource="io", share="some") is None


async def test_a_device_is_told_by_what_the_directories_on_it_are_for(tmp_path: Path) -> None:
    major, minor = device_below(tmp_path)
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc" / "diskstats").write_text(
        "   7       0 loop0 1 0 1 1 1 0 1 1 0 1 1 0 0 0 0 0 0\n"
        f" {major}       {minor} nvme0n1p1 100 3 800 250 40 7 1600 5000 2 4200 5250 0 0 0 0 0 0\n"
    )
    for name in ("db", "wal"):
        (tmp_path / name).mkdir()
    host = machine(tmp_path, {"data": [tmp_path / "db"], "wal": [tmp_path / "wal"], "log": [tmp_path / "not-there"]})
    sheet = await read(host)
    for role in ("data", "wal"):
        own = {"host": host.name, "role": role, "device": "nvme0n1p1"}
        assert sheet.value(more.HOST_DISK_OPERATIONS, **own, direction="read") == 100
        assert sheet.value(more.HOST_DISK_BYTES, **own, direction="read") == 800 * 512
        assert sheet.value(more.HOST_DISK_TIME, **own, direction="read") == 0.25
        assert sheet.value(more.HOST_DISK_OPERATIONS, **own, direction="write") == 40
        assert sheet.value(more.HOST_DISK_BYTES, **own, direction="write") == 1600 * 512
        assert sheet.value(more.HOST_DISK_TIME, **own, direction="write") == 5
        assert sheet.value(more.HOST_DISK_BUSY, **own) == 4.2
        assert (sheet.value(server_catalogue.HOST_DISK_TOTAL, host=host.name, role=role) or 0) > 0
    assert sheet.value(server_catalogue.HOST_DISK_TOTAL, host=host.name, role="log") is None
    assert "loop0" not in "".join(sheet.parts())


async def test_a_file_system_with_a_number_of_its_own_is_traced_to_its_device(tmp_path: Path) -> None:
    major, minor = device_below(tmp_path)
    (tmp_path / "proc" / "self").mkdir(parents=True)
    (tmp_path / "proc" / "diskstats").write_text(" 259 9 nvme9n9 100 3 800 250 40 7 1600 5000 2 4200 5250\n")
    (tmp_path / "proc" / "self" / "mountinfo").write_text(
        f"29 1 {major}:{minor} /root /data rw,relatime shared:1 - btrfs /dev/nvme9n9 rw\n"
    )
    host = machine(tmp_path, {"data": [tmp_path]})
    own = {"host": host.name, "role": "data", "device": "nvme9n9"}
    assert (await read(host)).value(more.HOST_DISK_BUSY, **own) == 4.2


async def test_a_control_group_tells_its_memory_limit_processor_time_and_what_it_was_denied(tmp_path: Path) -> None:
    group = tmp_path / "cgroup" / "kubechat"
    group.mkdir(parents=True)
    (group / "memory.current").write_text("1048576\n")
    (group / "memory.max").write_text("2097152\n")
    (group / "memory.stat").write_text("inactive_file 48576\n")
    (group / "memory.events").write_text("oom_kill 1\n")
    (group / "cpu.stat").write_text("usage_usec 2500000\nuser_usec 1\nnr_periods 40\nnr_throttled 3\n")
    (tmp_path / "self").write_text("0::/kubechat\n")
    host = machine(tmp_path)
    sheet = await read(host)
    assert sheet.value(server_catalogue.HOST_CGROUP_MEMORY, host=host.name) == 2**20
    assert sheet.value(server_catalogue.HOST_CGROUP_MEMORY_LIMIT, host=host.name) == 2**21
    assert sheet.value(more.HOST_CGROUP_WORKING_SET, host=host.name) == 1_000_000
    assert sheet.value(more.HOST_CGROUP_OOM_KILLS, host=host.name) == 1
    assert sheet.value(server_catalogue.HOST_CGROUP_CPU, host=host.name) == 2.5
    assert sheet.value(more.HOST_CGROUP_PERIODS, host=host.name) == 40
    assert sheet.value(more.HOST_CGROUP_THROTTLED, host=host.name) == 3


async def test_a_machine_without_control_groups_is_fine(tmp_path: Path) -> None:
    host = machine(tmp_path)
    assert (await read(host)).value(server_catalogue.HOST_CGROUP_MEMORY, host=host.name) is None


def test_directories_are_named_by_their_role_and_by_no_other_word(tmp_path: Path) -> None:
    settings = ExporterSettings(state_dir=tmp_path, export_directories="data=/a, wal=/b,data=/c")
    assert settings.directories() == {"state": [tmp_path], "data": [Path("/a"), Path("/c")], "wal": [Path("/b")]}
    for wrong in ("/a", "scratch=/a", "data="):
        with pytest.raises(InternalError, match="KUBECHAT_EXPORT_DIRECTORIES"):
            ExporterSettings(export_directories=wrong).directories()
