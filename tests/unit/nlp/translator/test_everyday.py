"""What people ask in passing: several things at once, in short forms, of what was shown before."""

from __future__ import annotations

import pytest

from app.nlp.translator.clusters import with_clusters_named
from app.nlp.translator.plan import Behaviour, Context, Plan, Turn
from app.nlp.translator.translate import translate
from tests.language.evaluation import demo_vocabulary

VOCABULARY = demo_vocabulary()


def read(text: str, *turns: Turn) -> Plan:
    return translate(text, Context("prod-eu", "shop", turns), VOCABULARY)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("web to 4 and cart to 3", {"web": 4, "cart": 3}),
        ("web to 4, cart to 3, go", {"web": 4, "cart": 3}),
        ("scale web to 4, cart to three and checkout to 2 please", {"web": 4, "cart": 3, "checkout": 2}),
        ("scale web from 2 to 4", {"web": 4}),
        ("cart +2 replicas", {"cart": 4}),
    ],
)
def test_each_workload_gets_its_own_number(text: str, numbers: dict[str, int]) -> None:
    wanted = tuple(f"kubectl scale deployment/{name} --replicas={number} -n shop" for name, number in numbers.items())
    assert read(text).commands == wanted


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        (
            "set cart's memory request to 256Mi and its memory limit to 512Mi",
            "--requests=memory=256Mi --limits=memory=512Mi",
        ),
        (
            "cart requests should be 250m cpu and 256Mi, with limits at 500m and 512Mi",
            "--requests=cpu=250m,memory=256Mi --limits=cpu=500m,memory=512Mi",
        ),
        (
            "give cart 250m cpu and 256Mi memory as requests and 1 cpu and 1Gi as limits",
            "--requests=cpu=250m,memory=256Mi --limits=cpu=1,memory=1Gi",
        ),
        ("cart req 200m cpu / 256Mi", "--requests=cpu=200m,memory=256Mi"),
    ],
)
def test_each_amount_goes_where_it_is_said_to(text: str, flags: str) -> None:
    assert read(text).commands == (f"kubectl set resources deployment/cart {flags} -n shop",)


@pytest.mark.parametrize(
    "text",
    [
        "don't set the cpu request of cart to 250m and the memory limit to 1Gi",
        "did anyone set the cpu request of cart to 250m and the memory limit to 1Gi",
    ],
)
def test_amounts_that_are_denied_or_asked_about_change_nothing(text: str) -> None:
    assert not read(text).commands


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("list all namespaces", ("kubectl get namespaces",)),
        ("prev logs of web", ("kubectl logs deployment/web --previous -n shop",)),
        ("any 500s in cart logs past 20 mins?", ("kubectl logs deployment/cart --since=20m -n shop",)),
        ("create a job report-extra from the nightly-report cronjob",
         ("kubectl create job report-extra --from=cronjob/nightly-report -n shop",)),
        ("label the qa namespace env=test", ("kubectl label namespace qa env=test",)),
        ("what taints does node-b have", ("kubectl describe node/node-b",)),
        ("show the logs and the events of web",
         ("kubectl logs deployment/web -n shop", "kubectl events --for deployment/web -n shop")),
        ("first pause the web rollout, then set its image to nginx:1.27.3, then resume it",
         ("kubectl rollout pause deployment/web -n shop", "kubectl set image deployment/web web=nginx:1.27.3 -n shop",
          "kubectl rollout resume deployment/web -n shop")),
        ("can checkout-sa read secrets in qa",
         ("kubectl auth can-i get secrets --as=system:serviceaccount:shop:checkout-sa -n qa",)),
        ("can the service account checkout-sa watch pods on staging",
         ("kubectl auth can-i watch pods --as=system:serviceaccount:shop:checkout-sa -n shop --context staging",)),
        ("can i exec into pods here?", ("kubectl auth can-i create pods --subresource=exec -n shop",)),
        ("taint node-a with dedicated=batch, effect NoSchedule", ("kubectl taint nodes node-a dedicated=batch:NoSchedule",)),
        ("set LOG_LEVEL to debug on checkout", ("kubectl set env deployment/checkout LOG_LEVEL=debug -n shop",)),
    ],
)  # fmt: skip
def test_it_is_read_whole(text: str, commands: tuple[str, ...]) -> None:
    assert read(text).commands == commands


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("what did ada change today", "audit"),
        ("what was changed today", "audit"),
        ("did anyone touch checkout in the past two hours?", "audit"),
        ("who was the last person to scale web?", "audit"),
        ("which alerts fired last night", "alerts"),
    ],
)
def test_who_did_what_and_what_fired_is_asked_of_those_who_know(text: str, topic: str) -> None:
    question = read(text).question
    assert question is not None
    assert question.topic == topic


def test_a_kind_with_its_article_is_explained_and_without_one_listed() -> None:
    assert read("what is a pdb again").behaviour is Behaviour.ANSWER
    assert read("what are the pdbs").commands == ("kubectl get poddisruptionbudgets -n shop",)


PENDING = Turn("kubectl scale deployment web --replicas=5 -n shop", state="pending")
PAUSED = Turn("kubectl rollout pause deployment web -n shop", state="done")
CORDONED = Turn("kubectl cordon node-c", state="done")


@pytest.mark.parametrize(
    ("text", "turn", "command"),
    [
        ("resume it", PAUSED, "kubectl rollout resume deployment/web -n shop"),
        ("ok its fixed, reopen it", CORDONED, "kubectl uncordon node-c"),
        ("cart, not web", PENDING, "kubectl scale deployment/cart --replicas=5 -n shop"),
        ("not web, cart", PENDING, "kubectl scale deployment/cart --replicas=5 -n shop"),
        (
            "pause it",
            Turn("kubectl rollout status deployment web -n shop"),
            "kubectl rollout pause deployment/web -n shop",
        ),
    ],
)
def test_it_takes_up_what_was_done_before(text: str, turn: Turn, command: str) -> None:
    assert read(text, turn).commands == (command,)


@pytest.mark.parametrize(
    ("text", "action"),
    [("looks good, apply", "execute pending"), ("no stop", "cancel pending"), ("stop, wrong node", "cancel pending")],
)
def test_what_waits_is_confirmed_or_called_off(text: str, action: str) -> None:
    assert read(text, PENDING).action == action
    assert read(text).action != "execute pending"


def test_one_of_those_shown_is_not_guessed_where_nobody_knows_which_were() -> None:
    unseen = Turn("kubectl get pods -l app=web -n shop", state="done")
    plan = read("delete the last one", unseen)
    assert (plan.behaviour, plan.commands) == (Behaviour.CLARIFY, ())
    seen = Turn(
        "kubectl get pods -l app=web -n shop", state="done", rows=("web-5f7c9d6b8-2xkqp", "web-5f7c9d6b8-7hj4m")
    )
    assert read("the last of these should be deleted", seen).commands == (
        "kubectl delete pod/web-5f7c9d6b8-7hj4m -n shop",
    )


@pytest.mark.parametrize(
    "text",
    [
        "We don't need the canary of cart over the weekend, so take it down to zero replicas",
        "scale the canary of cart to 0",
    ],
)
def test_a_canary_is_not_what_it_is_a_canary_of(text: str) -> None:
    assert read(text).commands == ("kubectl scale deployment/cart-canary --replicas=0 -n shop",)


@pytest.mark.parametrize(
    ("text", "never"),
    [
        ("can u bump payments-api up to 3? single replica scares me", "--replicas=1"),
        ("cart 2 -> 3 replicas", "--replicas=2"),
        ("restart the third one on the list", "delete"),
        ("delete node-a, node-b and node-c from the cluster", "node/node-a"),
    ],
)
def test_no_number_object_or_verb_is_taken_for_another(text: str, never: str) -> None:
    rows = ("batch-heavy", "cart", "cart-canary")
    turn = Turn("kubectl get deployments -n shop", state="done", rows=rows)
    assert never not in " ".join(read(text, turn).commands)


@pytest.mark.parametrize(
    ("text", "contexts"),
    [
        ("restart checkout in both prod clusters", ("prod-eu", "prod-us")),
        ("restart checkout in both production clusters", ("prod-eu", "prod-us")),
        ("restart checkout in the US production cluster", ("prod-us",)),
        ("restart checkout in the production cluster in the US", ("prod-us",)),
    ],
)
def test_clusters_are_known_by_what_they_are(text: str, contexts: tuple[str, ...]) -> None:
    line = "kubectl rollout restart deployment/checkout -n shop"
    assert read(text).commands == tuple(line if name == "prod-eu" else f"{line} --context {name}" for name in contexts)


def test_clusters_that_are_not_told_apart_stay_as_they_were_said() -> None:
    assert with_clusters_named("both test clusters", {"prod-eu", "prod-us"}) == "both test clusters"
    assert with_clusters_named("both prod clusters", {"prod-eu", "staging"}) == "both prod clusters"
    assert with_clusters_named("both prods", {"prod-eu", "prod-us", "staging"}) == "prod-eu and prod-us"


def test_what_is_said_of_an_object_beside_its_change_is_no_step() -> None:
    plan = read("the config map web-config isn't used any longer, please delete it")
    assert plan.commands == ("kubectl delete configmap/web-config -n shop",)
