"""`kubechat targets` and `kubechat slo gate`: what was promised, whether it holds, and whether a release may go out."""

from __future__ import annotations

from typing import Annotated

import typer

PrometheusUrl = Annotated[str | None, typer.Option("--prometheus", help="Its address; the local stack's if not given.")]
AsJson = Annotated[bool, typer.Option("--json", help="For machines.")]


def add_to(app: typer.Typer) -> None:
    """Add `kubechat targets`."""
    app.command()(targets)


def add_gate_to(group: typer.Typer) -> None:
    """Add `gate` to the group `kubechat slo`."""
    group.command()(gate)


def targets(
    *,
    verify: Annotated[bool, typer.Option("--verify", help="Ask a Prometheus whether each target holds.")] = False,
    prometheus: PrometheusUrl = None,
    section: Annotated[str, typer.Option(help="Only those whose path begins so.")] = "",
    as_json: AsJson = False,
) -> None:
    """Show all promises; exit status 1 when one fails --verify."""
    from app.cli.verdicts import show_targets

    raise typer.Exit(show_targets(prometheus, section, verify=verify, as_json=as_json))


def gate(*, prometheus: PrometheusUrl = None, as_json: AsJson = False) -> None:
    """Show each objective with its error budget left; exit with 1 when one is spent, with 2 when nobody answers."""
    from app.cli.verdicts import show_gate

    raise typer.Exit(show_gate(prometheus, as_json=as_json))
