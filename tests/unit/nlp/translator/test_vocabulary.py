from __future__ import annotations

import pytest

from app.nlp.translator.names import guess, misspelt, said_exactly, said_in_part
from app.nlp.translator.vocabulary import Entry, Vocabulary, compile_vocabulary


def _made(**objects: dict[str, list[str]]) -> Vocabulary:
    return compile_vocabulary(["prod"], ["shop", "qa"], objects)


def test_a_name_that_kubernetes_would_refuse_is_left_out() -> None:
    made = _made(deployments={"shop": ["web", "Web", "a b", "-x", "--all", "сart", "web;rm", "", "x" * 254]})
    assert set(made.names) == {"web", "shop", "qa"}


def test_kinds_may_be_sent_by_any_of_their_names() -> None:
    made = _made(deploy={"shop": ["web"]}, svc={"shop": ["web"]})
    assert made.kinds >= {"deployments", "services"}
    assert made.find("services", "shop", "web") == Entry("services", "shop", "web")


def test_pods_are_found_by_their_owner() -> None:
    made = _made(
        pods={"shop": ["web-5f7c9d6b8-2xkqp", "orders-db-0", "node-exporter-4hx7k", "lone"]},
        deployments={"shop": ["web"]},
        statefulsets={"shop": ["orders-db"]},
        daemonsets={"shop": ["node-exporter"]},
    )
    assert made.pods_of["shop", "web"] == ["web-5f7c9d6b8-2xkqp"]
    assert made.owner_of["shop", "orders-db-0"].kind == "statefulsets"
    assert made.owner_of["shop", "node-exporter-4hx7k"].name == "node-exporter"
    assert ("shop", "lone") not in made.owner_of


def test_replicas_are_those_sent_else_the_number_of_pods() -> None:
    objects = {"deployments": {"shop": ["web"]}, "pods": {"shop": ["web-5f7c9d6b8-2xkqp", "web-5f7c9d6b8-7hj4m"]}}
    web = Entry("deployments", "shop", "web")
    assert compile_vocabulary([], [], objects).replicas_of(web) == 2
    assert compile_vocabulary([], [], objects, replicas={"deployments": {"shop": {"web": 7}}}).replicas_of(web) == 7
    assert compile_vocabulary([], [], {"deployments": {"shop": ["web"]}}).replicas_of(web) is None


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["payments-api"], "payments-api"),
        (["payment", "api"], "payments-api"),
        (["certmanager"], "cert-manager"),
        (["orders", "db"], "orders-db"),
        (["carts"], "cart"),
    ],
)
def test_a_name_is_found_as_it_is_said(words: list[str], name: str) -> None:
    made = _made(deployments={"shop": ["payments-api", "cert-manager", "orders-db", "cart", "cart-canary"]})
    match = said_exactly(made, words)
    assert match is not None
    assert match.names == (name,)


def test_a_part_finds_every_name_that_has_it() -> None:
    made = _made(deployments={"shop": ["ingress-nginx", "shop-api", "user-api"]})
    assert said_in_part(made, "nginx").names == ("ingress-nginx",)  # type: ignore[union-attr]
    assert set(said_in_part(made, "api").names) == {"shop-api", "user-api"}  # type: ignore[union-attr]


def test_a_name_must_lead_the_next_one_by_more_than_one_edit() -> None:
    made = _made(deployments={"shop": ["payments-api", "payments-app", "payments-gateway"]})
    assert set(misspelt(made, ["paymnets-api"]).names) == {"payments-api", "payments-app"}  # type: ignore[union-attr]
    assert misspelt(made, ["paymnets-gateway"]).names == ("payments-gateway",)  # type: ignore[union-attr]


def test_two_names_that_are_equally_near_are_both_handed_back() -> None:
    made = _made(deployments={"shop": ["search", "searcg"]})
    assert set(misspelt(made, ["searcx"]).names) == {"search", "searcg"}  # type: ignore[union-attr]


@pytest.mark.parametrize("word", ["card", "car", "what", "сart", "carts-are-nice-things"])
def test_another_word_is_no_misspelling(word: str) -> None:
    assert guess(_made(deployments={"shop": ["cart"]}), word).names == ()


def test_a_large_vocabulary_finds_its_last_name() -> None:
    names = [f"team-{i:05d}-service" for i in range(10_000)]
    made = _made(deployments={"shop": names})
    assert said_exactly(made, [names[-1]]).names == (names[-1],)  # type: ignore[union-attr]
    assert made.size_bytes > len(names)
