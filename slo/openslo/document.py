"""The objects of a file: each with its header read, found by kind and name, and none of them twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from slo.openslo.faults import Place, quoted
from slo.openslo.fields import Fields, described
from slo.openslo.loading import BROKEN, Loaded, items

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from slo.openslo.faults import Findings

API_VERSION: Final = "openslo/v1"
DATA_SOURCE: Final = "DataSource"
SERVICE: Final = "Service"
SLI: Final = "SLI"
SLO: Final = "SLO"
ALERT_POLICY: Final = "AlertPolicy"
ALERT_CONDITION: Final = "AlertCondition"
ALERT_NOTIFICATION_TARGET: Final = "AlertNotificationTarget"
KINDS: Final = (DATA_SOURCE, SERVICE, SLI, SLO, ALERT_POLICY, ALERT_CONDITION, ALERT_NOTIFICATION_TARGET)

_LONGEST_NAME: Final = 255


@dataclass(frozen=True, slots=True)
class Document:
    """One object.

    Attributes:
        place: where it is, with kind and name.
        kind: one of KINDS.
        name: its `metadata.name`.
        top: all of its fields.
        metadata: its metadata.
        spec: its specification; None when that is missing or none, which has been told.
    """

    place: Place
    kind: str
    name: str
    top: Fields
    metadata: Fields
    spec: Fields | None


@dataclass(slots=True)
class Documents:
    """The objects of a file."""

    _by_name: dict[tuple[str, str], Document] = field(default_factory=dict)

    @property
    def all(self) -> Iterable[Document]:
        """All objects, in the order of the file."""
        return self._by_name.values()

    def of_kind(self, kind: str) -> Iterator[Document]:
        """All objects of a kind, in the order of the file."""
        return (document for document in self._by_name.values() if document.kind == kind)

    def find(self, kind: str, name: str) -> Document | None:
        """The object with this name."""
        return self._by_name.get((kind, name))

    def add(self, document: Document) -> Document | None:
        """Take an object in; returns the one that has its name already."""
        return self._by_name.setdefault((document.kind, document.name), document)

    def close(self) -> None:
        """Tell the loss of every field that nobody asked for."""
        for document in self._by_name.values():
            document.top.close()


def read_documents(loaded: Iterable[Loaded], findings: Findings) -> Documents:
    """The objects of a file; what is wrong with their headers is told."""
    found = Documents()
    for each in (item for document in loaded for item in items(document)):
        document = _document(each, findings)
        if document is None:
            continue
        first = found.add(document)
        if first is not document and first is not None:
            sentence = f"document {first.place.document} has this kind and name already"
            findings.fault(document.place, "metadata.name", sentence)
    return found


def tell_metadata(metadata: Fields, *, shown: bool = False) -> None:
    """Tell what of an object's metadata is not carried over.

    Args:
        metadata: the metadata.
        shown: whether its `displayName` is.
    """
    metadata.has("name")
    if shown:
        metadata.text("displayName")
    else:
        metadata.leave("rules have no place for it", "displayName")
    labels = metadata.fields("labels")
    if labels is not None and labels.names:
        for name in labels.names:
            labels.has(name)
        labels.loss("", f"not carried over: {', '.join(map(quoted, labels.names))}; rules have labels of their own")


def _document(loaded: Loaded, findings: Findings) -> Document | None:
    if loaded.content is BROKEN:
        return None
    if not isinstance(loaded.content, dict):
        findings.fault(loaded.place, "", f"an object of OpenSLO is a mapping, and this is {described(loaded.content)}")
        return None
    place = _place(loaded.place, loaded.content)
    findings.introduce(place)
    top = Fields(loaded.content, place, "", findings)
    if not _is_ours(top):
        return None
    kind = top.text("kind", required=True, one_of=KINDS)
    metadata = top.fields("metadata", required=True)
    name = None if metadata is None else _name(metadata)
    spec = top.fields("spec", required=kind != SERVICE)
    if kind is None or metadata is None:
        return None
    # Without a name it is read all the same: what else is wrong with it is told at once.
    return Document(place, kind, name or f"the one of document {place.document}", top, metadata, spec)


def _place(place: Place, content: dict[str, Any]) -> Place:
    metadata = content.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    kind = content.get("kind")
    return Place(place.document, kind if isinstance(kind, str) else "", name if isinstance(name, str) else "")


def _is_ours(top: Fields) -> bool:
    if not top.has("apiVersion") and top.has("version"):
        version = top.anything("version")
        top.fault("version", f"{quoted(str(version))} is a format of Sloth's; only {API_VERSION} is read")
        return False
    version = top.text("apiVersion", required=True)
    if version is not None and version != API_VERSION:
        top.fault("apiVersion", f"{quoted(version)} is not read, only {API_VERSION}")
    return bool(version == API_VERSION)


def _name(metadata: Fields) -> str | None:
    name = metadata.text("name", required=True)
    if name is None:
        return None
    if len(name) > _LONGEST_NAME or any(char.isspace() or not char.isprintable() for char in name):
        metadata.fault("name", f"a name has no spaces and up to {_LONGEST_NAME} characters")
        return None
    return name
