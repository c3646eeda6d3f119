"""The passwords and tokens of one stack: made once, kept in files that only their owner reads.

They are never printed or logged here, and never put on a command line. SQL gets a SCRAM verifier in place of a
password, so that no statement log can hold one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from pathlib import Path
from typing import Final

from app.stack.errors import StackError
from app.stack.layout import write_file

_SCRAM_ITERATIONS: Final = 4096  # PostgreSQL 15's own; the passwords are random, so more would only cost time
ADMIN_USER: Final = "admin"

POSTGRES_SUPERUSER: Final = "postgres-superuser"
POSTGRES_REPLICATION: Final = "postgres-replication"
POSTGRES_GATEWAY: Final = "postgres-gateway"
POSTGRES_AUDIT: Final = "postgres-audit"
POSTGRES_MONITOR: Final = "postgres-monitor"
POSTGRES_MAINTENANCE: Final = "postgres-maintenance"
POSTGRES_AUDIT_MAINTENANCE: Final = "postgres-audit-maintenance"
SERVICE_TOKEN: Final = "service-token"  # noqa: S105 - the file's name
WEBHOOK_TOKEN: Final = "webhook-token"  # noqa: S105 - the file's name
CLUSTER_KEYS: Final = "cluster-keys"
DEMO_ADMIN_TOKEN: Final = "demo-admin-token"  # noqa: S105 - the file's name
DEMO_GATEWAY_TOKEN: Final = "demo-gateway-token"  # noqa: S105 - the file's name
DEMO_EXPORTERS_TOKEN: Final = "demo-exporters-token"  # noqa: S105 - the file's name
DEMO_TOKENS: Final = "demo-tokens.json"
ADMIN_PASSWORD: Final = "admin-password"  # noqa: S105 - the file's name

_RANDOM: Final = (
    POSTGRES_SUPERUSER,
    POSTGRES_REPLICATION,
    POSTGRES_GATEWAY,
    POSTGRES_AUDIT,
    POSTGRES_MONITOR,
    POSTGRES_MAINTENANCE,
    POSTGRES_AUDIT_MAINTENANCE,
    SERVICE_TOKEN,
    WEBHOOK_TOKEN,
    DEMO_ADMIN_TOKEN,
    DEMO_GATEWAY_TOKEN,
    DEMO_EXPORTERS_TOKEN,
)
# People type this one, so it is made of words' letters and digits that cannot be mistaken for one another.
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"


class Credentials:
    """The secrets in one folder.

    Args:
        folder: where the files are; it exists and is closed to others.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create(self) -> None:
        """Make every secret that is missing; those that exist stay as they are."""
        for name in _RANDOM:
            self._make(name, secrets.token_urlsafe(32))
        self._make(CLUSTER_KEYS, f"1:{base64.b64encode(secrets.token_bytes(32)).decode()}")
        groups = ["".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4)]  # 79 bits
        self._make(ADMIN_PASSWORD, "-".join(groups))

    def path(self, name: str) -> Path:
        """The file of a secret."""
        return self._folder / name

    def read(self, name: str) -> str:
        """A secret's value.

        Raises:
            StackError: there is no such file, or it is empty.
        """
        try:
            value = self.path(name).read_text(encoding="utf-8").strip()
        except OSError as exc:
            raise StackError(f"The secret {self.path(name)} cannot be read.") from exc
        if not value:
            raise StackError(f"The secret {self.path(name)} is empty; `kubechat down --wipe` starts afresh.")
        return value

    def _make(self, name: str, value: str) -> None:
        path = self.path(name)
        if not path.exists():
            write_file(path, value + "\n")


def scram_verifier(password: str, salt: bytes | None = None) -> str:
    """PostgreSQL's form of a SCRAM-SHA-256 password (RFC 5802, RFC 7677); `CREATE ROLE … PASSWORD` takes it as it is.

    Args:
        password: ASCII, so that SASLprep changes nothing.
        salt: 16 bytes; random when None.
    """
    salt = secrets.token_bytes(16) if salt is None else salt
    salted = hashlib.pbkdf2_hmac("sha256", password.encode("ascii"), salt, _SCRAM_ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    encoded = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    return f"SCRAM-SHA-256${_SCRAM_ITERATIONS}:{encoded[0]}${encoded[1]}:{encoded[2]}"
