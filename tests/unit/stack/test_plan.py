"""The whole stack as data: what is started, with which settings, on which ports, under which limits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.stack.account import Account
from app.stack.cgroups import MemoryCgroups
from app.stack.credentials import Credentials
from app.stack.errors import StackError
from app.stack.layout import Layout
from app.stack.parts.ground import Ground
from app.stack.plan import chosen, plan
from app.stack.ports import Ports
from app.stack.programs import Programs
from app.stack.service import Service
from app.stack.settings import Options, StackSettings
from app.stack.spawner import Spawner
from slo.prometheus import PAGES
from tests.unit.stack.tiny import ME, sleeper

FD = 77
BASE = 18000


def written(*, port: int, token: str, authority_pem: str) -> str:
    return f"{port} {token} {authority_pem}"


def planned(
    folder: Path, cgroups: MemoryCgroups | None = None, chosen_settings: dict[str, Any] | None = None, **options: Any
) -> dict[str, Service]:
    settings = StackSettings(state=folder / "state", port=8080, port_base=BASE, **(chosen_settings or {}))
    layout = Layout(settings.state)
    layout.create(Account(ME.name, ME.uid, ME.gid, switched=False))
    credentials = Credentials(layout.secrets)
    credentials.create()
    programs = Programs(*(Path(f"/bin/{name}") for name in ("pg", "pgbouncer", "redis", "prometheus", "alertmanager")))
    ground = Ground(
        settings,
        Options(**options),
        layout,
        credentials,
        Spawner(ME, cgroups),
        programs,
        Ports(BASE, settings.port),
        written,
    )
    return {service.name: service for service in plan(ground, FD)}


def test_everything_the_design_names_is_started(tmp_path: Path) -> None:
    assert list(planned(tmp_path)) == [
        "postgres-primary",
        "postgres-replica-1",
        "postgres-replica-2",
        "pgbouncer",
        *(f"redis-{number}" for number in range(1, 7)),
        "demo",
        "nlp-1",
        "audit-1",
        "gateway-1",
        "gateway-2",
        "exporters",
        "alertmanager",
        "prometheus",
    ]


def test_more_replicas_are_more_processes_with_ports_of_their_own(tmp_path: Path) -> None:
    found = planned(tmp_path, replicas=20, read_replicas=8)
    assert sum(name.startswith("gateway-") for name in found) == 20
    assert sum(name.startswith("postgres-replica-") for name in found) == 8
    ports = [port for service in found.values() for port in service.ports]
    assert len(set(ports)) == len(ports)
    assert all(BASE <= port < BASE + 200 for port in ports)


def test_real_clusters_take_the_place_of_the_demo_and_of_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOUD_TOKEN", "of-the-person")
    monkeypatch.setenv("KUBECHAT_POSTGRES_URL", "elsewhere")
    file = tmp_path / "config"
    demo, real = planned(tmp_path), planned(tmp_path, kubeconfig=file)
    assert set(demo) - set(real) == {"demo"}
    assert real["gateway-1"].env["KUBECHAT_KUBECONFIG"] == str(file)
    assert real["gateway-1"].env["CLOUD_TOKEN"] == "of-the-person"
    assert real["gateway-1"].env["KUBECHAT_POSTGRES_URL"].startswith("postgresql://kubechat_gateway:")
    assert "demo" not in real["gateway-1"].after


def test_nothing_of_the_person_s_environment_reaches_the_other_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOUD_TOKEN", "of-the-person")
    file = tmp_path / "config"
    leaked = [service.name for service in planned(tmp_path, kubeconfig=file).values() if "CLOUD_TOKEN" in service.env]
    assert leaked == ["gateway-1", "gateway-2"]


def test_all_gateway_replicas_share_the_supervisor_s_socket(tmp_path: Path) -> None:
    found = planned(tmp_path)
    for name in ("gateway-1", "gateway-2"):
        assert found[name].pass_fds == (FD,)
        assert found[name].env["KUBECHAT_LISTEN_FD"] == str(FD)
        assert 8080 not in found[name].ports
    assert not any(service.pass_fds for name, service in found.items() if not name.startswith("gateway-"))


def test_the_gateway_is_told_of_every_store_and_service(tmp_path: Path) -> None:
    env = planned(tmp_path)["gateway-2"].env
    assert env["KUBECHAT_POSTGRES_URL"].endswith("@127.0.0.1:18130/kubechat")
    assert [url.rsplit("/", 1)[1] for url in env["KUBECHAT_POSTGRES_REPLICA_URLS"].split(",")] == [
        "kubechat_replica_1",
        "kubechat_replica_2",
    ]
    assert "@127.0.0.1:18120/kubechat?" in env["KUBECHAT_POSTGRES_DIRECT_URL"]
    assert env["KUBECHAT_REDIS_NODES"].split(",") == [f"127.0.0.1:{port}" for port in range(18140, 18146)]
    assert env["KUBECHAT_AUDIT_URLS"] == "http://127.0.0.1:18060"
    assert env["KUBECHAT_NLP_URLS"] == "http://127.0.0.1:18020"
    assert env["KUBECHAT_PUBLIC_URL"] == "http://127.0.0.1:8080"
    assert env["KUBECHAT_INSTANCE"] == "gateway-2"
    assert env["KUBECHAT_PRIVATE_PORT"] == "18001"


def test_nlp_holds_no_credentials_but_the_services_token(tmp_path: Path) -> None:
    env = planned(tmp_path)["nlp-1"].env
    given = {name for name in env if "TOKEN" in name or "URL" in name or "KUBECONFIG" in name or "PASSWORD" in name}
    assert given == {"KUBECHAT_SERVICE_TOKEN_FILE"}


def test_a_language_model_s_settings_reach_the_processes_that_they_are_for(tmp_path: Path) -> None:
    model = {
        "model_url": "http://127.0.0.1:11434/v1",
        "model_name": "qwen3:8b",
        "model_key_file": Path("key"),
        "model_timeout_s": "90",
        "model_daily_tokens": "1000",
    }
    services = planned(tmp_path, chosen_settings=model)

    def given(name: str) -> dict[str, str]:
        return {key: value for key, value in services[name].env.items() if key.startswith("KUBECHAT_MODEL_")}

    assert given("nlp-1") == {
        "KUBECHAT_MODEL_URL": "http://127.0.0.1:11434/v1",
        "KUBECHAT_MODEL_NAME": "qwen3:8b",
        "KUBECHAT_MODEL_KEY_FILE": str(Path("key").absolute()),
        "KUBECHAT_MODEL_TIMEOUT_S": "90",
    }
    assert given("gateway-1") == {"KUBECHAT_MODEL_DAILY_TOKENS": "1000"}
    assert given("audit-1") == {}


def test_memory_limits_are_the_document_s(tmp_path: Path) -> None:
    limits = {name: service.memory_limit_bytes for name, service in planned(tmp_path).items()}
    mib = 2**20
    assert limits["gateway-1"] == 512 * mib
    assert limits["nlp-1"] == 1024 * mib
    assert limits["audit-1"] == 512 * mib
    assert limits["redis-1"] == 1024 * mib
    assert limits["postgres-primary"] is None


def test_without_a_writable_cgroup_the_status_says_who_watches(tmp_path: Path) -> None:
    found, spawner = planned(tmp_path), Spawner(ME, None)
    told = {name: spawner.memory(found[name]) for name in ("gateway-1", "redis-1", "pgbouncer")}
    assert told["gateway-1"] is not None
    assert told["gateway-1"].enforced_by == "watchdog"
    assert found["gateway-1"].env["KUBECHAT_MEMORY_LIMIT_BYTES"] == str(512 * 2**20)
    assert told["redis-1"] is not None
    assert told["redis-1"].enforced_by == "maxmemory"
    assert told["pgbouncer"] is None


def test_no_memory_cgroup_is_found_where_there_is_none(tmp_path: Path) -> None:
    assert MemoryCgroups.open(tmp_path, root=tmp_path) is None


def test_third_party_servers_run_as_their_own_user_and_ours_do_not(tmp_path: Path) -> None:
    servers = {name for name, service in planned(tmp_path).items() if service.as_server}
    assert servers == {
        "postgres-primary",
        "postgres-replica-1",
        "postgres-replica-2",
        "pgbouncer",
        *(f"redis-{number}" for number in range(1, 7)),
        "alertmanager",
        "prometheus",
    }


def test_no_secret_is_on_a_command_line(tmp_path: Path) -> None:
    found = planned(tmp_path)
    secrets = [path.read_text().strip() for path in (tmp_path / "state/secrets").iterdir()]
    words = " ".join(word for service in found.values() for word in service.argv)
    assert not [secret for secret in secrets if secret in words]


def test_prometheus_starts_last_and_ends_first_so_that_it_never_sees_the_others_missing(tmp_path: Path) -> None:
    found = planned(tmp_path)
    assert set(found["prometheus"].after) == set(found) - {"prometheus"}


def test_every_one_of_our_processes_is_scraped_under_its_service_s_name(tmp_path: Path) -> None:
    scrapes = {(s.job, s.instance) for service in planned(tmp_path).values() for s in service.scrapes}
    assert {
        ("gateway", "gateway-1"),
        ("gateway", "gateway-2"),
        ("nlp", "nlp-1"),
        ("audit", "audit-1"),
        ("exporters", "exporters"),
        ("postgresql", "postgresql"),
    } <= scrapes


def test_a_part_of_the_stack_waits_for_nobody_who_is_not_started(tmp_path: Path) -> None:
    found = planned(tmp_path, only=("gateway", "redis"))
    assert list(found) == [*(f"redis-{number}" for number in range(1, 7)), "gateway-1", "gateway-2"]
    assert set(found["gateway-1"].after) == {f"redis-{number}" for number in range(1, 7)}


def test_a_part_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="nothing"):
        chosen([sleeper("a", tmp_path)], ["nothing"])


def test_the_exporters_are_told_of_everything_that_the_stack_starts(tmp_path: Path) -> None:
    services = planned(tmp_path)
    env = services["exporters"].env
    names = {part.partition("=")[0] for part in env["KUBECHAT_EXPORT_NETWORK_PEERS"].split(",")}
    quiet = {"exporters", "alertmanager", "prometheus"}
    assert names == services.keys() - quiet
    roles = [part.partition("=")[0] for part in env["KUBECHAT_EXPORT_DIRECTORIES"].split(",")]
    assert set(roles) == {"data", "wal", "log", "spool"}
    scraped = {scrape.job for scrape in services["exporters"].scrapes}
    assert scraped == {"exporters", *PAGES}


def test_the_exporters_look_at_real_clusters_only_under_an_account_that_was_given_for_it(tmp_path: Path) -> None:
    demo = planned(tmp_path)["exporters"].env["KUBECHAT_EXPORT_KUBECONFIG"]
    assert demo != planned(tmp_path)["gateway-1"].env["KUBECHAT_KUBECONFIG"]
    assert "KUBECHAT_EXPORT_KUBECONFIG" not in planned(tmp_path, kubeconfig=tmp_path / "config")["exporters"].env
