"""Gateway API and service accounts: what can be broken of them, in one way each, and the same where it is well."""

from __future__ import annotations

from typing import Any

from tests.support.diagnosed import Obj, event, pod, service
from tests.support.diagnosed_objects import but, named, placed
from tests.support.diagnosed_pods import RS2, WEB, Case

ROUTE = placed(
    "HTTPRoute",
    "front",
    spec={"parentRefs": [{"name": "public"}], "rules": [{"backendRefs": [{"name": "web", "port": 80}]}]},
)
GATEWAY = placed(
    "Gateway",
    "public",
    spec={
        "gatewayClassName": "envoy",
        "listeners": [{"name": "https", "hostname": "shop.example", "tls": {"certificateRefs": [{"name": "cert"}]}}],
    },
)
LED: dict[str, Any] = {
    "gatewayclasses": [named("GatewayClass", "envoy")],
    "gateways": [GATEWAY],
    "httproutes": [ROUTE],
    "services": [service(ports=[{"port": 80}])],
    "secrets": [placed("Secret", "cert")],
}


def routed(**changed: Any) -> dict[str, Any]:
    return {**LED, "httproutes": [but(ROUTE, spec=changed)]}


def refusal(reason: str, message: str) -> list[Obj]:
    return [{"type": "Accepted", "status": "False", "reason": reason, "message": message}]


def refused(what: str, account: str = "watcher") -> str:
    return f'pods is forbidden: User "system:serviceaccount:shop:{account}" cannot {what}'


HERE = refused('list resource "pods" in API group "" in the namespace "shop"')
SCALES = refused('update resource "deployments/scale" in API group "apps" in the namespace "shop"')
EVERYWHERE = refused('watch resource "nodes" in API group "" at the cluster scope')


def told(message: str) -> dict[str, Any]:
    return {
        "pods": [pod(owner=RS2)],
        "replicasets": [RS2],
        "deployments": [WEB],
        "events": [event(pod(), "Failed", message)],
    }


WRONG = (
    Case("routes", "no_gateway", {**LED, "gateways": [but(GATEWAY, metadata={"name": "pubic"})]},
         "the gateway public of shop does not exist", ("wants to be served by public",),
         "kubectl patch httproute/front --type=json"),
    Case("routes", "backend_service", {**LED, "services": [service("wed")]},
         "sends to the service web, which does not exist", ("leads to web in shop",),
         "kubectl patch httproute/front --type=json"),
    Case("routes", "backend_port", routed(rules=[{"backendRefs": [{"name": "web", "port": 8080}]}]),
         "to port 8080 of the service web", ("has the ports 80",), "kubectl patch httproute/front --type=json"),
    Case("routes", "gateway_refusal",
         {**LED, "httproutes": [but(ROUTE, status={"parents": [{
             "parentRef": {"name": "public"}, "conditions": refusal("NotAllowedByListeners", "No listener takes it.")}]})]},
         "gateway/public does not take httproute/front: NotAllowedByListeners", ("No listener takes it.",)),
    Case("gateways", "gateway_class", {**LED, "gatewayclasses": [named("GatewayClass", "envoi")]},
         "its gateway class envoy does not exist", ("envoi",), "kubectl patch gateway/public --type=json"),
    Case("gateways", "gateway_class", {**LED, "gatewayclasses": []}, "its gateway class envoy does not exist", ("(none)",)),
    Case("gateways", "tls_secret", {**LED, "secrets": []}, "the secret cert does not exist", ("shop.example",)),
    Case("gateways", "gateway_refusal",
         {**LED, "gateways": [but(GATEWAY, status={"conditions": refusal("Invalid", "Port 80 is taken.")})]},
         "does not serve gateway/public: Invalid", ("Port 80 is taken.",)),
    Case("rights", "account_refused", told(HERE), "watcher of deployment/web may not list pods in shop",
         ("cannot list resource",), "kubectl create role watcher-list-pods --verb=list --resource=pods -n shop"),
    Case("rights", "account_refused", told(SCALES), "may not update deployments.apps/scale in shop", (),
         "kubectl create rolebinding watcher-update-deployments --role=watcher-update-deployments"),
    Case("rights", "account_refused", told(EVERYWHERE), "may not watch nodes in the whole cluster", ("cluster scope",)),
)  # fmt: skip

FINE: tuple[tuple[str, dict[str, Any]], ...] = (
    ("routes", LED),
    ("routes", routed(rules=[{"backendRefs": [{"name": "elsewhere", "namespace": "qa", "port": 80}]}])),
    ("routes", routed(rules=[{"backendRefs": [{"name": "bucket", "kind": "Backend", "group": "cloud.example"}]}])),
    ("gateways", LED),
    ("rights", told('Error: secrets "db" not found')),
    (
        "rights",
        told('pods is forbidden: User "ann" cannot list resource "pods" in API group "" in the namespace "shop"'),
    ),
)
