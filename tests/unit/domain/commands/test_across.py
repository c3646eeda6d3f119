"""One answer made of several clusters': nothing is dropped, and everything says where it is from."""

from __future__ import annotations

import json

import pytest
import yaml

from app.domain.commands.across import MOST_ROWS, Answer, grouped, missing_clusters, together
from app.domain.commands.parser import parse, parse_each
from app.domain.commands.printing import printed
from app.domain.commands.results import Column, Language, OutputResult, TableResult
from app.errors import KubeChatError, NotFoundError, UnavailableError, UnsupportedError

CLUSTERS = ("east", "north", "west")
LINE = "kubectl get pods -n shop --all-clusters"
GET = parse("get pods", cluster="east", namespace="shop", clusters=CLUSTERS)


def table(cluster: str, rows: int, columns: tuple[str, ...] = ("NAME",), **more: object) -> TableResult:
    cells = [[f"{cluster}-{number}"] * len(columns) for number in range(rows)]
    return TableResult("l", cluster, "shop", tuple(map(Column, columns)), cells, rows, rows, **more)  # type: ignore[arg-type]


def text(cluster: str, said: str, language: Language = "text", notes: str = "") -> Answer:
    return Answer(cluster, (OutputResult("l", cluster, said, language, notes=notes),))


def each(line: str) -> tuple[str, ...]:
    found = parse_each(line, cluster="east", namespace="shop", clusters=CLUSTERS)
    return tuple(command.cluster for command in found)


@pytest.mark.parametrize(
    ("line", "clusters"),
    [
        ("get pods", ("east",)),
        ("get pods --context west", ("west",)),
        ("get pods --context west,east", ("west", "east")),
        ("get pods --context west,,west", ("west",)),
        ("--context=west,north get pods", ("west", "north")),
        ("get pods --all-clusters", CLUSTERS),
        ("--all-clusters get pods -A", CLUSTERS),
        ("scale deployment web --replicas=3 --all-clusters", CLUSTERS),
    ],
)
def test_a_line_names_one_cluster_several_or_all(line: str, clusters: tuple[str, ...]) -> None:
    assert each(line) == clusters


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("get pods --all-clusters --context west", "either --all-clusters or --context"),
        ("get pods --context west,nosuch", 'no cluster "nosuch"'),
        ("get pods -w --all-clusters", "one cluster at a time"),
        ("logs web-1 -f --context east,west", "one cluster at a time"),
        ("drain node-1 --context east,west", "of one cluster"),
        ("config use-context west --all-clusters", "leave the flag out"),
    ],
)
def test_what_makes_no_sense_on_several_clusters_is_refused_in_one_sentence(line: str, said: str) -> None:
    with pytest.raises(KubeChatError, match=said):
        each(line)


def test_whoever_takes_one_command_takes_no_line_of_several() -> None:
    with pytest.raises(KubeChatError, match="one cluster at a time"):
        parse("get pods --all-clusters", cluster="east", namespace="shop", clusters=CLUSTERS)


def test_commands_that_differ_in_their_cluster_alone_are_one_question() -> None:
    lines = ("get pods", "get pods --context west", "get services", "get pods --context north -A", "get pods")
    commands = [parse(line, cluster="east", namespace="shop", clusters=CLUSTERS) for line in lines]
    assert [[command.cluster for command in group] for group in grouped(commands)] == [
        ["east", "west"], ["east"], ["north"],
    ]  # fmt: skip


def test_more_rows_than_are_shown_are_shared_out_so_that_every_cluster_is_seen() -> None:
    answers = [Answer("east", (table("east", 5 * MOST_ROWS),)), Answer("west", (table("west", 3),))]
    (merged,) = together(GET, LINE, answers)
    assert isinstance(merged, TableResult)
    assert (len(merged.rows), merged.shown, merged.total) == (MOST_ROWS, MOST_ROWS, 5 * MOST_ROWS + 3)
    assert sum(row[0] == "west" for row in merged.rows) == 3


def test_tables_of_different_types_stay_apart() -> None:
    answers = [
        Answer("east", (table("east", 1, resource="pods"), table("east", 1, resource="services"))),
        Answer("west", (table("west", 1, resource="services"),)),
    ]
    pods, services = together(GET, LINE, answers)
    assert isinstance(pods, TableResult)
    assert isinstance(services, TableResult)
    assert [row[0] for row in pods.rows] == ["east"]
    assert [row[0] for row in services.rows] == ["east", "west"]


def test_json_is_one_list_whose_objects_say_where_they_are_from() -> None:
    one = json.dumps({"kind": "Pod", "metadata": {"name": "web"}})
    many = json.dumps({"kind": "List", "items": [{"kind": "Pod", "metadata": {"name": "db"}}]})
    (merged,) = together(GET, LINE, [text("east", one, "json"), text("west", many, "json")])
    assert isinstance(merged, OutputResult)
    found = json.loads(merged.text)
    assert [(item["metadata"]["name"], item["metadata"]["annotations"]) for item in found["items"]] == [
        ("web", {"kubechat.io/cluster": "east"}),
        ("db", {"kubechat.io/cluster": "west"}),
    ]


def test_yaml_is_a_stream_with_each_clusters_name_and_other_text_stands_below_it() -> None:
    answers = [text("east", "a: 1\n", "yaml"), text("west", "a: 2\n", "yaml")]
    (merged,) = together(GET, LINE, answers)
    assert isinstance(merged, OutputResult)
    assert list(yaml.safe_load_all(merged.text)) == [{"a": 1}, {"a": 2}]
    assert "# cluster: west\n" in merged.text
    (plain,) = together(GET, LINE, [text("east", "pod/web\n"), text("west", "pod/db")])
    assert isinstance(plain, OutputResult)
    assert plain.text == "==> east <==\npod/web\n\n==> west <==\npod/db\n"


def test_what_all_note_is_said_once_and_what_some_note_is_said_of_them() -> None:
    nothing = "No resources found in shop namespace.\n"
    (all_,) = together(GET, LINE, [text(name, "", notes=nothing) for name in CLUSTERS])
    assert isinstance(all_, OutputResult)
    assert (all_.notes, all_.status) == (nothing, 0)
    some = together(GET, LINE, [Answer("east", (table("east", 1),)), text("west", "", notes=nothing)])
    assert printed(some).err == f"west: {nothing}"


def test_who_did_not_answer_is_told_apart_from_who_refused() -> None:
    answers = [
        Answer("east"),
        Answer("north", error=UnavailableError("x"), reason="connection refused"),
        Answer("south", error=NotFoundError("x"), reason="there is none"),
        Answer("west", error=NotFoundError("x"), reason="there is none"),
    ]
    assert missing_clusters(answers) == (
        "3 of 4 clusters answered; north: connection refused\nsouth, west: there is none\n"
    )
    assert missing_clusters(answers[:1]) == ""


def test_a_refusal_is_unsupported_not_a_fault() -> None:
    with pytest.raises(UnsupportedError):
        each("drain node-1 --context east,west")
