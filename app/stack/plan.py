"""The whole stack as a list of services: which there are, in order, and which of them this run starts."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from app.stack.credentials import DEMO_ADMIN_TOKEN, DEMO_EXPORTERS_TOKEN, DEMO_GATEWAY_TOKEN, DEMO_TOKENS
from app.stack.errors import StackError
from app.stack.layout import write_file
from app.stack.parts.ground import Ground
from app.stack.parts.monitoring import monitoring
from app.stack.parts.services import demo_tokens_text, services
from app.stack.parts.stores import stores
from app.stack.service import Service


def plan(ground: Ground, listen_fd: int) -> list[Service]:
    """Every service of this run, in order of start.

    Args:
        ground: the stack's choices.
        listen_fd: the gateway's listening socket.

    Raises:
        StackError: nothing is left to start.
    """
    secrets = ground.credentials
    write_file(
        secrets.path(DEMO_TOKENS),
        demo_tokens_text(
            secrets.read(DEMO_ADMIN_TOKEN), secrets.read(DEMO_GATEWAY_TOKEN), secrets.read(DEMO_EXPORTERS_TOKEN)
        ),
    )
    ours = [*stores(ground), *services(ground, listen_fd)]
    return chosen([*ours, *monitoring(ground, ours)], ground.options.only)


def chosen(found: Sequence[Service], only: Sequence[str]) -> list[Service]:
    """Those whose name begins with one of `only`; all when it is empty. Nobody waits for what is not started.

    Raises:
        StackError: none is left.
    """
    kept = [service for service in found if not only or service.name.startswith(tuple(only))]
    if not kept:
        raise StackError(f"No process of the stack is called {' or '.join(only)}.")
    names = {service.name for service in kept}
    return [
        dataclasses.replace(service, after=tuple(name for name in service.after if name in names)) for service in kept
    ]
