"""What a model may call, and how its calls are read: by a schema first, then as typed commands.

A call that cannot be read is told back to the model as its result. Nothing is run here, and nothing of a call is
trusted further on: the gateway reads each command again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.domain.commands.across import lines_of
from app.domain.commands.for_models import MOST_PROPOSED, proposed_by_model, read_by_model
from app.errors import KubeChatError
from app.nlp.models.model import Call, Tool

LONGEST_LINE: Final = 1_000  # characters; a manifest may be larger, and is bounded by the tokens of an answer
LONGEST_TEXT: Final = 2_000
MOST_CHOICES: Final = 6


class _Arguments(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class ReadArguments(_Arguments):
    """Arguments of `read`."""

    command: Annotated[
        str,
        Field(
            min_length=1,
            max_length=LONGEST_LINE,
            description="One kubectl line that reads: get, describe, logs (with --tail), top, events, rollout history, "
            "auth can-i, explain; or: kubectl diagnose -n NAMESPACE, which finds causes.",
        ),
    ]


class ProposeArguments(_Arguments):
    """Arguments of `propose`."""

    commands: Annotated[
        list[Annotated[str, Field(min_length=1)]],
        Field(min_length=1, max_length=MOST_PROPOSED, description="Complete kubectl lines, in their order."),
    ]
    explanation: Annotated[str, Field(max_length=LONGEST_TEXT, description="Why, in one or two sentences.")] = ""


class AskArguments(_Arguments):
    """Arguments of `ask`."""

    question: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
    choices: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=200)]],
        Field(max_length=MOST_CHOICES, description="Sentences that would answer it."),
    ] = []


_TOOLS: Final[dict[str, tuple[type[_Arguments], str]]] = {
    "read": (ReadArguments, "Reads from the clusters under the person's own rights; gives what kubectl prints."),
    "propose": (ProposeArguments, "Shows the person commands to confirm. It ends your turn, and changes nothing."),
    "ask": (AskArguments, "Asks the person a question. It ends your turn."),
}
READ, PROPOSE, ASK = _TOOLS


@dataclass(frozen=True, slots=True)
class Place:
    """Where a conversation stands: its cluster, its namespace, and the names of all clusters."""

    cluster: str
    namespace: str
    clusters: Collection[str]


@dataclass(frozen=True, slots=True)
class Read:
    """A read, as a kubectl line."""

    call: Call
    line: str


@dataclass(frozen=True, slots=True)
class Propose:
    """A proposal."""

    call: Call
    lines: tuple[str, ...]
    explanation: str


@dataclass(frozen=True, slots=True)
class Ask:
    """A question back."""

    call: Call
    question: str
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wrong:
    """A call that makes no sense, with what the model is told of it."""

    call: Call
    reason: str


Action = Read | Propose | Ask | Wrong


def tools(names: Sequence[str]) -> list[Tool]:
    """The tools of these names, as the protocol has them."""
    return [
        {
            "type": "function",
            "function": {"name": name, "description": _TOOLS[name][1], "parameters": _schema(_TOOLS[name][0])},
        }
        for name in names
    ]


def _schema(arguments: type[_Arguments]) -> dict[str, Any]:
    schema = arguments.model_json_schema()
    for word in ("title", "description"):
        schema.pop(word, None)
    for part in schema["properties"].values():
        part.pop("title", None)
    return schema


async def read_call(call: Call, place: Place, offered: Collection[str]) -> Action:
    """What a call means.

    Args:
        call: as the model made it.
        place: where the conversation stands.
        offered: names of the tools that it was given.
    """
    if call.name not in offered:
        return Wrong(call, f"There is no tool {call.name[:40]!r}. There is: {', '.join(offered)}.")
    try:
        found = _TOOLS[call.name][0].model_validate(orjson.loads(call.arguments or "{}"))
    except orjson.JSONDecodeError:
        return Wrong(call, "The arguments are no JSON.")
    except ValidationError as exc:
        places = sorted({".".join(str(part) for part in fault["loc"]) or "arguments" for fault in exc.errors()})
        return Wrong(call, f"The arguments do not fit the schema; look at: {', '.join(places)[:200]}.")
    try:
        match found:
            case ReadArguments():
                read = await read_by_model(found.command, **_where(place))
                at_home = [replace(command, home=place.cluster) for command in read]
                return Read(call, lines_of(at_home, place.clusters)[0])
            case ProposeArguments():
                await proposed_by_model(found.commands, **_where(place))
                # As the model wrote them: a manifest stands below its line, and the gateway reads them anew anyway.
                return Propose(call, tuple(line.strip() for line in found.commands), found.explanation)
            case AskArguments():
                return Ask(call, found.question, tuple(found.choices))
    except KubeChatError as error:
        return Wrong(call, error.message)
    raise AssertionError("unreachable: every kind of arguments is matched")


def _where(place: Place) -> dict[str, Any]:
    return {"cluster": place.cluster, "namespace": place.namespace, "clusters": place.clusters}


def looks_like_a_call(text: str) -> bool:
    """Whether a model wrote a call as text: it has not learned to call tools."""
    bare = text.strip().removeprefix("```json").removeprefix("```").removesuffix("```").strip()
    if bare.startswith(("<tool_call>", "<function", "[TOOL_CALLS]")):
        return True
    try:
        decoded = orjson.loads(bare)
    except orjson.JSONDecodeError:
        return False
    first = decoded[0] if isinstance(decoded, list) and decoded else decoded
    if not isinstance(first, dict):
        return False
    inner = first.get("function", first)
    name = inner.get("name") if isinstance(inner, dict) else None
    return name in _TOOLS or "tool_calls" in first
