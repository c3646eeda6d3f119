"""OIDC as kubectl's auth-provider does it: an id-token that is used until it ends, and renewed by a refresh-token.

The provider's certificate is always verified. A provider may give a new refresh-token each time and take the old one no
more: it is remembered here for as long as the process lives, and the kubeconfig is never written to.
"""

from __future__ import annotations

import base64
import binascii
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import orjson

from app.infra.kubernetes.entry import pem_of
from app.infra.kubernetes.sessions import Connector

SKEW = timedelta(seconds=30)  # a token that ends while its request is under way is of no use
ANSWERS_WITHIN_S = 10.0
LARGEST_ANSWER_BYTES = 256 * 1024


class ProviderError(Exception):
    """There is no id-token; the text says why, behind "its OIDC provider"."""


class OidcTokens:
    """The id-token of one user of a kubeconfig."""

    def __init__(self) -> None:
        self._seed: tuple[str, str] = ("", "")
        self._id_token = self._refresh_token = ""

    async def token(self, config: Mapping[str, Any]) -> tuple[str, datetime | None]:
        """An id-token that still counts, and when it ends.

        Args:
            config: `auth-provider.config` of the user, checked.

        Raises:
            ProviderError: it has ended, and the provider gave no other one.
        """
        seed = (str(config.get("id-token") or ""), str(config.get("refresh-token") or ""))
        if seed != self._seed:
            self._seed = seed
            self._id_token, self._refresh_token = seed
        ends_at = end_of(self._id_token) if self._id_token else datetime.min.replace(tzinfo=UTC)
        if ends_at is None or ends_at - SKEW > datetime.now(UTC):
            return self._id_token, ends_at
        if not self._refresh_token:
            raise ProviderError("gave a token that has ended, and there is no refresh-token")
        found = await self._renewed(config)
        self._id_token = str(found.get("id_token") or "")
        self._refresh_token = str(found.get("refresh_token") or self._refresh_token)
        if not self._id_token:
            raise ProviderError("gave no id-token")
        return self._id_token, end_of(self._id_token)

    async def _renewed(self, config: Mapping[str, Any]) -> Mapping[str, Any]:
        authority = pem_of(config, "idp-certificate-authority-data")
        tls = ssl.create_default_context(cadata=authority)
        issuer = str(config["idp-issuer-url"]).rstrip("/")
        timeout = aiohttp.ClientTimeout(total=ANSWERS_WITHIN_S)
        pair = f"{config['client-id']}:{config.get('client-secret') or ''}"
        headers = {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
        form = {"grant_type": "refresh_token", "refresh_token": self._refresh_token}
        try:
            async with aiohttp.ClientSession(timeout=timeout, connector=Connector(ssl=tls)) as session:
                known = await _json(session, "GET", f"{issuer}/.well-known/openid-configuration")
                endpoint = str(known.get("token_endpoint") or "")
                if not endpoint.startswith("https://"):
                    raise ProviderError("names no https address for tokens")
                return await _json(session, "POST", endpoint, headers=headers, data=form)
        except (aiohttp.ClientError, OSError) as exc:
            raise ProviderError("does not answer, or its certificate is not trusted") from exc


async def _json(session: aiohttp.ClientSession, method: str, url: str, **more: Any) -> Mapping[str, Any]:
    async with session.request(method, url, allow_redirects=False, **more) as reply:
        body = await reply.content.read(LARGEST_ANSWER_BYTES)
        if reply.status != 200:
            raise ProviderError(f"answered with HTTP status {reply.status}")
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as exc:
        raise ProviderError("gave an answer that cannot be read") from exc
    if not isinstance(found, dict):
        raise ProviderError("gave an answer that cannot be read")
    return found


def end_of(id_token: str) -> datetime | None:
    """When a token ends by its own word, which nobody here verifies; None where it does not say.

    Raises:
        ProviderError: it is no token.
    """
    parts = id_token.split(".")
    try:
        claims = orjson.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        ends_at = claims.get("exp")
        return None if ends_at is None else datetime.fromtimestamp(float(ends_at), UTC)
    except (IndexError, AttributeError, ValueError, TypeError, OverflowError, binascii.Error) as exc:
        raise ProviderError("gave something that is no id-token") from exc
