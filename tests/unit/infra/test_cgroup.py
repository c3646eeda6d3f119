"""Control groups of both versions, read from trees as kernels show them."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.infra.cgroup import ControlGroup, Usage
from app.infra.memory import HEAP_EVERY, MemoryGuard
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments

FIRST = {
    "cpu,cpuacct/kubechat/gateway-1/cpu.stat": "nr_periods 400\nnr_throttled 30\nthrottled_time 1234567890\n",
    "cpu,cpuacct/kubechat/gateway-1/cpuacct.usage": "2500000000\n",
    "memory/kubechat/gateway-1/memory.usage_in_bytes": "300000000\n",
    "memory/kubechat/gateway-1/memory.limit_in_bytes": "536870912\n",
    "memory/kubechat/gateway-1/memory.stat": "cache 1\nrss 2\ninactive_file 7\ntotal_inactive_file 100000000\n",
    "memory/kubechat/gateway-1/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n",
}
SECOND = {
    "kubechat/gateway-1/cpu.stat": (
        "usage_usec 2500000\nuser_usec 1\nsystem_usec 2\nnr_periods 400\nnr_throttled 30\nthrottled_usec 1234567\n"
    ),
    "kubechat/gateway-1/memory.current": "300000000\n",
    "kubechat/gateway-1/memory.max": "536870912\n",
    "kubechat/gateway-1/memory.stat": "anon 2\nfile 5\ninactive_file 100000000\nactive_file 3\n",
    "kubechat/gateway-1/memory.events": "low 0\nhigh 0\nmax 9\noom 3\noom_kill 2\noom_group_kill 0\n",
}
SEEN = Usage(
    cpu_s=2.5,
    periods=400,
    throttled_periods=30,
    memory_bytes=300_000_000,
    working_set_bytes=200_000_000,
    limit_bytes=536_870_912,
    oom_kills=2,
)
HYBRID = "9:name=systemd:/\n4:memory:/kubechat/gateway-1\n2:cpu,cpuacct:/kubechat/gateway-1\n0::/\n"


def group(tmp_path: Path, proc: str, files: dict[str, str]) -> ControlGroup:
    (tmp_path / "proc").write_text(proc)
    for name, text in files.items():
        file = tmp_path / "sys" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return ControlGroup(tmp_path / "proc", tmp_path / "sys")


@pytest.mark.parametrize(("proc", "files"), [(HYBRID, FIRST), ("0::/kubechat/gateway-1\n", SECOND)])
def test_both_versions_tell_the_same(tmp_path: Path, proc: str, files: dict[str, str]) -> None:
    assert group(tmp_path, proc, files).usage() == SEEN


def test_controllers_that_are_mounted_apart_are_found(tmp_path: Path) -> None:
    apart = {
        "cpu/x/cpu.stat": "nr_periods 4\nnr_throttled 1\nthrottled_time 5\n",
        "cpuacct/x/cpuacct.usage": "1000000000\n",
    }
    found = group(tmp_path, "2:cpuacct:/x\n1:cpu:/x\n", apart).usage()
    assert (found.cpu_s, found.periods, found.throttled_periods) == (1.0, 4, 1)


def test_a_container_that_sees_only_its_own_group_finds_it_at_the_mount(tmp_path: Path) -> None:
    inside = {name.removeprefix("kubechat/gateway-1/"): text for name, text in SECOND.items()}
    assert group(tmp_path, "0::/../../pod7/container\n", inside).usage() == SEEN


@pytest.mark.parametrize("limit", ["max\n", "9223372036854771712\n", ""])
def test_no_limit_is_none_and_hides_nothing_else(tmp_path: Path, limit: str) -> None:
    files = SECOND | {"kubechat/gateway-1/memory.max": limit}
    found = group(tmp_path, "0::/kubechat/gateway-1\n", files).usage()
    assert found.limit_bytes is None
    assert found.working_set_bytes == 200_000_000


def test_a_machine_without_control_groups_tells_nothing(tmp_path: Path) -> None:
    assert ControlGroup(tmp_path / "none", tmp_path).usage() == Usage()


def test_a_group_whose_name_is_not_ascii_is_read(tmp_path: Path) -> None:
    assert group(tmp_path, "0::/küche\n", {"küche/memory.max": "1000\n"}).memory_limit_bytes() == 1000


def test_kills_of_before_are_no_news_and_what_is_not_known_is_not_shown(tmp_path: Path) -> None:
    events = "kubechat/gateway-1/memory.events"
    instruments = Instruments()
    guard = MemoryGuard(instruments, None, group(tmp_path, "0::/kubechat/gateway-1\n", {events: "oom_kill 3\n"}))
    for _ in range(HEAP_EVERY):
        guard.sample()
    assert instruments.value(catalogue.CONTAINER_OOM_KILLS) == 0
    (tmp_path / "sys" / events).write_text("oom_kill 4\n")
    guard.sample()
    assert instruments.value(catalogue.CONTAINER_OOM_KILLS) == 1
    assert catalogue.CONTAINER_MEMORY.name not in "".join(instruments.parts())
