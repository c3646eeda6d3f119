"""A statement is shown without what it is about."""

from __future__ import annotations

import pytest

from exporters.postgresql_statements import LONGEST_TEXT, redacted


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("SELECT name FROM people\n  WHERE id = $1", "SELECT name FROM people WHERE id = $1"),
        ("ALTER ROLE x PASSWORD 'it''s secret'", "ALTER ROLE x PASSWORD ?"),
        ("ALTER ROLE x PASSWORD E'a\\'secret'", "ALTER ROLE x PASSWORD ?"),
        ("ALTER ROLE x PASSWORD 'cut in two", "ALTER ROLE x PASSWORD ?"),
        ("DO $body$ secret $body$", "DO ?"),
        ("DO $$ secret", "DO ?"),
        ("SET statement_timeout = 30000", "SET statement_timeout = ?"),
        ("SET kubechat.token TO hunter2", "SET kubechat.token TO ?"),
        ("set local kubechat.token = hunter2", "set local kubechat.token = ?"),
        ("ALTER ROLE x SET kubechat.token = hunter2", "ALTER ROLE x SET kubechat.token = ?"),
        ("ALTER DATABASE x SET kubechat.token TO hunter2, b", "ALTER DATABASE x SET kubechat.token TO ?"),
        ("UPDATE t SET a = b WHERE c = $1", "UPDATE t SET a = b WHERE c = $1"),
        ("ALTER ROLE \"o'brien\" PASSWORD 'hunter2'", 'ALTER ROLE "o\'brien" PASSWORD ?'),
        ("OPTIONS (user 'dom\\', password 'hunter2')", "OPTIONS (user ?, password ?)"),
        ("-- don't\nALTER ROLE x PASSWORD 'a\nhunter2'", "ALTER ROLE x PASSWORD ?"),
        ("SELECT /* a /* b */ hunter2 */ c", "SELECT c"),
        ("SELECT '/*', a, 'hunter2' -- '*/", "SELECT ?, a, ?"),
        ("SELECT 1e10, 0xFF, 1_000, .5, 1.5E-3, a1, $1", "SELECT ?, ?, ?, ?, ?, a1, $1"),
        ("SELECT X'1F', U&'d', B'1', a$1$b", "SELECT ?, ?, ?, a$1$b"),
        ("SELECT 1.5, t1.a FROM t1 /* for ann */ -- and bob", "SELECT ?, t1.a FROM t1"),
    ],
)
def test_values_are_left_out(text: str, shown: str) -> None:
    assert redacted(text) == shown


def test_a_text_is_bounded() -> None:
    assert len(redacted("SELECT " + "a, " * 1000)) == LONGEST_TEXT
