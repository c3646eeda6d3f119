"""One context of a kubeconfig with its cluster and user, and the one sentence that says which part of it is wrong.

Checked is what can be told without opening a file or a connection, so that a mistake is found at the start and not by
the first person who asks.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

EXEC_VERSIONS = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")
OIDC_PARTS = ("idp-issuer-url", "client-id")
_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_LIST = (list, tuple)
_FILES = ("certificate-authority", "client-certificate", "client-key", "tokenFile")


@dataclass(frozen=True, slots=True)
class Entry:
    """A context and what it names.

    Attributes:
        context: its own content.
        cluster: that of its cluster; None where there is none of that name.
        user: that of its user; None where there is none of that name.
        folder: what files that it names are relative to.
    """

    context: Mapping[str, Any]
    cluster: Mapping[str, Any] | None = field(repr=False)
    user: Mapping[str, Any] | None = field(repr=False)
    folder: Path


def fault_of(entry: Entry, *, added: bool) -> str:
    """What is wrong with an entry, empty when nothing is.

    Args:
        entry: the context.
        added: whether it was given while this installation runs: then it may start no program and name no file, since
            both are of the machine that KubeChat runs on.
    """
    for check in _CHECKS:
        found = check(entry)
        if found:
            return found
    return _of_added(entry) if added else ""


def _of_context(entry: Entry) -> str:
    if entry.cluster is None:
        return "it names a cluster that does not exist"
    if entry.context.get("user") and entry.user is None:
        return "it names a user that does not exist"
    namespace = entry.context.get("namespace")
    if namespace is not None and not (isinstance(namespace, str) and _NAMESPACE.fullmatch(namespace)):
        return "its namespace is no name of a namespace"
    return ""


def _of_server(entry: Entry) -> str:
    cluster = entry.cluster or {}
    if not _is_address(cluster.get("server")):
        return "its cluster has no http or https address (server)"
    if cluster.get("insecure-skip-tls-verify"):
        return "its cluster skips TLS verification (insecure-skip-tls-verify); give its CA instead"
    proxy = cluster.get("proxy-url")
    if proxy and not _is_address(proxy):
        return "its proxy is no http or https address (proxy-url)"
    server_name = cluster.get("tls-server-name")
    if server_name and not (isinstance(server_name, str) and re.fullmatch(r"[\w.:-]{1,253}", server_name)):
        return "its name for TLS is no name of a server (tls-server-name)"
    return ""


def _of_authority(entry: Entry) -> str:
    return _pem_fault(entry.cluster or {}, "certificate-authority-data", "CERTIFICATE", "its CA")


def _of_certificate(entry: Entry) -> str:
    user = entry.user or {}
    found = _pem_fault(user, "client-certificate-data", "CERTIFICATE", "its client certificate")
    found = found or _pem_fault(user, "client-key-data", "PRIVATE KEY", "its client key")
    certificate = bool(user.get("client-certificate-data") or user.get("client-certificate"))
    key = bool(user.get("client-key-data") or user.get("client-key"))
    if not found and certificate != key:
        found = "its user has a client certificate and no key, or a key and no certificate"
    return found


def _of_token(entry: Entry) -> str:
    user = entry.user or {}
    token = user.get("token")
    if token is not None and not (isinstance(token, str) and token and not re.search(r"\s", token)):
        return "its token is no token (token)"
    if bool(user.get("username")) != bool(user.get("password")):
        return "its user has a username and no password, or a password and no username"
    if any(not isinstance(user.get(name, ""), str) for name in ("username", "password", "tokenFile")):
        return "its username, password or tokenFile is no text"
    return ""


def _of_plugin(entry: Entry) -> str:
    plugin = (entry.user or {}).get("exec")
    if plugin is None:
        return ""
    if not isinstance(plugin, dict) or not isinstance(plugin.get("command"), str) or not plugin["command"]:
        return "its plugin has no command (exec.command)"
    if plugin.get("apiVersion") not in EXEC_VERSIONS:
        return f"its plugin speaks none of {', '.join(EXEC_VERSIONS)} (exec.apiVersion)"
    arguments = plugin.get("args") or ()
    if not isinstance(arguments, _LIST) or not all(isinstance(each, str) for each in arguments):
        return "its plugin's arguments are no list of texts (exec.args)"
    variables = plugin.get("env") or ()
    if not isinstance(variables, _LIST) or not all(
        isinstance(each, dict) and isinstance(each.get("name"), str) and isinstance(each.get("value"), str)
        for each in variables
    ):
        return "its plugin's variables are no list of names and values (exec.env)"
    if plugin.get("interactiveMode") == "Always":
        return "its plugin wants to ask a person, and there is none (exec.interactiveMode)"
    return ""


def _of_provider(entry: Entry) -> str:
    provider = (entry.user or {}).get("auth-provider")
    if provider is None:
        return ""
    if not isinstance(provider, dict) or provider.get("name") != "oidc":
        return "its auth-provider is none that there still is; use a plugin (exec), or oidc"
    config = provider.get("config")
    if not isinstance(config, dict) or not all(isinstance(config.get(part), str) for part in OIDC_PARTS):
        return f"its OIDC provider lacks {' or '.join(OIDC_PARTS)} (auth-provider.config)"
    if urlsplit(config["idp-issuer-url"]).scheme != "https":
        return "its OIDC provider has no https address (auth-provider.config.idp-issuer-url)"
    if not (config.get("id-token") or config.get("refresh-token")):
        return "its OIDC provider has neither an id-token nor a refresh-token (auth-provider.config)"
    return _pem_fault(config, "idp-certificate-authority-data", "CERTIFICATE", "its OIDC provider's CA")


def _of_added(entry: Entry) -> str:
    if (entry.user or {}).get("exec") is not None:
        return "its plugin would start a program where KubeChat runs; give a token or a client certificate instead"
    if (entry.user or {}).get("auth-provider") is not None:
        return "its OIDC provider would be asked by KubeChat; give a token or a client certificate instead"
    for part in (entry.cluster or {}, entry.user or {}):
        named = next((name for name in _FILES if part.get(name)), "")
        if named:
            return f"it names a file, which would be one of the machine where KubeChat runs ({named}); embed it instead"
    if not str((entry.cluster or {}).get("server")).startswith("https://"):
        return "its address is not https, and its credentials would cross the network in the clear"
    return ""


_CHECKS: tuple[Callable[[Entry], str], ...] = (
    _of_context,
    _of_server,
    _of_authority,
    _of_certificate,
    _of_token,
    _of_plugin,
    _of_provider,
)


def pem_of(part: Mapping[str, Any], name: str) -> str | None:
    """A PEM text that stands in an entry as base64; None where there is none, ValueError where it is none."""
    value = part.get(name)
    if value is None or value == "":
        return None
    try:
        return base64.b64decode(str(value), validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError) as exc:
        raise ValueError(name) from exc


def _pem_fault(part: Mapping[str, Any], name: str, kind: str, what: str) -> str:
    try:
        text = pem_of(part, name)
    except ValueError:
        return f"{what} is no base64 of a PEM text ({name})"
    if text is not None and not re.search(rf"-----BEGIN [A-Z ]*{kind}-----", text):
        return f"{what} holds no {kind.lower()} ({name})"
    return ""


def _is_address(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        parts = urlsplit(value)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
