"""A column's name has one type for ever: connections that are open would read another one wrongly."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.errors import InternalError
from app.infra.migrations import load_migrations


def load(folder: Path, *files: str) -> None:
    for number, sql in enumerate(files, start=1):
        (folder / f"{number:04}_file.sql").write_text(sql)
    load_migrations(folder)


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE things ALTER COLUMN name TYPE integer USING name::integer",
        "ALTER TABLE things ALTER name TYPE integer",
        "alter\n\ttable things\nalter  column name\n set   data\ttype integer;",
        'ALTER TABLE IF EXISTS ONLY public."things" * ALTER COLUMN "name" TYPE integer',
        "ALTER TABLE things ALTER type TYPE integer",
        'ALTER TABLE things ALTER "constraint" TYPE integer',
        "ALTER/**/TABLE/* a /* nested */ comment */things ALTER--\nname--\nTYPE integer",
        "CREATE TABLE more (a numeric(10, 2)); ALTER TABLE things ADD a numeric(10, 2), ALTER name TYPE integer",
        "INSERT INTO more VALUES ('it''s;'), (E'\\'), ($$;'$$); ALTER TABLE things ALTER name TYPE integer",
        "ALTER FOREIGN TABLE things ALTER name TYPE integer",
        "DO $body$ BEGIN IF true THEN ALTER TABLE things ALTER name TYPE integer; END IF; END $body$",
    ],
)
def test_a_columns_type_is_never_changed_in_place(tmp_path: Path, sql: str) -> None:
    with pytest.raises(
        InternalError, match=r"^migration 0001_file\.sql changes the type of things\.\w+, .* new name"
    ) as refusal:
        load(tmp_path, sql)
    assert refusal.value.code == "migration"


@pytest.mark.parametrize(
    "files",
    [
        ["ALTER TABLE things DROP COLUMN name; ALTER TABLE things ADD COLUMN name integer"],
        ["ALTER TABLE things DROP name, ADD name integer"],
        ["ALTER TABLE things ADD name integer, DROP name"],  # PostgreSQL drops first
        [
            'ALTER TABLE things DROP COLUMN IF EXISTS "name" CASCADE',
            "ALTER TABLE public.Things ADD IF NOT EXISTS NAME int",
        ],
        ["ALTER TABLE things DROP name", "SELECT 1", "ALTER TABLE things ADD more int, ADD name int"],
        ["ALTER TABLE things RENAME COLUMN name TO old; ALTER TABLE things ADD name integer"],
        ["ALTER TABLE things RENAME name TO old; ALTER TABLE things RENAME newer TO name"],
        ["ALTER TABLE stuff DROP name; ALTER TABLE stuff RENAME TO things; ALTER TABLE things ADD name int"],
    ],
)
def test_a_columns_name_is_never_used_again(tmp_path: Path, files: list[str]) -> None:
    with pytest.raises(
        InternalError, match=rf"^migration 000{len(files)}_file\.sql gives things another column name, "
    ):
        load(tmp_path, *files)


@pytest.mark.parametrize(
    "sql",
    [
        "-- ALTER TABLE things ALTER COLUMN name TYPE integer\nSELECT 1",
        "/* ALTER TABLE things /* */ ALTER COLUMN name TYPE integer */ SELECT 1",
        "SELECT 'x; ALTER TABLE things ALTER COLUMN name TYPE integer'",
        "SELECT E'\\'; ALTER TABLE things ALTER COLUMN name TYPE integer'",
        "SELECT $a$; ALTER TABLE things ALTER COLUMN name TYPE integer; $$ $a$",
        "COMMENT ON COLUMN things.name IS 'ALTER TABLE things ALTER name TYPE integer'",
        "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ ALTER TABLE things ALTER name TYPE integer $$",
        'ALTER TABLE things ALTER COLUMN "type" SET STATISTICS 500, ALTER type SET NOT NULL, ALTER data DROP DEFAULT',
        "ALTER TABLE things ALTER COLUMN name SET DEFAULT 'type', ALTER \"a TYPE b\" SET STORAGE external",
        "ALTER TABLE things ADD COLUMN type text, ADD CONSTRAINT type CHECK (type IN ('a', 'b'))",
        "ALTER TABLE things DROP CONSTRAINT name; ALTER TABLE things ADD CONSTRAINT name CHECK (true)",
        "ALTER TABLE things RENAME CONSTRAINT name TO other; ALTER TABLE things ADD name text",
        "ALTER TABLE things DROP name; ALTER TABLE others ADD name integer",
        'ALTER TABLE things DROP name; ALTER TABLE things ADD "Name" integer',
        "ALTER TABLE things ADD name integer; ALTER TABLE things DROP name",
        "ALTER TABLE things ADD newer integer; ALTER TABLE things DROP name",
        "ALTER TYPE colour ADD VALUE 'type'",
        "ALTER TABLE things ALTER",  # PostgreSQL's to refuse, as is what follows
        "ALTER TABLE",
        "ALTER TABLE things RENAME TO",
        "SELECT 'without an end",
        "/* without an end",
        "DO",
        "",
    ],
)
def test_anything_else_and_any_word_in_a_comment_or_a_string_is_fine(tmp_path: Path, sql: str) -> None:
    load(tmp_path, sql)
