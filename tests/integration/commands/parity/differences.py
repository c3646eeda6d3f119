"""Every difference between what kubectl prints and what the engine prints, each with its reason. There are no others."""

from __future__ import annotations

from app.domain.commands.printing import Printed
from tests.integration.commands.parity.row import Difference, same, without


def _without_data(said: Printed) -> Printed:
    """The values below every `data:` of YAML."""
    lines, inside = [], ""
    for line in said.out.splitlines(keepends=True):
        indent = line[: len(line) - len(line.lstrip(" "))]
        if inside and len(indent) > len(inside):
            lines.append(f"{line.partition(':')[0]}: …\n")
            continue
        inside = indent if line.strip() == "data:" else ""
        lines.append(line)
    return Printed("".join(lines), said.err, said.status)


def _nothing(_: Printed) -> Printed:
    return Printed()


# These may be in any row.
EVERYWHERE = (
    Difference(
        "hint",
        "The nearest name, or that a namespace does not exist, stands on a line of its own below kubectl's words.",
        ours=without(r"^Hint: .*\n"),
        theirs=same,
    ),
)
OF_ROWS = (
    Difference(
        "secret",
        "A secret's value is shown as its size.",
        ours=without(r": \(hidden\), [0-9]+ bytes$", ": …"),
        theirs=_without_data,
    ),
    Difference(
        "last-applied",
        "The last applied configuration repeats an object with its secrets.",
        ours=without(r"^ +kubectl.kubernetes.io/last-applied-configuration: .*\n"),
        theirs=without(r"^ +kubectl.kubernetes.io/last-applied-configuration: .*\n(?: +\{.*\n)?"),
    ),
    Difference(
        "client",
        "There is no kubectl whose version could be told.",
        ours=same,
        theirs=without(r"^(Client|Kustomize) Version: .*\n"),
    ),
    Difference(
        "dump",
        "kubectl adds the whole object in Go's own notation to an error of a template, secrets included.",
        ours=same,
        theirs=without(r"(?<=Error executing template: )(.*?)\. Printing more information(?s:.*)", r"\1.\n"),
    ),
    Difference(
        "no field to sort by",
        "kubectl says that there are no objects where none has the field; ours names the field.",
        ours=_nothing,
        theirs=_nothing,
    ),
    Difference(
        "manual",
        "kubectl points to its own help, which is not offered.",
        ours=same,
        theirs=without(r"^(See 'kubectl .*|\nTo further debug.*)\n"),
    ),
)
BY_NAME = {difference.name: difference for difference in (*EVERYWHERE, *OF_ROWS)}
