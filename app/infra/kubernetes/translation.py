"""What went wrong on the way to a cluster, in our own errors: what may have happened, and never a library's text."""

from __future__ import annotations

import aiohttp

from app.errors import DeadlineExceededError, KubeChatError
from app.infra.kubernetes.errors import ClusterAwayError, OutcomeUnknownError


class Translation:
    """Translates the errors of requests to one cluster.

    Args:
        cluster: its name.
    """

    def __init__(self, cluster: str) -> None:
        self._cluster = cluster

    def of(self, exc: Exception, *, changes: bool, sent: bool) -> KubeChatError:
        """The error for one of the library's.

        Args:
            exc: that.
            changes: whether the request changes something.
            sent: whether a connection was had, after which it may have reached the cluster.
        """
        if not sent or isinstance(exc, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)):
            return self._away(exc)
        if changes:
            return self.lost()
        return self._late() if isinstance(exc, TimeoutError) else self._away(exc)  # TimeoutError is an OSError

    def lost(self) -> OutcomeUnknownError:
        """The error for a change whose answer cannot be had."""
        return OutcomeUnknownError(
            f"The answer of {self._cluster} was lost: whether it did what was asked is not known yet."
        )

    def _late(self) -> DeadlineExceededError:
        return DeadlineExceededError(f"The cluster {self._cluster} took too long to answer.", code="cluster_timeout")

    def _away(self, exc: BaseException) -> ClusterAwayError:
        if isinstance(exc, (aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError)):
            return ClusterAwayError(
                f"The certificate of the cluster {self._cluster} is not trusted; nothing was sent.",
                reason="its certificate is not trusted",
                code="cluster_certificate",
            )
        reason = why_away(exc)
        return ClusterAwayError(f"The cluster {self._cluster} does not answer: {reason}.", reason=reason)


def why_away(exc: BaseException) -> str:
    """Why there is no connection, or no longer one, in a few words that stand behind the cluster's name."""
    match exc:
        case aiohttp.ClientProxyConnectionError() | aiohttp.ClientHttpProxyError():
            return "its proxy does not let the connection through"
        case aiohttp.ClientConnectorDNSError():
            return "its name is not known"
        case aiohttp.ClientConnectorError() if isinstance(exc.os_error, ConnectionRefusedError):
            return "connection refused"
        case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError():
            return "no connection"
        case aiohttp.ClientPayloadError():
            return "its answer broke off"
    return "the connection broke"
