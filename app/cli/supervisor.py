"""The supervisor in a process of its own, for `kubechat up --detach`; and what it needs of the demo clusters.

It stands here because the stack and the demo clusters are siblings that do not know one another. Its output is its log.
"""

from __future__ import annotations

import asyncio
import sys

from app.demo.kubeconfig import kubeconfig
from app.stack.errors import StackError
from app.stack.ports import LOOPBACK
from app.stack.run import run_stack
from app.stack.settings import Options, StackSettings


def demo_kubeconfig(*, port: int, token: str, authority_pem: str) -> str:
    """The kubeconfig of the demo clusters."""
    return kubeconfig(host=LOOPBACK, port=port, token=token, authority_pem=authority_pem)


def command(options: Options) -> list[str]:
    """The command that runs a supervisor with these options."""
    return [sys.executable, "-P", "-m", "app.cli.supervisor", options.model_dump_json()]


def main(arguments: list[str]) -> int:
    """Run a stack to its end.

    Args:
        arguments: the options as one JSON text.

    Returns:
        The exit status.
    """
    try:
        settings = StackSettings.read()
        options = Options.model_validate_json(arguments[0])
        asyncio.run(run_stack(settings, options, demo_kubeconfig, lambda _: None))
    except StackError as exc:
        sys.stderr.write("\n".join((exc.message, *exc.detail, "")))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
