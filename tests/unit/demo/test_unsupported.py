"""What a real cluster can and a demo cluster cannot is answered with 501, in a sentence that says so."""

from __future__ import annotations

from app.demo import kinds
from tests.support.demo_api import APPLY, JSON, MERGE, DemoApi

SHOP = "/api/v1/namespaces/shop"
CALLS = [
    ("GET", "/openapi/v2", None, JSON, "OpenAPI version 2; version 3 is at /openapi/v3"),
    ("POST", f"{SHOP}/bindings", {"target": {}}, JSON, "bindings"),
    ("POST", f"{SHOP}/pods/web/binding", {"target": {}}, JSON, "bindings"),
    ("PATCH", f"{SHOP}/pods/web/ephemeralcontainers", {}, MERGE, "ephemeral containers"),
    ("PATCH", f"{SHOP}/pods/web/resize", {}, MERGE, "resizing pods in place"),
    ("PUT", "/api/v1/namespaces/shop/finalize", {}, JSON, "finalizing namespaces"),
    ("GET", f"{SHOP}/services/web/proxy", None, JSON, "proxying"),
    ("POST", f"{SHOP}/serviceaccounts/default/token", {}, JSON, "requesting service account tokens"),
    ("POST", f"{SHOP}/limitranges", {}, JSON, "limit ranges: nothing would enforce them"),
    ("PATCH", f"{SHOP}/limitranges/a?fieldManager=t", {}, APPLY, "limit ranges: nothing would enforce them"),
    ("POST", f"{SHOP}/replicationcontrollers", {}, JSON, "replication controllers"),
]


async def test_a_call_that_is_not_supported_is_answered_with_501_and_what_it_is(api: DemoApi) -> None:
    for method, path, body, content_type, what in CALLS:
        reply = await api.ask(method, path, body, content_type=content_type)
        assert (path, reply.status, reply.json["reason"], reply.json["code"]) == (path, 501, "NotImplemented", 501)
        assert reply.message == f"the demo cluster does not support {what}"
    assert api.ledger.entries() == []


async def test_a_kind_that_cannot_be_written_says_so_for_every_way_of_writing_it(api: DemoApi) -> None:
    tried = 0
    for kind in (kind for kind in kinds.ALL if kind.reason_unwritable):
        root = f"/apis/{kind.api_version}" if kind.group else "/api/v1"
        collection = f"{root}/namespaces/shop/{kind.plural}" if kind.namespaced else f"{root}/{kind.plural}"
        for verb, method, place in (("create", "POST", ""), ("update", "PUT", "/a"), ("patch", "PATCH", "/a")):
            if verb in kind.verbs:
                reply = await api.ask(method, collection + place, {}, content_type=MERGE if verb == "patch" else JSON)
                assert (collection, verb, reply.status) == (collection, verb, 501)
                tried += 1
    assert tried > 5
