"""How many bytes go to a peer and come from it.

Counted where a client hands bytes over and takes them: what a protocol says, without what the kernel and TLS add, and
for HTTP without headers. One addition per message, because the hottest paths pass here.
"""

from __future__ import annotations

from app.telemetry import catalogue
from app.telemetry.instruments import Instruments, Tally

POSTGRESQL = "postgresql"
REDIS = "redis"
KUBERNETES = "kubernetes"


class Traffic:
    """The bytes between this process and one kind of peer.

    Args:
        instruments: where the counter lives.
        peer: the label: a service or a kind of store, never one replica.

    Attributes:
        sent: add what leaves.
        received: add what arrives.
    """

    __slots__ = ("received", "sent")

    def __init__(self, instruments: Instruments, peer: str) -> None:
        self.sent: Tally = instruments.tally(catalogue.DEPENDENCY_BYTES, peer, "sent")
        self.received: Tally = instruments.tally(catalogue.DEPENDENCY_BYTES, peer, "received")
