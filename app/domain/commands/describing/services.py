"""Services as kubectl describe prints them."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.clusters.discovery import ResourceType
from app.domain.commands.access import Access
from app.domain.commands.describing.lines import NONE, UNSET, Item, Lines, pairs_text

SLICE = ResourceType("discovery.k8s.io", "v1", "endpointslices", "endpointslice", "EndpointSlice", namespaced=True)
MOST_ADDRESSES = 3  # as kubectl shows


async def service(access: Access, item: Item, out: Lines) -> None:
    """Type, addresses, ports, and the endpoints behind it."""
    metadata, spec = item["metadata"], item.get("spec") or {}
    out.head(item)
    out.write(0, f"Selector:\t{pairs_text(spec.get('selector'))}")
    out.write(0, f"Type:\t{spec.get('type')}")
    if spec.get("ipFamilyPolicy"):
        out.write(0, f"IP Family Policy:\t{spec['ipFamilyPolicy']}")
    if spec.get("ipFamilies"):
        out.write(0, f"IP Families:\t{','.join(spec['ipFamilies'])}")
    else:
        out.write(0, f"IP Families:\t{NONE}")
    out.write(0, f"IP:\t{spec.get('clusterIP') or ''}")
    out.write(0, f"IPs:\t{','.join(spec.get('clusterIPs') or ()) or NONE}")
    if spec.get("externalIPs"):
        out.write(0, f"External IPs:\t{','.join(spec['externalIPs'])}")
    if spec.get("loadBalancerIP"):
        out.write(0, f"Desired LoadBalancer IP:\t{spec['loadBalancerIP']}")
    if spec.get("externalName"):
        out.write(0, f"External Name:\t{spec['externalName']}")
    ingress = ((item.get("status") or {}).get("loadBalancer") or {}).get("ingress") or ()
    if ingress:
        out.write(0, f"LoadBalancer Ingress:\t{', '.join(_ingress(one) for one in ingress)}")
    query = [("labelSelector", f"kubernetes.io/service-name={metadata['name']}")]
    slices = await access.seen(access.objects(SLICE, str(metadata["namespace"]), query))
    for port in spec.get("ports") or ():
        protocol = port.get("protocol") or "TCP"
        out.write(0, f"Port:\t{port.get('name') or UNSET}\t{port.get('port')}/{protocol}")
        out.write(0, f"TargetPort:\t{port.get('targetPort')}/{protocol}")
        if port.get("nodePort"):
            out.write(0, f"NodePort:\t{port.get('name') or UNSET}\t{port['nodePort']}/{protocol}")
        out.write(0, f"Endpoints:\t{_endpoints(slices, str(port.get('name') or ''))}")
    out.write(0, f"Session Affinity:\t{spec.get('sessionAffinity') or ''}")
    for title, key in (
        ("External Traffic Policy", "externalTrafficPolicy"),
        ("Internal Traffic Policy", "internalTrafficPolicy"),
        ("Traffic Distribution", "trafficDistribution"),
        ("HealthCheck NodePort", "healthCheckNodePort"),
    ):
        if spec.get(key):
            out.write(0, f"{title}:\t{spec[key]}")
    if spec.get("loadBalancerSourceRanges"):
        out.write(0, f"LoadBalancer Source Ranges:\t{','.join(spec['loadBalancerSourceRanges'])}")


def _ingress(found: Item) -> str:
    mode = f" ({found['ipMode']})" if found.get("ipMode") else ""
    return f"{found['ip']}{mode}" if found.get("ip") else str(found.get("hostname") or "")


def _endpoints(slices: Sequence[Item], name: str) -> str:
    found = [
        f"{endpoint['addresses'][0]}:{port.get('port')}"
        for one in slices
        for port in one.get("ports") or ()
        if (port.get("name") or "") == name
        for endpoint in one.get("endpoints") or ()
        if (endpoint.get("conditions") or {}).get("ready", True) and endpoint.get("addresses")
    ]
    more = f" + {len(found) - MOST_ADDRESSES} more..." if len(found) > MOST_ADDRESSES else ""
    return f"{','.join(found[:MOST_ADDRESSES])}{more}"
