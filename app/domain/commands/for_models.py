"""What a language model may ask for: reads within a budget, and changes as proposals. Its words are typed commands too.

The language service checks a model's lines here before they leave it, and the gateway checks them here again: nothing
that a model says is trusted. This module runs nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from app.domain.commands.model.cluster import SetContext, UseContext
from app.domain.commands.model.command import Command, Risk
from app.domain.commands.model.streaming import streams
from app.domain.commands.parser import parse_each_aside
from app.domain.commands.redaction import HIDDEN
from app.errors import ForbiddenError, InvalidInputError

MOST_STEPS: Final = 6  # rounds of reads in one turn: a question that needs more of them is a person's to take apart
MOST_READS: Final = 4  # in one round
MOST_PROPOSED: Final = 10  # lines of one proposal: a person reads each of them before confirming


async def read_by_model(line: str, *, cluster: str, namespace: str, clusters: Collection[str]) -> tuple[Command, ...]:
    """The reads that a model's line means.

    Args:
        line: what the model wrote.
        cluster: the conversation's cluster.
        namespace: the conversation's namespace.
        clusters: names of all clusters.

    Raises:
        InvalidInputError: it is no command, or one that goes on or moves the conversation.
        ForbiddenError: it changes something; a model proposes changes, and a person confirms them.
        KubeChatError: as the parser does.
    """
    commands = await _parsed(line, cluster, namespace, clusters)
    for command in commands:
        if command.risk is not Risk.READ:
            raise ForbiddenError(
                "This changes something and was not run: propose it, and the person decides.", code="model_change"
            )
        if streams(command):
            raise InvalidInputError("This goes on without an end; ask for it once.", code="model_stream")
        if isinstance(command, (UseContext, SetContext)):
            raise InvalidInputError(
                "The conversation stays where it is; name the place with -n and --context.", code="model_moves"
            )
    return commands


async def proposed_by_model(
    lines: Sequence[str], *, cluster: str, namespace: str, clusters: Collection[str]
) -> tuple[Command, ...]:
    """The commands that a model proposes; nothing is said of whether they are allowed.

    Raises:
        InvalidInputError: there is none, there are too many, or one is no command.
        KubeChatError: as the parser does.
    """
    if not 0 < len(lines) <= MOST_PROPOSED:
        raise InvalidInputError(f"Propose one to {MOST_PROPOSED} commands.", code="model_proposal")
    return tuple([each for line in lines for each in await _parsed(line, cluster, namespace, clusters)])


async def _parsed(line: str, cluster: str, namespace: str, clusters: Collection[str]) -> tuple[Command, ...]:
    if HIDDEN in line:
        raise InvalidInputError(
            "What is hidden is not known to a model; the person has to write this line.", code="model_hidden"
        )
    return await parse_each_aside(line, cluster=cluster, namespace=namespace, clusters=clusters)
