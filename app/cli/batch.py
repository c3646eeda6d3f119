"""`kubechat ask --batch`: many requests through the embedded translator in this process, on the demo clusters' names.

Nothing is started and nothing asked: this is how the translator is tried on lists of requests.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.demo.kubeconfig import CLUSTERS
from app.demo.vocabulary import demo_vocabulary
from app.domain.commands.parser import looks_like_kubectl
from app.domain.commands.typed import is_surely_typed, read_typed
from app.errors import InvalidInputError
from app.nlp.schemas import ContextBody, TurnBody
from app.nlp.translator.plan import Behaviour, Context, Plan
from app.nlp.translator.translate import translate
from app.nlp.translator.vocabulary import Vocabulary, compile_vocabulary

NAMESPACE: Final = "shop"  # where the demo's conversations begin


class Entry(BaseModel):
    """One request of a file."""

    model_config = ConfigDict(extra="ignore")

    id: str | int
    text: str
    namespace: str = ""
    cluster: str = ""
    turns: list[TurnBody] = Field(default_factory=list)


def answers(path: Path, namespace: str = "") -> Iterator[dict[str, Any]]:
    """The plan of each request of a file, in its order.

    Args:
        path: a JSON object on each line.
        namespace: where entries stand that name none.

    Raises:
        InvalidInputError: the file cannot be read, or a line is no request; the message names the line.
    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError as exc:
        raise InvalidInputError(f"{path} cannot be read: {exc.strerror or 'not a file'}.") from exc
    vocabulary = compile_vocabulary(**demo_vocabulary())
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        entry = _entry(path, number, line)
        context = ContextBody(
            cluster=entry.cluster or CLUSTERS[0], namespace=entry.namespace or namespace or NAMESPACE, turns=entry.turns
        )
        plan = planned(entry.text, context.made(), vocabulary)
        yield {
            "id": entry.id,
            "behaviour": plan.behaviour.value,
            "commands": list(plan.commands),
            "target": plan.target,
            "action": plan.action,
            "say": plan.say,
            "confidence": plan.confidence,
        }


def planned(text: str, context: Context, vocabulary: Vocabulary) -> Plan:
    """The plan of a text as `POST /api/v1/ask` gives it: of a typed line by its syntax, of words by the translator.

    Args:
        text: what was said.
        context: where its person stands.
        vocabulary: the names that this person may see.
    """
    plan = None if is_surely_typed(text) else translate(text, context, vocabulary)
    if plan is not None and not (plan.behaviour is Behaviour.CLARIFY and looks_like_kubectl(text)):
        return plan
    read = read_typed(text, cluster=context.cluster, namespace=context.namespace, clusters=vocabulary.clusters)
    return Plan(
        Behaviour(read.behaviour), read.commands, say=read.say, target=read.target, action=read.action, confidence=1.0
    )


def _entry(path: Path, number: int, line: bytes) -> Entry:
    try:
        return Entry.model_validate(orjson.loads(line))
    except orjson.JSONDecodeError as exc:
        raise InvalidInputError(f"{path}, line {number}: it is no JSON.") from exc
    except ValidationError as exc:
        fields = sorted({".".join(str(part) for part in fault["loc"]) or "the line" for fault in exc.errors()})
        raise InvalidInputError(f"{path}, line {number}: look at {', '.join(fields)}.") from exc
