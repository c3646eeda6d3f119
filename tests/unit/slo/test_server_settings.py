"""What servers are to say follows the catalogue, in base units."""

import pytest

from slo import server_settings
from slo.catalogue import all_targets
from slo.reference import ServerSetting
from slo.server_settings import ContradictionError
from slo.target import Kind, Target, Unit, choice

GIB = 2**30


def test_shares_of_memory_are_left_out_while_it_is_not_known() -> None:
    assert server_settings.postgresql(2 * GIB).keys() - server_settings.postgresql().keys() == {
        "shared_buffers",
        "effective_cache_size",
    }
    assert server_settings.redis(GIB).keys() - server_settings.redis().keys() == {"maxmemory"}


def test_sizes_and_times_are_in_bytes_and_seconds() -> None:
    found = server_settings.postgresql(2 * GIB)
    assert (found["shared_buffers"].value, found["shared_buffers"].unit) == (GIB // 2, Unit.BYTES)
    assert (found["work_mem"].value, found["work_mem"].unit) == (16 * 2**20, Unit.BYTES)
    assert (found["checkpoint_timeout"].value, found["checkpoint_timeout"].unit) == (300, Unit.SECONDS)


def test_a_size_is_what_is_written_in_whole_mebibytes() -> None:
    assert server_settings.postgresql(3_000_000_000)["shared_buffers"].value == 715 * 2**20


def test_what_an_acknowledged_write_rests_on_is_compared() -> None:
    found = server_settings.postgresql()
    assert {name: found[name].value for name in server_settings.DURABLE} == server_settings.DURABLE


@pytest.mark.parametrize(
    ("version", "carried"), [("1.20.1", False), ("1.21.0", True), ("2.0", True), ("x", False), ("", False)]
)
def test_prepared_statements_belong_to_the_versions_that_carry_them(version: str, carried: bool) -> None:
    found = server_settings.pgbouncer(server_settings.version_of(version))
    assert ("max_prepared_statements" in found) is carried


def test_the_least_memory_has_room_and_a_mebibyte_less_has_not() -> None:
    least = server_settings.least_memory_bytes()
    assert server_settings.has_room(least)
    assert not server_settings.has_room(least - 2**20)


def test_two_eviction_policies_are_a_contradiction(monkeypatch: pytest.MonkeyPatch) -> None:
    other = Target("a.b", "Another policy.", server_settings.MEMORY_POLICY.kind, (choice("noeviction"),))
    monkeypatch.setattr(server_settings, "MEMORY_POLICY", other)
    with pytest.raises(ContradictionError, match="allkeys-lru and noeviction"):
        server_settings.redis()


NOT_OF_EVERY_SERVER = {"primary_conninfo": "a replica's way to its primary; whether it streams is a metric of its own"}


@pytest.mark.parametrize("target", all_targets(), ids=lambda target: target.path)
def test_every_promised_setting_of_a_server_is_compared_while_it_runs(target: Target) -> None:
    compared = {
        "postgresql": server_settings.postgresql(GIB),
        "pgbouncer": server_settings.pgbouncer((1, 21)),
        "redis": server_settings.redis(GIB),
    }
    promised = [each for each in target.enforced_by if isinstance(each, ServerSetting) and each.server in compared]
    for each in promised:
        assert each.name in compared[each.server] or each.name in NOT_OF_EVERY_SERVER, each
    # One that something else keeps as well may fail where the setting is right.
    if promised == list(target.enforced_by) and target.kind is Kind.SETTING and target.planned is None:
        assert not promised or target.alert == "SettingsDrift" or promised[0].name in NOT_OF_EVERY_SERVER
