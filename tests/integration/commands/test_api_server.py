"""The choice of an API server for the contract tests, and how a real one is started and ended, with stand-ins for it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from app.infra.kubernetes.kubeconfig import load_clusters
from tests.support.api_server import ASSETS, KUBECONFIG, ApiServer, Choice, NoServerError, chosen, running

# Stands in for both programs: notes its process id and arguments; as an API server it also answers over TLS.
STAND_IN = """#!{python}
import json, os, sys, time
name = os.path.basename(sys.argv[0])
options = dict(part.removeprefix("--").partition("=")[::2] for part in sys.argv[1:])
open(os.path.join({notes!r}, name), "w").write(json.dumps({{"pid": os.getpid(), "options": options}}))
if name == "etcd":
    time.sleep(600)
import http.server, ssl
token = open(options["token-auth-file"]).read().partition(",")[0]
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        known = self.headers["Authorization"] == f"Bearer {{token}}"
        self.send_response(200 if known else 401)
        self.end_headers()
    def log_message(self, *_): pass
server = http.server.ThreadingHTTPServer((options["bind-address"], int(options["secure-port"])), Handler)
tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
tls.load_cert_chain(options["tls-cert-file"], options["tls-private-key-file"])
server.socket = tls.wrap_socket(server.socket, server_side=True)
server.serve_forever()
"""


def test_any_cluster_comes_before_programs_and_the_demo_clusters_come_last() -> None:
    assert chosen({}).kind == "demo"
    assert chosen({ASSETS: ""}).kind == "demo"
    assert chosen({ASSETS: "/programs"}) == Choice("envtest", Path("/programs"))
    assert chosen({ASSETS: "/programs", KUBECONFIG: "/config"}) == Choice("cluster", Path("/config"))


def test_the_output_names_the_server() -> None:
    assert chosen({}).sentence.startswith("the demo clusters")
    assert chosen({ASSETS: "/programs"}).sentence == f"etcd and kube-apiserver from /programs ({ASSETS})"
    assert chosen({KUBECONFIG: "/config"}).sentence == f"the cluster of the current context in /config ({KUBECONFIG})"


def test_a_missing_program_or_kubeconfig_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "etcd").write_text("#!/bin/sh\n")
    (tmp_path / "etcd").chmod(0o755)
    with pytest.raises(NoServerError) as missing, running(Choice("envtest", tmp_path), tmp_path):
        pass
    assert str(missing.value) == (
        f"KUBEBUILDER_ASSETS names {tmp_path}, which has no program kube-apiserver; install it there or unset it."
    )
    with pytest.raises(NoServerError) as absent, running(Choice("cluster", tmp_path / "none"), tmp_path):
        pass
    assert str(absent.value) == (
        f"KUBECHAT_TEST_KUBECONFIG names {tmp_path / 'none'}, which is no file; correct it or unset it."
    )


async def test_programs_are_started_on_the_loopback_interface_and_ended(tmp_path: Path) -> None:
    import aiohttp

    programs, notes = tmp_path / "programs", tmp_path / "notes"
    programs.mkdir()
    notes.mkdir()
    for name in ("etcd", "kube-apiserver"):
        (programs / name).write_text(STAND_IN.format(python=sys.executable, notes=str(notes)))
        (programs / name).chmod(0o755)
    with running(Choice("envtest", programs), tmp_path) as kubeconfig:
        started = {name: json.loads((notes / name).read_text()) for name in ("etcd", "kube-apiserver")}
        (config,) = load_clusters(kubeconfig).clusters
        async with aiohttp.ClientSession() as session:
            assert (await ApiServer(config, session, "default").ask("GET", "/readyz")).status == 200
    server, store = started["kube-apiserver"]["options"], started["etcd"]["options"]
    assert server["authorization-mode"] == "RBAC"
    assert server["bind-address"] == "127.0.0.1"
    assert server["etcd-servers"] == store["listen-client-urls"]
    assert store["listen-client-urls"].startswith("http://127.0.0.1:")
    for entry in started.values():
        with pytest.raises(ProcessLookupError):
            os.kill(entry["pid"], 0)
