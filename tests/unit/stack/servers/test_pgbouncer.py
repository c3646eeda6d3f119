from __future__ import annotations

import configparser

import pytest

from app.stack.servers import pgbouncer
from app.stack.servers.pgbouncer import PgBouncerSettings
from slo.server_settings import DIRECT_CONNECTIONS


def read(version: tuple[int, ...] = (1, 18, 0)) -> configparser.ConfigParser:
    text = pgbouncer.text(PgBouncerSettings(18130, 18120, (18121, 18122), "/s/users.txt", version))
    parser = configparser.ConfigParser(comment_prefixes=(";",), delimiters=("=",), interpolation=None)
    parser.read_string(text)
    return parser


def test_pools_and_lifetimes_are_the_document_s() -> None:
    found = read()["pgbouncer"]
    assert found["pool_mode"] == "transaction"
    assert found["default_pool_size"] == "25"
    assert found["max_client_conn"] == "500"
    assert found["server_idle_timeout"] == "600"
    assert found["server_lifetime"] == "3600"
    assert found["auth_type"] == "scram-sha-256"
    assert found["listen_addr"] == "127.0.0.1"


def test_all_databases_of_a_server_together_stay_below_its_connections() -> None:
    found = read()
    usual = int(found["pgbouncer"]["max_db_connections"])
    on_primary = [target for target in found["databases"].values() if "port=18120" in target]
    most = [int(target.partition("max_db_connections=")[2] or usual) for target in on_primary]
    assert most == [94, 94, 2]
    assert sum(most) <= 200 - DIRECT_CONNECTIONS


def test_both_services_databases_and_every_replica_are_served() -> None:
    assert dict(read()["databases"]) == {
        "kubechat": "host=127.0.0.1 port=18120 dbname=kubechat",
        "kubechat_audit": "host=127.0.0.1 port=18120 dbname=kubechat_audit",
        "kubechat_alerts": "host=127.0.0.1 port=18120 dbname=kubechat pool_size=2 max_db_connections=2",
        "kubechat_replica_1": "host=127.0.0.1 port=18121 dbname=kubechat",
        "kubechat_replica_2": "host=127.0.0.1 port=18122 dbname=kubechat",
    }


@pytest.mark.parametrize(("version", "carried"), [((1, 18, 0), False), ((1, 20, 1), False), ((1, 21, 0), True)])
def test_prepared_statements_are_carried_from_the_version_that_can(version: tuple[int, ...], carried: bool) -> None:
    assert ("max_prepared_statements" in read(version)["pgbouncer"]) is carried


@pytest.mark.parametrize(
    ("output", "version"),
    [("PgBouncer 1.18.0\nlibevent 2.1", (1, 18, 0)), ("PgBouncer 1.24.1", (1, 24, 1)), ("", ()), ("PgBouncer x.y", ())],
)
def test_the_version_is_read_from_what_it_prints(output: str, version: tuple[int, ...]) -> None:
    assert pgbouncer.parse_version(output) == version


def test_a_quote_in_a_password_is_doubled() -> None:
    assert pgbouncer.user_list_text({"role": 'a"b'}) == '"role" "a""b"\n'
