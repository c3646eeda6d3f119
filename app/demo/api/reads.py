"""Lists, pages and single objects, in the shape that the client wants."""

from __future__ import annotations

import base64
from typing import Any

import orjson

from app.demo.api.accept import Form
from app.demo.api.address import Address
from app.demo.api.exchange import Answer, Request
from app.demo.cluster import Cluster
from app.demo.custom.definitions import kind_of
from app.demo.kinds import Kind
from app.demo.objects import Obj, name_of, namespace_of
from app.demo.selectors import Test, field_test, label_test
from app.demo.status import StatusError, bad_request, expired, not_found, version_too_large
from app.demo.store import TooOldError
from app.demo.tables.render import partial_metadata, table
from app.demo.usage import metrics
from app.demo.writing.views import as_served

_TOO_OLD_PAGE = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
    "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
    "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or "
    "deleted between the time the first chunk was returned and now may show up in the list."
)


def selection(request: Request, address: Address) -> Test | None:
    """The test that a request's selectors are; None when it selects everything.

    Raises:
        StatusError: 400 for a selector that cannot be read.
    """
    tests = []
    if request.param("labelSelector"):
        tests.append(label_test(request.param("labelSelector")))
    if request.param("fieldSelector"):
        tests.append(field_test(request.param("fieldSelector"), address.kind.key))
    if address.name:
        tests.append(lambda obj: name_of(obj) == address.name)
    wanted = [test for test in tests if test is not None]
    return (lambda obj: all(test(obj) for test in wanted)) if wanted else None


def shaped(form: Form, obj: Obj, request: Request, cluster: Cluster, *, status: int = 200) -> Answer:
    """One object in a form."""
    if form.shape == "Table" and obj.get("kind") != "Status":
        metadata = {"resourceVersion": obj["metadata"].get("resourceVersion", "")}
        body = table(kind_of(cluster.store, obj), [obj], metadata, cluster.now, include_of(request))
        return Answer(status, body)
    if form.shape and obj.get("kind") != "Status":
        return Answer(status, partial_metadata(obj))
    return Answer(status, obj, form.media_type)


def include_of(request: Request) -> str:
    """What a table's rows carry.

    Raises:
        StatusError: 400 for an unknown wish.
    """
    wish = request.param("includeObject") or "Metadata"
    if wish not in {"Metadata", "Object", "None"}:
        raise bad_request(f'unrecognized includeObject value: "{wish}"')
    return wish


def get_one(cluster: Cluster, request: Request, address: Address, form: Form) -> Answer:
    """GET of an object.

    Raises:
        StatusError: 404.
    """
    kind = address.kind
    if kind.group == "metrics.k8s.io":
        found = next((obj for obj in metrics(cluster, kind, address.namespace) if name_of(obj) == address.name), None)
    elif kind.kind == "ComponentStatus":
        found = next((obj for obj in components() if name_of(obj) == address.name), None)
    else:
        found = cluster.store.get(kind.key, address.namespace, address.name)
    if found is None:
        raise not_found(kind, address.name)
    answer = shaped(form, as_served(kind, found), request, cluster)
    answer.headers.update(deprecation(kind))
    return answer


def deprecation(kind: Kind) -> dict[str, str]:
    """The header that warns of a kind that is going."""
    return {"Warning": f'299 - "{kind.warning}"'} if kind.warning else {}


def get_list(cluster: Cluster, request: Request, address: Address, form: Form) -> Answer:
    """GET of a collection.

    Raises:
        StatusError: 400, 410 or 504.
    """
    kind = address.kind
    test = selection(request, address)
    metadata: Obj = {"resourceVersion": str(cluster.store.version)}
    if kind.group == "metrics.k8s.io" or kind.kind == "ComponentStatus":
        objects = components() if kind.kind == "ComponentStatus" else metrics(cluster, kind, address.namespace)
        found = [obj for obj in objects if test is None or test(obj)]
        metadata = {}
    else:
        found, metadata = _page(cluster, request, address, test)
    served = [as_served(kind, obj) for obj in found]
    return Answer(200, shaped_list(kind, served, metadata, form, request, cluster), form.media_type, deprecation(kind))


def shaped_list(kind: Kind, objects: list[Obj], metadata: Obj, form: Form, request: Request, cluster: Cluster) -> Obj:
    """A list of objects in a form."""
    if form.shape == "Table":
        return table(kind, objects, metadata, cluster.now, include_of(request))
    if form.shape:
        return {
            "kind": "PartialObjectMetadataList",
            "apiVersion": "meta.k8s.io/v1",
            "metadata": metadata,
            "items": [partial_metadata(obj) for obj in objects],
        }
    if kind.definition is not None:
        # Custom objects are served as they are stored, kind and version in each, and without empty fields left out.
        listed = {"continue": "", **metadata}
        return {"kind": f"{kind.kind}List", "apiVersion": kind.api_version, "metadata": listed, "items": objects}
    items = [{field: value for field, value in obj.items() if field not in {"kind", "apiVersion"}} for obj in objects]
    return {"kind": f"{kind.kind}List", "apiVersion": kind.api_version, "metadata": metadata, "items": items}


def _page(cluster: Cluster, request: Request, address: Address, test: Test | None) -> tuple[list[Obj], Obj]:
    limit = request.number("limit") or 0
    token = request.param("continue")
    store, key = cluster.store, address.kind.key
    version, start = store.version, ("", "")
    if token:
        wanted, start = _read_token(token, address)
        version = wanted if wanted > 0 else store.version
    else:
        check_version(cluster, request)
        if request.param("resourceVersionMatch") == "Exact":
            version = int(request.param("resourceVersion"))
    try:
        objects = store.all_at(key, version, address.namespace)
    except TooOldError as exc:
        if token:
            raise expired(_TOO_OLD_PAGE, continue_token=_token(-1, _text(start, address))) from exc
        raise expired("The resourceVersion for the provided list is too old.") from exc
    if token:
        objects = [obj for obj in objects if (namespace_of(obj), name_of(obj)) > start]
    if test is not None:
        objects = [obj for obj in objects if test(obj)]
    metadata: Obj = {"resourceVersion": str(version)}
    if limit and len(objects) > limit:
        last = _text((namespace_of(objects[limit - 1]), name_of(objects[limit - 1])), address)
        # Events are not kept in the watch cache, whose keys begin with a slash.
        metadata["continue"] = _token(version, last if key == "events" else f"/{last}")
        if test is None:
            metadata["remainingItemCount"] = len(objects) - limit
        objects = objects[:limit]
    return objects, metadata


def check_version(cluster: Cluster, request: Request) -> None:
    """Check a list's resourceVersion.

    Raises:
        StatusError: 400 for one that is no number, 504 for one of the future.
    """
    text, match = request.param("resourceVersion"), request.param("resourceVersionMatch")
    if match and match not in {"Exact", "NotOlderThan"}:
        raise bad_request(f'resourceVersionMatch: Unsupported value: "{match}"')
    if match and not text and not request.flag("watch"):
        raise bad_request("resourceVersionMatch is forbidden unless resourceVersion is provided")
    if not text:
        return
    if not text.isdigit():
        raise unreadable_version(text)
    if int(text) > cluster.store.version:
        raise version_too_large(int(text), cluster.store.version)


def unreadable_version(text: str) -> StatusError:
    """500: that is what the API server makes of a resourceVersion that is no number."""
    why = f'resourceVersion: Invalid value: "{text}": strconv.ParseUint: parsing "{text}": invalid syntax'
    return StatusError(500, why)


def _text(place: tuple[str, str], address: Address) -> str:
    """A place as a token names it: below the collection that was asked for."""
    namespace, name = place
    return f"{namespace}/{name}" if namespace and not address.namespace else name


def _token(version: int, last: str) -> str:
    content = orjson.dumps({"v": "meta.k8s.io/v1", "rv": version, "start": f"{last}\0"})
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _read_token(token: str, address: Address) -> tuple[int, tuple[str, str]]:
    """The version of a token, and namespace and name of the last object that was listed."""
    text = b""
    try:
        text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        content: Any = orjson.loads(text)
        version, last = int(content["rv"]), str(content["start"]).lstrip("/").rstrip("\0")
    except (ValueError, KeyError, TypeError) as exc:
        why = f": invalid character '{shown_byte(text[0])}' looking for beginning of value" if text else ""
        raise bad_request(f"invalid continue token: continue key is not valid{why}") from exc
    namespace, _, name = last.rpartition("/")
    return version, (namespace or address.namespace, name)


def shown_byte(value: int) -> str:
    """A byte as Go's JSON decoder quotes it."""
    return chr(value) if 0x20 <= value < 0x7F else f"\\u{value:04x}"


def components() -> list[Obj]:
    """The component statuses."""
    made = []
    for name in ("etcd-0", "controller-manager", "scheduler"):
        entry = {"type": "Healthy", "status": "True", "message": "ok"}
        made.append({"kind": "ComponentStatus", "apiVersion": "v1", "metadata": {"name": name}, "conditions": [entry]})
    return made
