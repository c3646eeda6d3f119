"""A real Prometheus with samples that a test chose, and nothing to scrape."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx2

from tests.support.waiting import wait_for

_MINUTES = 10  # that each sample is repeated, so that "now" finds one however slow the test is


@contextmanager
def prometheus_with(samples: Mapping[str, float], folder: Path) -> Iterator[str]:
    """A Prometheus in which each series has this value at present; yields its address.

    Args:
        samples: values by series, as `name{label="value"}`.
        folder: where its data go.
    """
    data = folder / "data"
    _fill(samples, folder, data)
    (folder / "prometheus.yaml").write_text("global: {scrape_interval: 1h}\n", encoding="ascii")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    program = shutil.which("prometheus")
    assert program, "prometheus is missing: install Debian's package"
    command = [
        program,
        f"--config.file={folder / 'prometheus.yaml'}",
        f"--storage.tsdb.path={data}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with (folder / "prometheus.log").open("wb") as log:
        running = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            wait_for("prometheus to be ready", lambda: _ready(url), within_s=60)
            yield url
        finally:
            running.terminate()
            running.wait(30)


def _fill(samples: Mapping[str, float], folder: Path, data: Path) -> None:
    data.mkdir()
    if not samples:
        return
    now = int(time.time())
    lines = []
    for name in sorted({series.partition("{")[0] for series in samples}):
        lines.append(f"# TYPE {name} gauge")
        for series, value in samples.items():
            if series.partition("{")[0] == name:
                lines += [f"{series} {value!r} {at}" for at in range(now - 60, now + 60 * _MINUTES, 60)]
    page = folder / "samples"
    page.write_text("\n".join([*lines, "# EOF", ""]), encoding="ascii")
    tool = shutil.which("promtool")
    assert tool, "promtool is missing: install Debian's package prometheus"
    subprocess.run(
        [tool, "tsdb", "create-blocks-from", "openmetrics", "--quiet", str(page), str(data)],
        check=True,
        capture_output=True,
    )


def _ready(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/-/ready", trust_env=False).status_code == 200
    except httpx2.TransportError:
        return False
