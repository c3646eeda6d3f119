"""`kubechat`: the command line. One module per group of commands; this one puts them together.

Errors are one sentence on standard error and exit status 1; wrong usage is 2. A traceback is shown only where
KUBECHAT_DEBUG is set.
"""

from __future__ import annotations

import os
import sys

import typer

from app.cli import accounts, ask, caches, clusters, kubectl, maintenance, migrate, plans, promises, reindex, slo, stack
from app.cli.console import complaints
from app.errors import KubeChatError
from app.stack.errors import StackError


def build() -> typer.Typer:
    """The whole command line."""
    app = typer.Typer(
        name="kubechat",
        help="On-premises chat for Kubernetes.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,  # without frames, all commands fit on a screen
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    stack.add_to(app)
    ask.add_to(app)
    accounts.add_to(app)
    caches.add_to(app)
    clusters.add_to(app)
    kubectl.add_to(app)
    plans.add_to(app)
    maintenance.add_to(app)
    migrate.add_to(app)
    reindex.add_to(app)
    slo.add_to(app)
    promises.add_to(app)
    return app


def _root() -> None:
    """On-premises chat for Kubernetes."""


def run() -> None:
    """The entry point; ends the process."""
    try:
        build()(prog_name="kubechat")
    except KeyboardInterrupt:
        sys.exit(130)
    except StackError as exc:
        _fail(exc.message, exc.detail)
    except KubeChatError as exc:
        _fail(exc.message)
    except Exception as exc:  # a person gets a sentence, whatever happened
        if os.environ.get("KUBECHAT_DEBUG"):
            raise
        _fail(f"A fault in kubechat itself ({type(exc).__name__}); KUBECHAT_DEBUG=1 shows where.")


def _fail(message: str, detail: tuple[str, ...] = ()) -> None:
    console = complaints()
    console.print(message, style="red", markup=False)
    for line in detail:
        console.print(f"  {line}", style="dim", markup=False)
    sys.exit(1)


if __name__ == "__main__":
    run()
