"""Answers requests to resources: who asks is known, and that they may is checked here."""

from __future__ import annotations

from typing import Any

from app.demo.access.rbac import Authorizer, refusal
from app.demo.access.reviews import answer as review_answer
from app.demo.api import podlogs
from app.demo.api.accept import Form, negotiate
from app.demo.api.address import Address
from app.demo.api.exchange import Answer, Request, Stream
from app.demo.api.reads import get_list, get_one, selection, shaped, shaped_list
from app.demo.api.watches import open_watch
from app.demo.clock import micro_stamp
from app.demo.cluster import Cluster
from app.demo.ledger import Ledger
from app.demo.objects import Obj, name_of, namespace_of
from app.demo.protobuf.decode import MEDIA_TYPE as PROTOBUF
from app.demo.status import (
    StatusError,
    bad_request,
    method_not_allowed,
    not_implemented,
    unauthorized_action,
    unsupported_media_type,
)
from app.demo.writing.ownership import Manager, record_update
from app.demo.writing.patches import APPLY_PATCH, STRATEGIC_PATCH
from app.demo.writing.removals import Removals
from app.demo.writing.requests import MEDIA_TYPES, Options, Requests, Result
from app.demo.writing.views import as_served

_BODIES = ("", "application/json", "application/yaml", PROTOBUF)
_REVIEWS = frozenset({"authorization.k8s.io", "authentication.k8s.io"})
_UPGRADES = frozenset({"exec", "attach", "portforward"})
_UNSUPPORTED = {
    "binding": "bindings",
    "ephemeralcontainers": "ephemeral containers",
    "finalize": "finalizing namespaces",
    "proxy": "proxying",
    "resize": "resizing pods in place",
    "token": "requesting service account tokens",
}


class Resources:
    """The resources of one cluster.

    Args:
        cluster: which one.
        ledger: where changes are noted.
    """

    def __init__(self, cluster: Cluster, ledger: Ledger) -> None:
        self._cluster = cluster
        self._ledger = ledger
        self._requests = Requests(cluster)
        self._removals = Removals(cluster)
        self.authorizer = Authorizer(cluster.store)

    def answer(self, request: Request, address: Address) -> Answer | Stream:
        """Carry out a request.

        Raises:
            StatusError: any refusal.
        """
        watch = request.flag("watch")
        action = address.action(request.method, watch=watch, selected_name=_selected_name(request))
        allowed = address.kind.sub(address.sub).verbs if address.sub else address.kind.verbs  # type: ignore[union-attr]
        misplaced = not address.sub and (request.method == "POST") == bool(address.name)
        if action.verb not in allowed or (request.method in {"POST", "PUT", "PATCH"} and misplaced):
            raise method_not_allowed()
        if not self.authorizer.decide(request.user, action).allowed:
            raise unauthorized_action(address.kind, address.name, refusal(request.user, action))
        if address.kind.group in _REVIEWS:
            body = request.decoded(address.kind.kind)
            if not isinstance(body, dict):
                raise bad_request("the review must be an object")
            made = review_answer(self._cluster, self.authorizer, address.kind, request.user, body, address.namespace)
            if "AccessReview" in address.kind.kind:
                asked = {**made, "status": {}}
                record_update(address.kind, None, asked, Manager(self._options(request).manager), self._cluster.now)
                made["metadata"] = asked["metadata"]
            return Answer(201, made)
        if request.method in {"GET", "HEAD"}:
            return self._read(request, address, watch=watch and not address.sub)
        return self._change(request, address)

    def _read(self, request: Request, address: Address, *, watch: bool) -> Answer | Stream:
        match address.sub:
            case "log":
                return podlogs.read(self._cluster, request, address.namespace, address.name)
            case "scale":
                form = negotiate(request.headers.get("accept", ""))
                made = self._requests.scale(address.kind, address.namespace, address.name)
                return shaped(form, made, request, self._cluster)
            case sub if sub in _UPGRADES:
                if "upgrade" not in request.headers.get("connection", "").lower():
                    raise bad_request("Upgrade request required")
                raise not_implemented(f"pods/{sub}: its containers run no processes")
            case sub if sub in _UNSUPPORTED:
                raise not_implemented(_UNSUPPORTED[sub])
        form = negotiate(request.headers.get("accept", ""))
        if watch:
            return open_watch(self._cluster, request, address, form)
        if address.name:
            return get_one(self._cluster, request, address, form)
        return get_list(self._cluster, request, address, form)

    def _change(self, request: Request, address: Address) -> Answer:
        if address.sub in _UPGRADES:
            if "upgrade" not in request.headers.get("connection", "").lower():
                raise bad_request("Upgrade request required")
            raise not_implemented(f"pods/{address.sub}: its containers run no processes")
        if address.sub in _UNSUPPORTED:
            raise not_implemented(_UNSUPPORTED[address.sub])
        form = negotiate(request.headers.get("accept", ""))
        options = self._options(request)
        if request.method == "DELETE" and not address.name:
            return self._delete_collection(request, address, form, options)
        result = self._result(request, address, options)
        if result.changed is not None:
            self._note(request, address, options, result.changed)
        made = shaped(form, result.obj, request, self._cluster, status=result.code)
        for warning in result.warnings:
            text = warning.replace("\\", "\\\\").replace('"', '\\"')
            made.headers["Warning"] = f'299 - "{text}"'
        return made

    def _result(self, request: Request, address: Address, options: Options) -> Result:
        kind, namespace, name = address.kind, address.namespace, address.name
        if request.method == "DELETE":
            return self._removals.delete(kind, namespace, name, self._wishes(request), options)
        if request.method == "POST":
            body = self._body(request, address)
            if address.sub == "eviction":
                return self._removals.evict(namespace, name, body, options)
            return self._requests.create(kind, namespace, body, options)
        if request.method == "PUT":
            body = self._body(request, address)
            if address.sub == "scale":
                return self._requests.rescale(kind, namespace, name, "", body, options)
            return self._requests.replace(kind, namespace, name, body, options, address.sub)
        if request.media_type not in MEDIA_TYPES:
            raise unsupported_media_type()
        if kind.definition is not None and request.media_type == STRATEGIC_PATCH:
            unfit = unsupported_media_type(tuple(entry for entry in MEDIA_TYPES if entry != STRATEGIC_PATCH))
            del unfit.body["details"]
            raise unfit
        if request.media_type != APPLY_PATCH and options.force:
            raise bad_request("force may only be used with an apply patch")
        body = request.decoded(kind.kind)
        if address.sub == "scale":
            return self._requests.rescale(kind, namespace, name, request.media_type, body, options)
        return self._requests.patch(kind, namespace, name, request.media_type, body, options, address.sub)

    def _body(self, request: Request, address: Address) -> Any:
        if request.media_type not in _BODIES:
            raise unsupported_media_type(_BODIES[1:])
        return request.decoded(address.kind.kind)

    def _wishes(self, request: Request) -> Obj:
        wishes = request.decoded("DeleteOptions")
        if not isinstance(wishes, dict):
            raise bad_request("the delete options must be an object")
        policy = request.param("propagationPolicy")
        if policy:
            wishes["propagationPolicy"] = policy
        if wishes.get("propagationPolicy") not in {None, "Orphan", "Background", "Foreground"}:
            raise bad_request(f'propagationPolicy: Unsupported value: "{wishes["propagationPolicy"]}"')
        grace = request.number("gracePeriodSeconds")
        if grace is not None:
            wishes["gracePeriodSeconds"] = grace
        return wishes

    def _options(self, request: Request) -> Options:
        dry_runs = request.query.get("dryRun", [])
        if request.method == "DELETE" or request.param("dryRun") == "":
            body = request.decoded("options") if request.method == "DELETE" else {}
            if isinstance(body, dict) and body.get("dryRun"):
                dry_runs = [*dry_runs, *body["dryRun"]]
        if any(value not in {"All", ""} for value in dry_runs):
            raise bad_request(f'dryRun: Unsupported value: "{dry_runs[0]}": supported values: "All"')
        manager = request.param("fieldManager")
        if len(manager) > 128:
            raise bad_request("fieldManager: Too long: may not be more than 128 bytes")
        validation = request.param("fieldValidation") or "Warn"
        if validation not in {"Strict", "Warn", "Ignore"}:
            raise bad_request(f'fieldValidation: Unsupported value: "{validation}"')
        agent = request.headers.get("user-agent", "").partition("/")[0]
        return Options(
            dry_run="All" in dry_runs,
            manager=manager or agent[:128] or "unknown",
            named=bool(manager),
            force=request.flag("force"),
            validation=validation,
        )

    def _delete_collection(self, request: Request, address: Address, form: Form, options: Options) -> Answer:
        test = selection(request, address)
        wishes = self._wishes(request)
        objects = [
            obj for obj in self._cluster.store.all(address.kind.key, address.namespace) if test is None or test(obj)
        ]
        for obj in objects:
            try:
                result = self._removals.delete(address.kind, namespace_of(obj), name_of(obj), wishes, options)
            except StatusError as exc:
                if exc.code != 404:  # an earlier deletion may have taken it along
                    raise
                continue
            if result.changed is not None:
                self._note(request, address, options, result.changed)
        metadata = {"resourceVersion": str(self._cluster.store.version)}
        served = [as_served(address.kind, obj) for obj in objects]
        return Answer(200, shaped_list(address.kind, served, metadata, form, request, self._cluster))

    def _note(self, request: Request, address: Address, options: Options, changed: Obj) -> None:
        self._ledger.add(
            {
                "at": micro_stamp(self._cluster.now),
                "cluster": self._cluster.name,
                "audit_id": request.audit_id,
                "audit_id_sent": "audit-id" in request.headers,
                "method": request.method,
                "path": request.path,
                "user": request.user.name,
                "groups": list(request.user.groups),
                "field_manager": options.manager,
                "dry_run": False,
                "resource": address.kind.resource,
                "subresource": address.sub,
                "namespace": namespace_of(changed),
                "name": name_of(changed),
                "uid": changed["metadata"]["uid"],
                "resource_version": changed["metadata"].get("resourceVersion", ""),
            }
        )


def _selected_name(request: Request) -> str:
    text = request.param("fieldSelector")
    for term in text.split(","):
        field, _, value = term.partition("=")
        if field == "metadata.name":
            return value.lstrip("=")
    return ""
