"""Migrations are applied once, by one process at a time, and never half."""

from __future__ import annotations

import asyncio
from pathlib import Path

import asyncpg
import pytest

from app.errors import InternalError, UnavailableError
from app.infra.migrations import migrate


def write(folder: Path, **migrations: str) -> None:
    for name, sql in migrations.items():
        (folder / f"{name[1:]}.sql").write_text(sql)


async def names(url: str, sql: str = "SELECT name FROM things ORDER BY name") -> list[str]:
    connection = await asyncpg.connect(url)
    try:
        return [row[0] for row in await connection.fetch(sql)]
    finally:
        await connection.close()


async def test_each_file_is_applied_once_and_new_ones_later(postgres_url: str, tmp_path: Path) -> None:
    write(tmp_path, _0001_things="CREATE TABLE things (name text); INSERT INTO things VALUES ('a')")
    assert await migrate(postgres_url, tmp_path) == ["0001_things.sql"]
    assert await migrate(postgres_url, tmp_path) == []
    write(tmp_path, _0002_more="INSERT INTO things VALUES ('b')")
    assert await migrate(postgres_url, tmp_path) == ["0002_more.sql"]
    assert await names(postgres_url) == ["a", "b"]


async def test_processes_that_start_together_apply_a_file_once(postgres_url: str, tmp_path: Path) -> None:
    write(tmp_path, _0001_things="CREATE TABLE things (name text); INSERT INTO things VALUES ('a')")
    applied = await asyncio.gather(*(migrate(postgres_url, tmp_path) for _ in range(5)))
    assert sorted(applied) == [[], [], [], [], ["0001_things.sql"]]
    assert await names(postgres_url) == ["a"]


async def test_a_file_that_fails_leaves_nothing_of_itself(postgres_url: str, tmp_path: Path) -> None:
    write(
        tmp_path,
        _0001_things="CREATE TABLE things (name text)",
        _0002_broken="INSERT INTO things VALUES ('half'); INSERT INTO nowhere VALUES (1)",
    )
    with pytest.raises(InternalError, match=r"0002_broken\.sql"):
        await migrate(postgres_url, tmp_path)
    assert await names(postgres_url) == []
    write(tmp_path, _0002_broken="INSERT INTO things VALUES ('whole')")
    assert await migrate(postgres_url, tmp_path) == ["0002_broken.sql"]
    assert await names(postgres_url) == ["whole"]


async def test_a_file_that_was_changed_after_it_was_applied_stops_the_process(
    postgres_url: str, tmp_path: Path
) -> None:
    write(tmp_path, _0001_things="CREATE TABLE things (name text)")
    await migrate(postgres_url, tmp_path)
    write(tmp_path, _0001_things="CREATE TABLE things (name text, more text)")
    with pytest.raises(InternalError, match=r"0001_things\.sql was changed"):
        await migrate(postgres_url, tmp_path)


async def test_a_server_that_is_away_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError):
        await migrate("postgresql://nobody@127.0.0.1:1/nothing", tmp_path)
