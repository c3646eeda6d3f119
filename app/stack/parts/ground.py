"""What every part of the stack is described from."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import app
from app.stack.credentials import Credentials
from app.stack.layout import Layout
from app.stack.ports import Ports
from app.stack.programs import Programs, plain_environment
from app.stack.settings import Options, StackSettings
from app.stack.spawner import Spawner


class DemoKubeconfig(Protocol):
    """The text of a kubeconfig for the demo clusters."""

    def __call__(self, *, port: int, token: str, authority_pem: str) -> str:
        """Write it.

        Args:
            port: the demo clusters' port on loopback.
            token: the bearer token to show.
            authority_pem: the certificate of the authority that signed theirs.
        """


@dataclass(frozen=True, slots=True)
class Ground:
    """One stack's choices and places.

    Attributes:
        settings: from the environment.
        options: from the command line.
        layout: where everything lies.
        credentials: its passwords and tokens.
        spawner: makes its processes.
        programs: the third-party servers.
        ports: who listens where.
        demo_kubeconfig: writes the demo clusters' kubeconfig.
        env: the environment that every child starts from.
    """

    settings: StackSettings
    options: Options
    layout: Layout
    credentials: Credentials
    spawner: Spawner
    programs: Programs
    ports: Ports
    demo_kubeconfig: DemoKubeconfig
    env: Mapping[str, str] = field(default_factory=plain_environment)

    @property
    def public_url(self) -> str:
        """Where people find the web chat."""
        return f"http://127.0.0.1:{self.ports.public}"

    @property
    def code(self) -> Path:
        """The folder that holds the packages: the checkout, or site-packages."""
        return Path(app.__file__).resolve().parent.parent

    def module(self, name: str) -> tuple[str, ...]:
        """The command that runs one of our processes."""
        return (sys.executable, "-P", "-m", name)
