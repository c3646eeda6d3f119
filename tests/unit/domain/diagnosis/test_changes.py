"""What was changed, and by whom: from revisions, managed fields and our own audit, newest first and not too old."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.domain.commands.across import Answer, together
from app.domain.commands.parser import parse_each
from app.domain.commands.printing import printed
from app.domain.commands.results import DiagnosisResult, from_event
from app.domain.diagnosis.changes import changes_of, last_change
from app.domain.diagnosis.findings import AuditedChange, Ref
from app.errors import DeadlineExceededError
from tests.support.diagnosed import NOW, ago, deployment, replica_set, snapshot

WEB = Ref("Deployment", "web", "shop")


def managed(manager: str, seconds: float, **more: Any) -> dict[str, Any]:
    return {"manager": manager, "time": ago(seconds), "fieldsV1": {"f:spec": {"f:template": {}}}, **more}


def test_revisions_say_which_image_was_rolled_out_and_when() -> None:
    web = deployment()
    newer, older = replica_set(web, 2, age_s=720), replica_set(web, 1, "nginx:1.26", age_s=7200)
    newer["metadata"]["annotations"]["kubernetes.io/change-cause"] = "ticket 12"
    taken = snapshot({"deployments": [web], "replicasets": [older, newer]})
    what = "main from nginx:1.26 to nginx:1.27"
    assert changes_of(taken, WEB) == [
        f"Revision 2 of deployment/web was rolled out 12m ago, with another image: {what} (ticket 12).",
        "Revision 1 of deployment/web was rolled out 120m ago.",
    ]
    assert last_change(taken, WEB) == ago(720)


def test_our_audit_says_who_ran_what() -> None:
    change = AuditedChange(
        NOW - timedelta(minutes=10),
        "ada",
        "kubectl set image deployment/web main=nginx:1.27",
        "shop",
        "deployments",
        "web",
    )
    elsewhere = AuditedChange(NOW, "bob", "kubectl scale deployment/cart", "shop", "deployments", "cart")
    taken = snapshot({"deployments": [deployment()]}, changes=(elsewhere, change))
    assert changes_of(taken, WEB) == ["ada ran `kubectl set image deployment/web main=nginx:1.27` 10m ago."]


def test_managed_fields_say_who_else_wrote_to_it_and_leave_the_clusters_own_controllers_out() -> None:
    web = deployment()
    web["metadata"]["managedFields"] = [
        managed("helm", 3600),
        managed("kube-controller-manager", 60),
        managed("kubectl", 60, subresource="status"),
        managed("argocd", 30 * 86_400),
    ]
    assert changes_of(snapshot({"deployments": [web]}), WEB) == ["helm wrote to deployment/web 60m ago."]


def test_a_terminal_prints_a_diagnosis_that_came_as_an_event() -> None:
    result = DiagnosisResult("diagnose -n shop", "prod-eu", "shop", "", "s", [{"cause": "c"}], ["secrets"], "text\n")
    assert from_event(result.to_event()) == result
    assert printed([result]).out == "text\n"
    assert printed([result]).status == 0


def test_each_of_several_clusters_has_an_answer_of_its_own() -> None:
    here, there = (
        DiagnosisResult("diagnose -A", name, "", "", f"all of {name}", text=f"{name}\n") for name in ("a", "b")
    )
    late = DeadlineExceededError("Late.")
    answers = [Answer("a", (here,)), Answer("b", (there,)), Answer("c", error=late, reason="did not answer")]
    several = parse_each("diagnose -A --all-clusters", cluster="a", namespace="shop", clusters=("a", "b"))
    *shown, missing = together(several[0], "diagnose -A --all-clusters", answers)
    assert shown == [here, there]
    assert "c: did not answer" in printed([missing]).err
    assert [command.line_on(["a", "b"], every=True) for command in several] == ["diagnose -A --all-clusters"] * 2
