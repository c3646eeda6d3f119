"""How PostgreSQL is tuned and indexed.

Sections `postgresql_tuning` and `indexing_strategy` of the architecture document. Data only: nothing here measures or
enforces. "Available memory" is the memory limit of that server.
"""

from __future__ import annotations

from slo import panels
from slo.panels import SETTINGS_DRIFT
from slo.reference import Limit, ServerSetting
from slo.target import Kind, Target, choice, count, hours, mebibytes, minutes, percent, ratio

_TESTS = "tests/targets/test_postgresql.py"

SHARED_BUFFERS = Target(
    "postgresql_tuning.memory_settings.shared_buffers",
    "PostgreSQL's own cache takes 25 % of the server's memory.",
    Kind.SETTING,
    (percent(25),),
    enforced_by=(ServerSetting("postgresql", "shared_buffers"),),
    alert="SettingsDrift",
    panel=SETTINGS_DRIFT,
    test=f"{_TESTS}::test_shared_buffers_are_a_quarter_of_the_servers_memory",
)
EFFECTIVE_CACHE_SIZE = Target(
    "postgresql_tuning.memory_settings.effective_cache_size",
    "The planner reckons with 75 % of the server's memory as cache.",
    Kind.SETTING,
    (percent(75),),
    enforced_by=(ServerSetting("postgresql", "effective_cache_size"),),
    alert="SettingsDrift",
    panel=SETTINGS_DRIFT,
    test=f"{_TESTS}::test_the_planner_reckons_with_three_quarters_of_the_memory_as_cache",
)
WORK_MEM = Target(
    "postgresql_tuning.memory_settings.work_mem",
    "A sort or hash takes 16 MB before it goes to disk.",
    Kind.SETTING,
    (mebibytes(16),),
    "The document says per connection; PostgreSQL counts per sort, so the connections in use are bounded as well.",
    enforced_by=(ServerSetting("postgresql", "work_mem"),),
    alert="SettingsDrift",
    panel=SETTINGS_DRIFT,
    test=f"{_TESTS}::test_a_sort_takes_16_megabytes",
)
MAINTENANCE_WORK_MEM = Target(
    "postgresql_tuning.memory_settings.maintenance_work_mem",
    "Vacuum and index builds take 256 MB.",
    Kind.SETTING,
    (mebibytes(256),),
    enforced_by=(ServerSetting("postgresql", "maintenance_work_mem"),),
    alert="SettingsDrift",
    panel=SETTINGS_DRIFT,
    test=f"{_TESTS}::test_maintenance_takes_256_megabytes",
)
CHECKPOINT_COMPLETION_TARGET = Target(
    "postgresql_tuning.checkpoint_settings.checkpoint_completion_target",
    "A checkpoint's writes are spread over nine tenths of the time to the next.",
    Kind.SETTING,
    (ratio(0.9),),
    enforced_by=(ServerSetting("postgresql", "checkpoint_completion_target"),),
    alert="SettingsDrift",
    panel=SETTINGS_DRIFT,
    test=f"{_TESTS}::test_a_checkpoint_is_spread_over_nine_tenths_of_the_time_to_the_next",
)
WAL_BUFFERS = Target(
    "postgresql_tuning.checkpoint_settings.wal_buffers",
    "16 MB buffer the write-ahead log.",
    Kind.SETTING,
    (mebibytes(16),),
    enforced_by=(ServerSetting("postgresql", "wal_buffers"),),
    alert="SettingsDrift",
    panel=SETTINGS_DRIFT,
    test=f"{_TESTS}::test_16_megabytes_buffer_the_write_ahead_log",
)
CHECKPOINT_TIMEOUT = Target(
    "postgresql_tuning.checkpoint_settings.checkpoint_timeout",
    "There is a checkpoint every 5 minutes.",
    Kind.SETTING,
    (minutes(5),),
    enforced_by=(ServerSetting("postgresql", "checkpoint_timeout"),),
    alert="SettingsDrift",
    panel=SETTINGS_DRIFT,
    test=f"{_TESTS}::test_there_is_a_checkpoint_every_five_minutes",
)
EFFECTIVE_IO_CONCURRENCY = Target(
    "postgresql_tuning.query_performance.effective_io_concurrency",
    "200 reads may be under way at once, as an SSD allows.",
    Kind.SETTING,
    (count(200),),
    enforced_by=(ServerSetting("postgresql", "effective_io_concurrency"),),
    alert="SettingsDrift",
    panel=SETTINGS_DRIFT,
    test=f"{_TESTS}::test_200_reads_may_be_under_way_at_once",
)
RANDOM_PAGE_COST = Target(
    "postgresql_tuning.query_performance.random_page_cost",
    "A random read costs 1.1 of a planner's unit, as on an SSD.",
    Kind.SETTING,
    (count(1.1),),
    enforced_by=(ServerSetting("postgresql", "random_page_cost"),),
    alert="SettingsDrift",
    panel=SETTINGS_DRIFT,
    test=f"{_TESTS}::test_a_random_read_costs_a_tenth_more_than_a_sequential_one",
)
SEQ_PAGE_COST = Target(
    "postgresql_tuning.query_performance.seq_page_cost",
    "A sequential read is the planner's unit of cost.",
    Kind.SETTING,
    (count(1.0),),
    enforced_by=(ServerSetting("postgresql", "seq_page_cost"),),
    alert="SettingsDrift",
    panel=SETTINGS_DRIFT,
    test=f"{_TESTS}::test_a_sequential_read_is_the_planners_unit",
)

CHAT_SESSIONS_INDEXES = Target(
    "indexing_strategy.primary_indexes.chat_sessions",
    "Chat sessions are found by their id, and by person and time.",
    Kind.CAPABILITY,
    (choice("session_id", "primary"), choice("user_id, created_at", "composite")),
    test=f"{_TESTS}::test_chat_sessions_are_found_by_their_id_and_by_person_and_time",
)
AUDIT_EVENTS_INDEXES = Target(
    "indexing_strategy.primary_indexes.audit_events",
    "Audit events are found by their id, and by person and time.",
    Kind.CAPABILITY,
    (choice("event_id", "primary"), choice("user_id, timestamp", "composite")),
    test=f"{_TESTS}::test_audit_events_are_found_by_their_id_and_by_person_and_time",
)
USERS_INDEXES = Target(
    "indexing_strategy.primary_indexes.users",
    "People are found by their id and by their e-mail address, which is unique.",
    Kind.CAPABILITY,
    (choice("user_id", "primary"), choice("email", "unique")),
    test=f"{_TESTS}::test_people_are_found_by_their_id_and_by_an_email_address_that_nobody_else_has",
)
AUDIT_EVENTS_TIMESTAMP = Target(
    "indexing_strategy.performance_indexes.audit_events_timestamp",
    "A span of time is found among the audit events by a B-tree.",
    Kind.CAPABILITY,
    (choice("timestamp", "btree"),),
    test=f"{_TESTS}::test_a_span_of_time_among_the_audit_events_is_found_by_a_btree",
)
CHAT_SESSIONS_STATUS = Target(
    "indexing_strategy.performance_indexes.chat_sessions_status",
    "Active chat sessions have an index that holds them alone.",
    Kind.CAPABILITY,
    (choice("active", "partial"),),
    test=f"{_TESTS}::test_active_chat_sessions_have_an_index_that_holds_them_alone",
)
AUTO_VACUUM = Target(
    "indexing_strategy.maintenance.auto_vacuum",
    "Autovacuum starts at 2 % of dead rows, and at 5 % of new rows where rows are only added.",
    Kind.SETTING,
    (percent(2, "scale_factor"), percent(5, "insert_scale_factor"), count(2000, "cost_limit")),
    'The document says "aggressive": a tenth of the default for changes, a quarter for inserts, ten times the work.',
    enforced_by=(
        ServerSetting("postgresql", "autovacuum_vacuum_scale_factor"),
        ServerSetting("postgresql", "autovacuum_vacuum_insert_scale_factor"),
        ServerSetting("postgresql", "autovacuum_vacuum_cost_limit"),
    ),
    alert="SettingsDrift",
    panel=SETTINGS_DRIFT,
    test=f"{_TESTS}::test_autovacuum_starts_at_two_percent_and_works_ten_times_as_hard",
)
ANALYZE = Target(
    "indexing_strategy.maintenance.analyze",
    "The planner's statistics are collected without anybody asking.",
    Kind.SETTING,
    (choice("on"),),
    enforced_by=(ServerSetting("postgresql", "track_counts"),),
    alert="SettingsDrift",
    panel=SETTINGS_DRIFT,
    test=f"{_TESTS}::test_statistics_are_collected",
)
REINDEX = Target(
    "indexing_strategy.maintenance.reindex",
    "The indexes of the largest tables are rebuilt every month.",
    Kind.CAPABILITY,
    (hours(30 * 24, "period"), hours(35 * 24, "overdue")),
    "Overdue after 35 days: a month and a long weekend.",
    enforced_by=(Limit("app.infra.index_rebuilds:IndexRebuilds"),),
    alert="IndexRebuildOverdue",
    panel=panels.INDEX_REBUILDS,
    test=f"{_TESTS}::test_indexes_are_rebuilt_every_month_and_overdue_after_35_days",
)
