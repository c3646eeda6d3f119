"""Alertmanager's command line, and a configuration for as long as the alert generators give none.

Pure functions; nothing here starts or asks a server.
"""

from __future__ import annotations


def arguments(*, config: str, data: str, port: int) -> tuple[str, ...]:
    """Alertmanager's command line after its own name.

    Args:
        config: absolute path of the configuration file.
        data: absolute path of the folder for silences and the notification log.
        port: port on loopback.
    """
    return (
        f"--config.file={config}",
        f"--storage.path={data}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",  # one Alertmanager has nobody to gossip with
        "--log.format=json",
    )
