"""Where a process' memory limit comes from, and when it sheds."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.infra.memory import SHED_RATIO, MemoryGuard, cgroup_memory_limit_bytes, resident_bytes
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from slo.targets.memory import HEAP_SIZE, MEMORY_ALERT


def limit(tmp_path: Path, proc: str, files: dict[str, str]) -> int | None:
    (tmp_path / "proc").write_text(proc)
    for name, text in files.items():
        file = tmp_path / "sys" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return cgroup_memory_limit_bytes(tmp_path / "proc", tmp_path / "sys")


def test_the_second_version_of_cgroups_is_read(tmp_path: Path) -> None:
    assert limit(tmp_path, "0::/kubechat/gateway-1\n", {"kubechat/gateway-1/memory.max": "536870912\n"}) == 536870912


def test_the_first_version_of_cgroups_is_read(tmp_path: Path) -> None:
    proc = "5:cpu,cpuacct:/\n4:memory:/kubechat/x\n0::/\n"
    assert limit(tmp_path, proc, {"memory/kubechat/x/memory.limit_in_bytes": "1048576\n"}) == 1048576


@pytest.mark.parametrize("text", ["max\n", "9223372036854771712\n"])
def test_no_limit_is_none(tmp_path: Path, text: str) -> None:
    assert limit(tmp_path, "0::/a\n", {"a/memory.max": text}) is None


def test_a_process_sheds_above_its_share_of_the_limit_and_recovers() -> None:
    instruments = Instruments()
    roomy = MemoryGuard(instruments, resident_bytes() * 4)
    roomy.sample()
    assert not roomy.shedding
    tight = MemoryGuard(instruments, resident_bytes() // 2)
    tight.sample()
    assert tight.shedding
    assert instruments.value(catalogue.MEMORY_SHEDDING) == 1


def test_the_thresholds_stand_in_their_order() -> None:
    assert HEAP_SIZE.figure.number < MEMORY_ALERT.figure.number < SHED_RATIO < 1
