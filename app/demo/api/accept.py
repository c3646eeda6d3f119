"""Finds out in which form a client wants its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.demo.api.exchange import JSON
from app.demo.status import not_acceptable

_FORMS: Final = frozenset({"Table", "PartialObjectMetadata", "PartialObjectMetadataList"})


@dataclass(frozen=True, slots=True)
class Form:
    """The form of an answer.

    Attributes:
        media_type: JSON or YAML.
        shape: Table, PartialObjectMetadata, or empty for the objects themselves.
    """

    media_type: str = JSON
    shape: str = ""


def negotiate(header: str, *, shapes: bool = True) -> Form:
    """The first form of an `Accept` header that can be served.

    Args:
        header: the header's value.
        shapes: whether other shapes than the object are possible here.

    Raises:
        StatusError: 406 when there is none.
    """
    if not header.strip():
        return Form()
    for entry in header.split(","):
        media_type, *parameters = (part.strip() for part in entry.split(";"))
        values = dict(part.split("=", 1) for part in parameters if "=" in part)
        shape = values.get("as", "")
        if shape:
            served = shape in _FORMS and values.get("g") == "meta.k8s.io" and values.get("v", "v1") == "v1"
            if not shapes or not served or media_type != JSON:
                continue
            return Form(JSON, "Table" if shape == "Table" else "PartialObjectMetadata")
        if media_type in {JSON, "*/*", "application/*"}:
            return Form()
        if media_type == "application/yaml":
            return Form("application/yaml")
    raise not_acceptable()
