"""What looks like a change and is none, or another one, is asked back: nouns, names, counts, steps, and what is told."""

from __future__ import annotations

import pytest

from app.nlp.translator.plan import CHANGING, Context, Plan
from app.nlp.translator.translate import translate
from tests.language.evaluation import demo_vocabulary

VOCABULARY = demo_vocabulary()


def read(text: str) -> Plan:
    return translate(text, Context("prod-eu", "shop"), VOCABULARY)


@pytest.mark.parametrize(
    "text",
    [
        # What the verb is said of is no object of the cluster's.
        "delete the cache of web",
        "remove the ban on web",
        "kill the connection of cart",
        "restart the jenkins job for web",
        "restart Chrome, the web console hangs",
        "pause the alerts for web",
        "roll back the schema of orders-db",
        "turn off the readiness probe of cart",
        "turn off notifications for web",
        "web needs a new design",
        "remove node-a from the load balancer",
        "delete cart-canary from git",
        # What is counted are no copies.
        "set the retries of payments-api to 3",
        "set maxUnavailable of web to 0",
        "lower latency of web to 0",
        "reduce the font of web to 12",
        "checkout needs two approvals",
        "give web 5 stars",
        "web should have 3 endpoints",
        "scale web by a factor of three",
        "scale web to one per node",
        # A name that is built on a known one, nobody's, or of another kind.
        "restart web2",
        "delete cart-canary-2",
        "restart payments-api-v2",
        "delete pvc data-orders-db-1",
        "delete checkout-old",
        "restart web and inventory-api",
        "cordon node-a and node-x",
        "scale foo and web to 5",
        "scale web and its dependencies to 5",
        "delete secret checkout-env",
        "delete job nightly-report",
        "delete namespace web",
        "restart the second web pod",
        # Talk about a change.
        "postpone the restart of web",
        "watch the restart of web",
        "prepare the restart of web",
        "I need permission to restart web",
        "please verify node-a is drained",
        "prevent web from being scaled to 0",
        "please calculate the cost of web with 5 replicas",
        "for example, delete cart-canary",
        "the workaround: restart payments-api",
        "argo wants to delete cart-canary",
        "cart-canary is to be deleted by Bob",
        "whenever cart hangs, restart it",
        "checkout should be restarted daily",
        # Told.
        "web runs nginx:1.27 on staging",
        "web crashes with nginx:1.27",
        "web is labelled tier=gold",
        "web's hpa has min 2 max 6",
        "cart shrank to 1",
        "on prod-us web runs 5",
        "node-a accepts pods again",
        "web listens on 8080",
        'pod "cart-6b8f7c5d4-4ncvr" deleted',
        "restarted cart just now btw, lookin good",
        # Half of it, or another change.
        "Drain node-a, node-b and node-c at the same time.",
        "untaint node-a and uncordon it",
        "kill db-migrate and rerun it",
        "scale checkout to 4 before restarting it",
        "delete the web deployment and service",
        "restart all pods of web except the first",
        "scale web here to 5, there to 3",
        "create namespace test1 and test2",
        "reboot node-a",
        "expose web on 80 and 443",
        "remove the taint from node-a",
        "put a label tier on web",
        "db-migrate should be rerun",
        "increase the disk of orders-db to 50Gi",
        "restart web on prod-us as well as here",
        "Four of those cart things would be better than two.",
        # Another sentence says where, which, or that it is not meant.
        "Restart cart. Wait. No.",
        "Delete cart-canary. Only in staging!",
        "Drain node-a please. Sorry, node-b.",
        "Please scale web to 6. Forget it.",
        "Please scale web to 6. Cart 4.",
        "Restart cart. Also payments-api.",
        "Drain node-a please. Except orders-db.",
        # A status, a plan, a pasted line.
        "drain of node-a finished",
        "web restart: done",
        "scale web to 5, done",
        "web 2 of 5 ready",
        "rollback of checkout ok",
        "still to do: drain node-b, restart orders-db",
        "proposal: web 5, cart 3",
        "scale web to 5, any objections?",
        # What is to go is not set, and what a pronoun stands for is not deleted.
        "remove LOG_LEVEL=debug from checkout",
        "web needs nothing more",
        "no more than 4 web please",
        "put gpu=true:NoSchedule on node-c and remove it from node-b",
        "turn web on and cart-canary off",
        "don't put nginx:1.27 on payments-api",
        # Somebody else, or somewhere else as well.
        "mia, restart cart please",
        "restart checkout, same in staging please",
        "web 5 here, 2 in staging",
        "restart db-migrate",
        "10:05 restart web, said the bot",
    ],
)
def test_it_is_no_change(text: str) -> None:
    plan = read(text)
    assert plan.behaviour not in CHANGING, plan.commands
    assert plan.say or plan.commands


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("the canary experiment is over, delete the cart-canary deployment", {"kubectl delete deployment/cart-canary -n shop"}),
        ("put a service in front of cart-canary on port 8080", {"kubectl expose deployment/cart-canary --port=8080 -n shop"}),
        ("disk on node-b dying cordon pls", {"kubectl cordon node-b"}),
        ("New pods should be allowed to land on node-c again.", {"kubectl uncordon node-c"}),
        (
            "restart web, cart and checkout at the same time",
            {f"kubectl rollout restart deployment/{name} -n shop" for name in ("web", "cart", "checkout")},
        ),
        ("web is oomkilled all day, so raise its memory limit to 512Mi", {"kubectl set resources deployment/web --limits=memory=512Mi -n shop"}),
        ("trigger nightly-report by hand as a job called report-now", {"kubectl create job report-now --from=cronjob/nightly-report -n shop"}),
        ("batch-heavy to zero, nobody needs it over the weekend", {"kubectl scale deployment/batch-heavy --replicas=0 -n shop"}),
        ("web should be scaled to 6", {"kubectl scale deployment/web --replicas=6 -n shop"}),
        ("restrt checkout pls", {"kubectl rollout restart deployment/checkout -n shop"}),
        ("Just chuck out the qa namespace, nobody uses it.", {"kubectl delete namespace/qa"}),
        ("Please delete the qa namespace; the team has moved out.", {"kubectl delete namespace/qa"}),
        (
            "I'd like cart to be autoscaled, with no fewer than 2 and no more than 6 replicas, aiming for 60% CPU.",
            {"kubectl autoscale deployment/cart --min=2 --max=6 --cpu-percent=60 -n shop"},
        ),
        ("raise memory limits on cart from 256Mi to 512Mi", {"kubectl set resources deployment/cart --limits=memory=512Mi -n shop"}),
        ("restart web, it hangs", {"kubectl rollout restart deployment/web -n shop"}),
        ("kill pod web-5f7c9d6b8-p9z5t, it hangs", {"kubectl delete pod/web-5f7c9d6b8-p9z5t -n shop"}),
        ("Grafana is stuck, could you bounce it?", {"kubectl rollout restart deployment/grafana -n monitoring"}),
        ("set web to 4 replicas and then restart checkout", {"kubectl scale deployment/web --replicas=4 -n shop", "kubectl rollout restart deployment/checkout -n shop"}),
        ("don't let anything new land on node-a", {"kubectl cordon node-a"}),
        ("cart 2x the replicas", {"kubectl scale deployment/cart --replicas=4 -n shop"}),
        ("roll back web one version", {"kubectl rollout undo deployment/web -n shop"}),
    ],
)  # fmt: skip
def test_what_is_plainly_wanted_is_not_asked_back(text: str, commands: set[str]) -> None:
    plan = read(text)
    assert plan.behaviour in CHANGING, plan.say
    assert set(plan.commands) == commands


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("restart web and inventory-api", "inventory-api"),
        ("delete the cache of web", "cache"),
        ("delete cart-canary-2", "cart-canary-2"),
        ("untaint node-a and uncordon it", "untaint"),
    ],
)
def test_what_is_in_doubt_is_named(text: str, said: str) -> None:
    assert said in read(text).say
