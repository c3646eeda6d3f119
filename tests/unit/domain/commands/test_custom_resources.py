"""Custom resources are like any other kind: found by discovery, by every name, in tables, as objects, described."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.commands.engine import Engine
from app.domain.commands.parser import parse
from app.domain.commands.printing import printed
from tests.support.known_types import known_types
from tests.support.scripted_cluster import ADA, Asked, ScriptedCluster

WIDGET = {
    "apiVersion": "example.com/v1",
    "kind": "Widget",
    "metadata": {"name": "one", "namespace": "shop", "uid": "u-1", "labels": {"app": "a"}},
    "spec": {"size": 3, "color": "red", "parts": [{"name": "lid"}, {"name": "base"}], "tags": ["x", "y"]},
}
COLUMNS = [
    {"name": "Name", "type": "string", "format": "name", "priority": 0},
    {"name": "Size", "type": "integer", "priority": 0},
    {"name": "Color", "type": "string", "priority": 0},
]
GROUPS = {
    "kind": "APIGroupDiscoveryList",
    "items": [
        {
            "metadata": {"name": "example.com"},
            "versions": [
                {
                    "version": "v1",
                    "resources": [
                        {
                            "resource": "widgets",
                            "responseKind": {"group": "example.com", "version": "v1", "kind": "Widget"},
                            "scope": "Namespaced",
                            "singularResource": "widget",
                            "shortNames": ["wd"],
                            "categories": ["all"],
                            "verbs": ["get", "list", "watch"],
                        }
                    ],
                }
            ],
        }
    ],
}


def answers(asked: Asked) -> Any:
    base = "/apis/example.com/v1/namespaces/shop/widgets"
    if asked.path == "/api":
        return {"kind": "APIGroupDiscoveryList", "items": []}
    if asked.path == "/apis":
        return GROUPS
    if asked.path not in {base, f"{base}/one"}:
        return {"kind": "List", "items": []} if asked.path.endswith("/events") else None
    if "as=Table" in asked.accept:
        rows = [{"cells": ["one", 3, "red"]}, {"cells": ["two", 10, None]}]
        return {"kind": "Table", "columnDefinitions": COLUMNS, "rows": rows if asked.path == base else rows[:1]}
    return {"kind": "WidgetList", "items": [WIDGET]} if asked.path == base else WIDGET


async def said(line: str) -> str:
    cluster = ScriptedCluster(answers)
    engine = Engine({"prod-eu": cluster}, current="prod-eu", known_types=known_types())
    command = parse(line, cluster="prod-eu", namespace="shop", clusters=("prod-eu",))
    try:
        return printed(await engine.read(command, ADA)).out
    finally:
        await cluster.close()


@pytest.mark.parametrize("word", ["widgets", "widget", "wd", "Widget", "widgets.example.com", "widgets.v1.example.com"])
async def test_a_custom_resource_has_its_servers_columns_by_every_name(word: str) -> None:
    assert await said(f"get {word}") == "NAME   SIZE   COLOR\none    3      red\ntwo    10     \n"


async def test_a_custom_resource_is_in_its_category() -> None:
    assert "one    3      red" in await said("get all")


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("name", "widget.example.com/one\n"),
        ("jsonpath={.spec.parts[*].name}", "lid base"),
        ("custom-columns=N:.metadata.name,S:.spec.size", "N     S\none   3\n"),
    ],
)
async def test_a_custom_resource_is_written_in_every_form(form: str, text: str) -> None:
    assert await said(f"get wd one -o {form}") == text


async def test_a_custom_resource_is_described_field_by_field() -> None:
    assert await said("describe wd one") == (
        "Name:         one\n"
        "Namespace:    shop\n"
        "Labels:       app=a\n"
        "Annotations:  <none>\n"
        "API Version:  example.com/v1\n"
        "Kind:         Widget\n"
        "Metadata:\n"
        "  UID:  u-1\n"
        "Spec:\n"
        "  Color:  red\n"
        "  Parts:\n"
        "    Name:  lid\n"
        "    Name:  base\n"
        "  Size:    3\n"
        "  Tags:\n"
        "    x\n"
        "    y\n"
        "Events:  <none>\n"
    )
