"""What a change would do, as values that can be stored, shown, hashed, and carried out by any process.

A step is exactly one mutating request. Its digest covers what will be sent and to which object, without the version
that is read again at the last moment: the person confirms the change, the precondition protects it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import orjson

from app.domain.commands.model.command import Command, Risk

MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
JSON_PATCH = "application/json-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"
FIELD_MANAGER = "kubechat"
"""Owns what is applied: the next apply has to know what the last one set."""
JSON = "application/json"  # of DeleteOptions, and of whole objects
NOT_NOW = "not now: "
"""In front of what a dry run says when it would be refused for now only, as a disruption budget does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One mutating request.

    Attributes:
        command: the equivalent kubectl line.
        cluster: where it goes.
        namespace: of the object, empty for what lies in none.
        verb: kubectl's verb.
        kind: the object's kind.
        resource: its type's plural.
        object: its name as kubectl writes it, `deployment.apps/web`.
        name: its name.
        uid: its uid at the preview, empty for what is not there yet.
        generation: its generation at the preview, 0 where it has none.
        resource_version: its version when it was read last.
        object_path: where it is read.
        method: HTTP method.
        path: where the request goes.
        query: its parameters, without field manager and dry run.
        content_type: media type of the body.
        body: the body; the tests of a JSON patch are in it.
        summary: what happens, in a few words.
        done: what to say once it has happened, in kubectl's words.
        before: the value that changes, as it is.
        after: as it will be.
        diff: unified diff of the object's YAML, empty for a deletion.
        dry_run: "ok", or what the API server says against it.
        undo: the operations of the JSON patch that takes it back; empty where it cannot be taken back.
        cluster_uid: of the cluster that it was previewed on; empty where that cannot be seen.
    """

    command: str
    cluster: str
    namespace: str
    verb: str
    kind: str
    resource: str
    object: str
    name: str
    uid: str
    generation: int
    resource_version: str
    object_path: str
    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    content_type: str
    body: bytes
    summary: str
    done: str
    before: str
    after: str
    diff: str
    dry_run: str
    undo: bytes = b""
    cluster_uid: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The step as JSON can hold it."""
        found: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        found["query"] = [list(pair) for pair in self.query]
        found["body"] = self.body.decode()
        found["undo"] = self.undo.decode()
        return found

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Step:
        """The step that `to_dict` gave; TypeError when a field is missing or unknown."""
        return cls(
            **{
                **stored,
                "query": tuple((str(key), str(value)) for key, value in stored["query"]),
                "body": str(stored["body"]).encode(),
                "undo": str(stored.get("undo") or "").encode(),
            }
        )

    def to_view(self) -> dict[str, Any]:
        """What a person is shown of it: an entry of the `preview` event's steps."""
        return {
            "command": self.command,
            "cluster": self.cluster,
            "namespace": self.namespace,
            "object": self.object,
            "summary": self.summary,
            "before": self.before,
            "after": self.after,
            "diff": self.diff,
            "dry_run": self.dry_run,
        }

    @property
    def manager(self) -> str:
        """The field manager that it always has; empty where each intent is its own."""
        return FIELD_MANAGER if self.content_type == APPLY_PATCH else ""

    @property
    def is_new(self) -> bool:
        """Whether it makes an object that is not there yet."""
        return not self.uid

    def operations(self) -> list[dict[str, Any]]:
        """Of a JSON patch, its operations with their tests; of anything else none."""
        return list(orjson.loads(self.body)) if self.content_type == JSON_PATCH else []

    def body_to_send(self) -> bytes:
        """The body with its precondition (docs/adr/0020).

        A JSON patch carries its tests since the preview. A deletion is of one uid, whatever its status says. A
        replacement is of the version that was read last. What is new may not be there yet.
        """
        if self.method == "DELETE":
            options = orjson.loads(self.body)
            options["preconditions"] = {"uid": self.uid}
            return orjson.dumps(options)
        if self.method == "PUT":
            whole = orjson.loads(self.body)
            same = {"uid": self.uid, "resourceVersion": self.resource_version}
            return orjson.dumps({**whole, "metadata": {**whole["metadata"], **same}})
        return self.body

    def body_to_try(self) -> bytes:
        """The body for a dry run. A deletion says so in its body, since parameters are not read where there is one."""
        if self.method != "DELETE":
            return self.body
        options = orjson.loads(self.body)
        options["preconditions"] = {"uid": self.uid}
        options["dryRun"] = ["All"]
        return orjson.dumps(options)


@dataclass(frozen=True, slots=True)
class Preview:
    """A change, shown before it is done.

    Attributes:
        command: what was asked.
        risk: what has to happen before it runs.
        typed_name: what the person has to type, None where a confirmation is enough.
        steps: the requests, in their order; none when nothing would change.
        consequences: what else happens, one sentence each.
    """

    command: Command
    risk: Risk
    typed_name: str | None
    steps: tuple[Step, ...]
    consequences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """What became of a step.

    Attributes:
        state: applied, failed, unknown or not_sent.
        text: one sentence for the person.
        http_status: of the answer, None when there was none.
        resource_version: of the object after the change, empty when it is not known.
        stale: it was not done because the object is no longer as it was shown.
        retry_after_s: seconds after which the cluster may be asked again, where it named some.
    """

    state: str
    text: str
    http_status: int | None = None
    resource_version: str = ""
    stale: bool = False
    retry_after_s: float | None = None


def digest(steps: Sequence[Step]) -> str:
    """SHA-256, in hexadecimal, of the canonical JSON of what these steps send, to which objects, in which order."""
    sent = [
        {
            "cluster": step.cluster,
            "uid": step.uid,
            "generation": step.generation,
            "method": step.method,
            "path": step.path,
            "query": [list(pair) for pair in step.query],
            "content_type": step.content_type,
            "body": step.body.decode(),
        }
        for step in steps
    ]
    return hashlib.sha256(orjson.dumps(sent, option=orjson.OPT_SORT_KEYS)).hexdigest()
