"""What is cached is kept, shared, revalidated and let go of with the architecture document's figures."""

from __future__ import annotations

import gzip
import signal
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any
from uuid import uuid4

import argon2
import brotli
import httpx2
import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.gateway.dependencies import Parts
from app.gateway.routes import auth
from app.gateway.routes.web import web_routes
from app.gateway.service.sign_in import SignIns
from app.gateway.settings import GatewaySettings
from app.gateway.store.accounts import Account, Accounts, SignIn
from app.infra.cache.caches import Caches
from app.infra.ids import new_id
from app.infra.migrations import migrate
from app.infra.postgres.database import Database
from app.infra.workers import Workers
from app.nlp.vocabularies import Vocabularies
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing
from tests.language.evaluation import sent_vocabulary
from tests.support.clock import Clock
from tests.support.model_server import MODEL, ModelServer, says
from tests.support.nlp_service import service
from tests.support.postgres_server import PostgresServer

PASSWORD = "correct horse battery"
SCRIPT = b"console.log('x');" * 200
HASHED = "/assets/app-Dk3f9aQ2.js"
CHEAP = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
async def clock() -> AsyncIterator[Clock]:
    with pytest.MonkeyPatch.context() as patched:
        yield Clock(patched)


@pytest.fixture
def instruments() -> Instruments:
    return Instruments()


@pytest.fixture
def workers(instruments: Instruments) -> Iterator[Workers]:
    made = Workers(instruments, 1)
    yield made
    made.close()


class FakeAccounts:
    """One account, and the sessions that were made of it."""

    def __init__(self) -> None:
        self.account = Account(uuid4(), "ann", "Ann", "operator", CHEAP.hash(PASSWORD), disabled=False)
        self.sessions: dict[bytes, SignIn] = {}
        self.asked = 0

    async def locked_until(self, _: str) -> None:
        return

    async def forget_failures(self, _: str) -> None:
        return

    async def find(self, _: str) -> Account:
        return self.account

    async def add_session(self, token_hash: bytes, user_id: Any, kind: str, _: str, expires_at: datetime) -> None:
        account = self.account
        self.sessions[token_hash] = SignIn(user_id, account.name, account.display_name, account.role, kind, expires_at)

    async def find_session(self, token_hash: bytes) -> SignIn | None:
        self.asked += 1
        return self.sessions.get(token_hash)

    async def live_sessions(self) -> list[bytes]:
        return list(self.sessions)


class FakeRedis:
    """Hashes in memory that all replicas see, and their times to live."""

    def __init__(self) -> None:
        self.hashes: dict[str, dict[bytes, bytes]] = {}
        self.ttl_s: list[int] = []

    async def hash_get_all(self, key: str) -> dict[bytes, bytes]:
        return self.hashes.get(key, {})

    async def hash_set(self, key: str, fields: Mapping[str, str], ttl_s: int) -> None:
        self.hashes[key] = {name.encode(): value.encode() for name, value in fields.items()}
        self.ttl_s.append(ttl_s)

    async def delete(self, key: str) -> None:
        self.hashes.pop(key, None)


async def test_a_session_that_one_replica_has_looked_up_is_known_to_all(
    instruments: Instruments, workers: Workers
) -> None:
    accounts: Any = FakeAccounts()
    redis: Any = FakeRedis()
    first, second = (SignIns(accounts, redis, workers, instruments) for _ in range(2))
    new = await first.sign_in("ann", PASSWORD)
    await first.find(new.token)
    accounts.asked = 0
    assert (await second.find(new.token)).person.name == "ann"
    assert accounts.asked == 0


def signing_in(instruments: Instruments, workers: Workers, **changed: Any) -> FastAPI:
    """The gateway's routes for signing in, without its other parts."""

    class FakeTrail:
        async def record(self, _: object) -> bool:
            return True

    settings = GatewaySettings(
        postgres_url="postgresql://x@127.0.0.1/x",
        audit_urls="http://127.0.0.1:1",
        nlp_urls="http://127.0.0.1:2",
        kubeconfig=Path("config"),
        **changed,
    )
    accounts: Any = FakeAccounts()
    sign_ins = SignIns(accounts, None, workers, instruments, settings.session_lifetime_s)
    given = {"settings": settings, "accounts": accounts, "sign_ins": sign_ins, "trail": FakeTrail()}
    app = FastAPI()
    app.include_router(auth.router)
    app.state.parts = Parts(**{field.name: given.get(field.name) for field in fields(Parts)})  # type: ignore[arg-type]
    return app


@pytest.mark.parametrize(("changed", "seconds"), [({}, 86_400), ({"session_lifetime_s": 28_800}, 28_800)])
async def test_a_session_lasts_24_hours_unless_the_settings_say_otherwise(
    instruments: Instruments, workers: Workers, changed: dict[str, Any], seconds: int
) -> None:
    transport = httpx2.ASGITransport(signing_in(instruments, workers, **changed))
    origin = "http://127.0.0.1:8080"
    before = datetime.now(UTC)
    async with httpx2.AsyncClient(transport=transport, base_url=origin, headers={"origin": origin}) as http:
        reply = await http.post("/api/v1/sign-in", json={"user": "ann", "password": PASSWORD})
    expires_at = datetime.fromisoformat(reply.json()["session_expires_at"])
    assert f"; Max-Age={seconds};" in reply.headers["set-cookie"]
    assert before <= expires_at - timedelta(seconds=seconds) <= datetime.now(UTC)


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    server = PostgresServer()
    yield server
    server.close()


async def test_a_session_outlives_the_death_of_the_gateway_the_cache_and_the_database(
    postgres: PostgresServer, workers: Workers
) -> None:
    name = postgres.new_database()
    await migrate(postgres.url(name), files("app.gateway.store") / "migrations")
    async with gateway(postgres, name, workers) as (accounts, before):
        await accounts.add(new_id(), "ann", "Ann", "operator", CHEAP.hash(PASSWORD))
        new = await before.sign_in("ann", PASSWORD)
        assert (await before.find(new.token)).person.name == "ann"
    postgres.stop(signal.SIGQUIT)
    postgres.start()
    async with gateway(postgres, name, workers) as (_, after):
        assert (await after.find(new.token)).person.name == "ann"


@asynccontextmanager
async def gateway(
    postgres: PostgresServer, database_name: str, workers: Workers
) -> AsyncIterator[tuple[Accounts, SignIns]]:
    """A process that has just been started, with a cache that holds nothing yet."""
    instruments, tracing = Instruments(), Tracing("gateway", "test")
    url = postgres.url(database_name)
    database = Database(url, name="test", size=1, application_name="test", instruments=instruments, tracing=tracing)
    await database.open()
    accounts = Accounts(database)
    redis: Any = FakeRedis()
    yield accounts, SignIns(accounts, redis, workers, instruments)
    await database.close()
    tracing.close()


async def test_a_vocabulary_that_nobody_asks_for_is_kept_for_an_hour(
    clock: Clock, instruments: Instruments, workers: Workers
) -> None:
    vocabularies = Vocabularies(10, workers, instruments, Caches())
    sent = {"version": "1", "objects": {"deployments": {"shop": ["web"]}}}
    first = await vocabularies.get(sent)
    clock.at(3599.5)
    assert await vocabularies.get(sent) is first
    clock.at(3599.5 + 3600.5)
    assert await vocabularies.get(sent) is not first


@pytest.fixture
def endpoint() -> Iterator[ModelServer]:
    with ModelServer(says("Yes.")) as made:
        yield made


async def test_models_and_vocabularies_are_cached_in_memory(tmp_path: Path, endpoint: ModelServer) -> None:
    async with service(tmp_path, model_url=endpoint.url, model_name=MODEL, state_dir=tmp_path / "state") as nlp:
        for _ in range(2):
            assert (await nlp.answer())[-1]["say"] == "Yes."
        caches = {state.name: state for state in nlp.process.runtime.caches.states()}
        assert caches.keys() == {"nlp_models", "nlp_prompts", "nlp_vocabularies"}
        for name, state in caches.items():
            assert (state.entries, state.ttl_s) == (1, 3600), name
            assert nlp.value(catalogue.CACHE_BYTES, cache=name) == state.bytes > 0
            assert nlp.value(catalogue.CACHE_LOOKUPS, cache=name, result="hit") >= 1
            assert nlp.value(catalogue.CACHE_OLDEST, cache=name) >= 0
    assert not (tmp_path / "state").exists(), "in memory, and nowhere else"


async def test_models_and_names_that_are_used_often_are_loaded_before_they_are_asked_for(
    tmp_path: Path, endpoint: ModelServer
) -> None:
    async with service(tmp_path, model_url=endpoint.url, model_name=MODEL) as nlp:
        assert nlp.value(catalogue.CACHE_ENTRIES, cache="nlp_models") == 1
        assert await nlp.warm() is False, "nobody has told it yet what is used"
        assert await nlp.warm({"cluster": "prod-eu", "namespace": "shop", "vocabulary": sent_vocabulary()}) is True
        assert (await nlp.answer())[-1]["say"] == "Yes."
        for name in ("nlp_models", "nlp_prompts", "nlp_vocabularies"):
            assert nlp.value(catalogue.CACHE_LOOKUPS, cache=name, result="miss") == 0, name
            assert nlp.value(catalogue.CACHE_WARMED, cache=name, event="used") == 1, name


@pytest.fixture
def web(tmp_path: Path) -> TestClient:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>KubeChat</title>")
    (tmp_path / HASHED.removeprefix("/")).write_bytes(SCRIPT)
    return TestClient(Starlette(routes=web_routes(tmp_path, None)))


def test_browsers_keep_hashed_files_for_a_year(web: TestClient) -> None:
    assert web.get(HASHED).headers["cache-control"].split(", ")[:2] == ["public", "max-age=31536000"]


def test_static_files_have_a_strong_etag_of_the_bytes_that_are_sent(web: TestClient) -> None:
    seen = set()
    for path, accepted in ((HASHED, "br"), (HASHED, "gzip"), (HASHED, ""), ("/", "")):
        etag = web.get(path, headers={"accept-encoding": accepted}).headers["etag"]
        assert etag.startswith('"')
        assert etag.endswith('"')
        again = web.get(path, headers={"accept-encoding": accepted, "if-none-match": etag})
        assert (again.status_code, again.content) == (304, b"")
        seen.add(etag)
    assert len(seen) == 4


def _as_it_is(content: bytes) -> bytes:
    return content


@pytest.mark.parametrize(
    ("accepted", "encoding", "decode"),
    [
        ("gzip, deflate, br", "br", brotli.decompress),
        ("gzip, deflate", "gzip", gzip.decompress),
        ("br;q=0, gzip;q=0.5", "gzip", gzip.decompress),
        ("identity", None, _as_it_is),
    ],
)
def test_static_files_are_sent_with_brotli_or_gzip_whichever_the_browser_takes(
    web: TestClient, accepted: str, encoding: str | None, decode: Callable[[bytes], bytes]
) -> None:
    with web.stream("GET", HASHED, headers={"accept-encoding": accepted}) as reply:
        raw = b"".join(reply.iter_raw())
    assert reply.headers.get("content-encoding") == encoding
    assert decode(raw) == SCRIPT
