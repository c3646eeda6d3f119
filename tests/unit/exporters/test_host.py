"""The machine's own figures, and a control group's where there is one."""

from __future__ import annotations

from pathlib import Path

from app.telemetry import catalogue
from exporters.host import Host
from exporters.sheet import Sheet


async def read(host: Host) -> Sheet:
    sheet = Sheet()
    await host.read(sheet)
    return sheet


async def test_memory_disk_and_processor_time_are_there(tmp_path: Path) -> None:
    host = Host(tmp_path)
    sheet = await read(host)
    for metric in (catalogue.HOST_MEMORY_TOTAL, catalogue.HOST_DISK_TOTAL, catalogue.HOST_CPUS):
        assert (sheet.value(metric, host=host.name) or 0) > 0
    assert (sheet.value(catalogue.HOST_CPU, host=host.name, mode="user") or 0) > 0


async def test_a_control_group_tells_its_memory_limit_and_processor_time(tmp_path: Path) -> None:
    group = tmp_path / "cgroup" / "kubechat"
    group.mkdir(parents=True)
    (group / "memory.current").write_text("1048576\n")
    (group / "memory.max").write_text("2097152\n")
    (group / "cpu.stat").write_text("usage_usec 2500000\nuser_usec 1\n")
    (tmp_path / "self").write_text("0::/kubechat\n")
    host = Host(tmp_path, proc_cgroup=tmp_path / "self", cgroup_root=tmp_path / "cgroup")
    sheet = await read(host)
    assert sheet.value(catalogue.HOST_CGROUP_MEMORY, host=host.name) == 2**20
    assert sheet.value(catalogue.HOST_CGROUP_MEMORY_LIMIT, host=host.name) == 2**21
    assert sheet.value(catalogue.HOST_CGROUP_CPU, host=host.name) == 2.5


async def test_a_control_group_without_a_limit_shows_none(tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "self").write_text("0::/\n")
    host = Host(tmp_path, proc_cgroup=tmp_path / "self", cgroup_root=tmp_path)
    assert (await read(host)).value(catalogue.HOST_CGROUP_MEMORY_LIMIT, host=host.name) is None


async def test_a_machine_without_control_groups_is_fine(tmp_path: Path) -> None:
    host = Host(tmp_path, proc_cgroup=tmp_path / "none", cgroup_root=tmp_path)
    assert (await read(host)).value(catalogue.HOST_CGROUP_MEMORY, host=host.name) is None
