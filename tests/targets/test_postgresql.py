"""PostgreSQL is started with the architecture document's figures; here for a server of 2 GiB."""

import re

from app.stack.servers import postgresql
from app.stack.servers.postgresql import PostgresSettings

MEMORY_BYTES = 2 * 2**30


def setting(name: str) -> str:
    """What the generated configuration says of one setting."""
    made = postgresql.text(
        PostgresSettings(port=5432, memory_bytes=MEMORY_BYTES, hba_file="/etc/pg_hba.conf", name="primary")
    )
    found = re.search(rf"^{name} = '(.*)'$", made, re.MULTILINE)
    assert found, f"{name} is not set"
    return found[1]


def test_shared_buffers_are_a_quarter_of_the_servers_memory() -> None:
    assert setting("shared_buffers") == "512MB"


def test_the_planner_reckons_with_three_quarters_of_the_memory_as_cache() -> None:
    assert setting("effective_cache_size") == "1536MB"


def test_a_sort_takes_16_megabytes() -> None:
    assert setting("work_mem") == "16MB"


def test_maintenance_takes_256_megabytes() -> None:
    assert setting("maintenance_work_mem") == "256MB"


def test_a_checkpoint_is_spread_over_nine_tenths_of_the_time_to_the_next() -> None:
    assert setting("checkpoint_completion_target") == "0.9"


def test_16_megabytes_buffer_the_write_ahead_log() -> None:
    assert setting("wal_buffers") == "16MB"


def test_there_is_a_checkpoint_every_five_minutes() -> None:
    assert setting("checkpoint_timeout") == "300s"


def test_200_reads_may_be_under_way_at_once() -> None:
    assert setting("effective_io_concurrency") == "200"


def test_a_random_read_costs_a_tenth_more_than_a_sequential_one() -> None:
    assert setting("random_page_cost") == "1.1"


def test_a_sequential_read_is_the_planners_unit() -> None:
    assert setting("seq_page_cost") == "1.0"


def test_autovacuum_starts_at_two_percent_and_works_ten_times_as_hard() -> None:
    assert setting("autovacuum") == "on"
    assert setting("autovacuum_vacuum_scale_factor") == "0.02"
    assert setting("autovacuum_vacuum_insert_scale_factor") == "0.05"
    assert setting("autovacuum_vacuum_cost_limit") == "2000"


def test_statistics_are_collected() -> None:
    assert setting("track_counts") == "on"
