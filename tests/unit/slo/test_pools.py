"""The services' connection pools fit into the pooler's clients, whatever number of replicas there is."""

import pytest

from app.audit.settings import AuditSettings
from slo.pools import ALERT_CONNECTIONS, ALERT_SERVER_CONNECTIONS, PROBES, client_pool_size
from slo.targets.connections import MAX_CONNECTIONS, POOL_SIZE
from slo.targets.scaling import AUDIT_MAX_REPLICAS, GATEWAY_MAX_REPLICAS, POSTGRES_POOLER, READ_REPLICAS


@pytest.mark.parametrize("read_replicas", [0, *range(2, 9)])
def test_all_pools_together_are_no_more_than_the_pooler_takes(read_replicas):
    size = client_pool_size(read_replicas)
    gateways = GATEWAY_MAX_REPLICAS.figure.whole * (1 + read_replicas) * size
    audits = AUDIT_MAX_REPLICAS.figure.whole * AuditSettings.model_fields["pool_size"].default
    assert 1 <= size <= POOL_SIZE.figure.whole
    alerts = GATEWAY_MAX_REPLICAS.figure.whole * ALERT_CONNECTIONS
    assert gateways + audits + alerts + PROBES <= POSTGRES_POOLER.named("enterprise").whole


def test_the_most_read_replicas_are_among_those():
    assert READ_REPLICAS.named("maximum").whole == 8


def test_the_poolers_own_connections_are_no_more_than_a_server_takes():
    services = 2
    assert services * POOL_SIZE.figure.whole + ALERT_SERVER_CONNECTIONS < MAX_CONNECTIONS.figure.whole
