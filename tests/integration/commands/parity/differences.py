"""Every difference between what kubectl prints and what the engine prints, each with its reason. There are no others."""

from __future__ import annotations

import re

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


def _without_account(said: Printed) -> Printed:
    out = said.out.replace("    certificate-authority-data: DATA+OMITTED\n", "").replace("user: {}\n", "user:\n")
    out = out.replace("    token: REDACTED\n", "").replace("kubechat:ada", "kubechat")
    return Printed("\n".join(" ".join(line.split()) for line in out.splitlines()), said.err, said.status)


def _without_files(said: Printed) -> Printed:
    out = re.sub(r"^diff -u -N .*\n", "", said.out, flags=re.MULTILINE)
    out = re.sub(r"^(---|\+\+\+) \S+/(LIVE|MERGED)-[0-9]+/(\S+)\t.*$", r"\1 \2 \3", out, flags=re.MULTILINE)
    return Printed(out, re.sub(r"^exit status 1\n", "", said.err, flags=re.MULTILINE), said.status)


def _without_ages(said: Printed) -> Printed:
    """Ages as one sign, and lines without what their width moves."""
    out = re.sub(r"\b(?:[0-9]+[dhms]){1,2}\b", "…", said.out)
    return Printed(re.sub(r" +|(?<=[ \n])-+", " ", out), said.err, said.status)


def _with_sorted_lists(said: Printed) -> Printed:
    def ordered(found: re.Match[str]) -> str:
        return ",".join(sorted(found[0].split(",")))

    return Printed(re.sub(r"[a-z]+(?:,[a-z]+)+", ordered, said.out), said.err, said.status)


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
    Difference(
        "log",
        "kubectl's libraries write a log of their own about their connections, now and then.",
        ours=same,
        theirs=without(r"^[EIW][0-9]{4} [0-9:.]+ .*\n"),
    ),
)
MOMENT = Difference(
    "moment",
    "Ages are told by each one's own watch, and kubectl takes a moment longer to begin; where they were told in the"
    " same second they are compared as they are.",
    ours=_without_ages,
    theirs=_without_ages,
)
OF_ROWS = (
    Difference(
        "secret",
        "A secret's value is shown as its size.",
        ours=without(r": \(hidden\), [0-9]+ bytes$", ": …"),
        theirs=_without_data,
    ),
    Difference(
        "client",
        "There is no kubectl whose version could be told.",
        ours=same,
        theirs=without(r"^(Client|Kustomize) Version: .*\n"),
    ),
    Difference(
        "client's version",
        "There is no kubectl whose version could be told.",
        ours=same,
        theirs=without(
            r'^  "(?:client|kustomize)Version": (?:\{[^}]*\}|".*"),\n|^clientVersion:\n(?:  .*\n)*|^kustom.*\n'
        ),
    ),
    Difference(
        "account",
        "People are shown as who they are; what KubeChat itself signs in with is told to nobody.",
        ours=_without_account,
        theirs=_without_account,
    ),
    Difference(
        "names of files",
        "kubectl runs diff on temporary files; their names and times, and its first line, tell nothing.",
        ours=without(r"^(---|\+\+\+) (LIVE|MERGED)/(\S+)$", r"\1 \2 \3"),
        theirs=_without_files,
    ),
    Difference(
        "times",
        "An object that is not there yet is made at the time of its dry run, with an id of its own.",
        ours=without(r"^(.*(?:creationTimestamp|uid|resourceVersion): ).*$", r"\1…"),
        theirs=without(r"^(.*(?:creationTimestamp|uid|resourceVersion): ).*$", r"\1…"),
    ),
    Difference(
        "order of verbs",
        "The order in which a server names a type's verbs tells nothing; ours are sorted.",
        ours=_with_sorted_lists,
        theirs=_with_sorted_lists,
    ),
    Difference(
        "order of keys",
        "kubectl prints the keys of a map in an order that changes from one time to the next.",
        ours=lambda said: Printed("\n".join(sorted(said.out.splitlines())), said.err, said.status),
        theirs=lambda said: Printed("\n".join(sorted(said.out.splitlines())), said.err, said.status),
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
BY_NAME = {difference.name: difference for difference in (*EVERYWHERE, MOMENT, *OF_ROWS)}
