"""Every replica there may be gets its connections without the pooler running out."""

from __future__ import annotations

from slo.pools import client_pool_size
from slo.targets.connections import POOL_SIZE
from slo.targets.scaling import AUDIT_MAX_REPLICAS, GATEWAY_MAX_REPLICAS, POSTGRES_POOLER


def test_the_most_replicas_with_full_pools_stay_within_the_poolers_clients() -> None:
    replicas = GATEWAY_MAX_REPLICAS.figure.whole + AUDIT_MAX_REPLICAS.figure.whole
    assert client_pool_size() == 17
    assert client_pool_size() <= POOL_SIZE.figure.whole
    assert client_pool_size() * replicas <= POSTGRES_POOLER.named("enterprise").whole
