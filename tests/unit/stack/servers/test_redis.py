from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.stack.errors import StackError
from app.stack.servers import redis
from app.stack.servers.redis import RedisSettings
from app.stack.setup.redis_cluster import parse_nodes


def options(directory: str = "/s/redis/1") -> dict[str, str]:
    text = redis.text(RedisSettings(18140, 18160, directory, 751619276))
    return dict(line.split(" ", 1) for line in text.splitlines() if not line.startswith("#"))


def test_memory_files_and_cluster_are_the_document_s() -> None:
    found = options()
    assert found["maxmemory-policy"] == "allkeys-lru"
    assert found["appendonly"] == "yes"
    assert found["appendfsync"] == "everysec"
    assert found["auto-aof-rewrite-percentage"] == "100"
    assert found["aof-use-rdb-preamble"] == "yes"
    assert found["save"] == "900 1"
    assert found["rdbcompression"] == "yes"
    assert found["cluster-enabled"] == "yes"
    assert found["bind"] == "127.0.0.1"
    assert found["maxmemory"] == "751619276"


def test_six_nodes_are_three_masters_with_a_replica_each() -> None:
    assert (redis.NODES, redis.MASTERS) == (6, 3)


@given(st.integers(1, 100), st.integers(100, 16_384))
def test_slots_are_shared_evenly_and_completely(masters: int, slots: int) -> None:
    ranges = redis.slot_ranges(masters, slots)
    sizes = [last - first + 1 for first, last in ranges]
    assert max(sizes) - min(sizes) <= 1
    assert [slot for first, last in ranges for slot in range(first, last + 1)] == list(range(slots))


@pytest.mark.parametrize("masters", [0, 16_385])
def test_slots_that_cannot_be_shared_are_refused(masters: int) -> None:
    with pytest.raises(ValueError, match="cannot be shared"):
        redis.slot_ranges(masters)


def test_a_path_that_would_break_the_file_is_refused() -> None:
    with pytest.raises(StackError, match="quote"):
        options('/a"b')


def test_the_cluster_s_own_view_is_read() -> None:
    master, replica, stranger = parse_nodes(
        "07c3 127.0.0.1:7000@17000 myself,master - 0 0 1 connected 0-5460 5462 [93-<-9a]\n"
        "9a12 127.0.0.1:7003@17003,host slave 07c3 0 1 1 connected\n"
        "ffff 127.0.0.1:7004@17004 handshake - 0 0 0 disconnected\n"
    )
    assert (master.port, master.master, master.slots) == (7000, True, 5462)
    assert (replica.port, replica.master, replica.follows) == (7003, False, "07c3")
    assert "handshake" in stranger.flags
