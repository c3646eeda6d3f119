"""As whom a person goes to a cluster, where they may read and change, and how a faulty file is answered."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.domain.identities import Person, Role
from app.domain.policy.file import read_policy_file
from app.domain.policy.limits import PolicyError
from app.domain.policy.policy import Policy, load_policy, open_policy
from app.errors import ForbiddenError, InternalError
from app.infra.kubernetes.impersonation import Impersonation

GUIDE = Path(__file__).parents[4] / "docs" / "rights.md"


def person(name: str = "ada", role: Role = Role.OPERATOR, *groups: str) -> Person:
    return Person(uuid4(), name, name.title(), role, groups)


def policy(text: str) -> Policy:
    return Policy(read_policy_file(text, "policy.yaml"))


@pytest.fixture(scope="module")
def guide() -> Policy:
    """The example of the operators' page."""
    (text,) = re.findall(r"```yaml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    return policy(text)


@pytest.mark.parametrize(
    ("role", "group"),
    [(Role.VIEWER, "kubechat:viewers"), (Role.OPERATOR, "kubechat:operators"), (Role.ADMIN, "kubechat:admins")],
)
def test_without_a_file_a_person_is_a_prefixed_user_in_the_group_of_their_role(role: Role, group: str) -> None:
    identity = load_policy(None).identity(person("ada", role), "prod-eu")
    assert (identity.user, identity.groups, identity.scope) == ("kubechat:ada", (group,), "")


def test_without_a_file_a_viewer_changes_nothing_and_an_operator_may() -> None:
    open_policy().require_change(person(), "prod-eu", "shop")
    with pytest.raises(PolicyError, match="Your role is viewer"):
        open_policy().require_change(person("vera", Role.VIEWER), "prod-eu", "shop")


def test_the_guides_example_maps_people_and_groups(guide: Policy) -> None:
    guide.check_clusters(["prod-eu", "staging", "prod-us"])
    ada = guide.identity(person("ada", Role.ADMIN, "team-shop"), "prod-eu")
    assert ada.user == "kubechat:ada.lovelace"
    assert ada.groups == ("kubechat:admins", "kubechat:team-shop", "kubechat:team-payments")
    assert guide.identity(person("bob"), "staging").groups == ("kubechat:developers",)
    assert guide.identity(person("bob", Role.ADMIN), "elsewhere").groups == ("kubechat:viewers",)


def test_who_is_not_mapped_is_told_the_entry_and_the_binding_to_ask_for(guide: Policy) -> None:
    with pytest.raises(PolicyError) as told:
        guide.identity(person("bob", Role.OPERATOR, "team-shop"), "elsewhere")
    assert told.value.code == "not_mapped"
    assert "clusters.elsewhere.groups" in told.value.message
    assert "role:operator, team-shop" in told.value.message
    assert "RoleBinding" in told.value.message


def test_a_cluster_without_an_entry_is_open_to_nobody() -> None:
    some = policy("clusters: {prod-eu: {impersonate: {users: ['kubechat:*'], groups: []}, people: {ada: {}}}}")
    assert some.identity(person(), "prod-eu").user == "kubechat:ada"
    for refused in (lambda: some.identity(person(), "prod-us"), lambda: some.require_change(person(), "prod-us", "x")):
        with pytest.raises(PolicyError, match="not mapped on cluster prod-us"):
            refused()
    with pytest.raises(PolicyError, match="impersonate"):
        some.admit("prod-us", Impersonation("kubechat:ada"))


def test_a_name_outside_of_the_allow_list_is_never_used() -> None:
    some = policy(
        "clusters: {c: {impersonate: {users: ['kubechat:team-*'], groups: ['kubechat:ops']}, groups: {role:operator: [ops]}}}"
    )
    assert some.identity(person("team-ada"), "c").user == "kubechat:team-ada"
    with pytest.raises(PolicyError, match="kubechat:ada may not be used"):
        some.identity(person("ada"), "c")
    for bare in (Impersonation("root"), Impersonation("kubechat:team-x", ("kubechat:ops", "cluster-admins"))):
        with pytest.raises(PolicyError):
            some.admit("c", bare)


TRICKS = ("system:masters", "SYSTEM:masters", "\N{FULLWIDTH LATIN SMALL LETTER S}ystem:masters", " system:masters",
          "ſystem:masters", "system\N{COMBINING ACUTE ACCENT}:masters", "system:\u200bmasters", "sys\ttem:masters")  # fmt: skip


@pytest.mark.parametrize("name", TRICKS)
def test_no_spelling_of_a_name_of_kubernetes_own_makes_an_identity(name: str) -> None:
    for made in (lambda: Impersonation(name), lambda: Impersonation("kubechat:ada", ("kubechat:a", name))):
        with pytest.raises(ForbiddenError):
            made()
    with pytest.raises(InternalError):
        policy(
            f"clusters: {{c: {{prefix: '', impersonate: {{users: ['{name}'], groups: []}}, people: {{ada: {{}}}}}}}}"
        )


@pytest.mark.parametrize("prefix", ["", "s", "sys", "system", "system:", "System:x", "SYSTEM", "a b", "ä:"])
def test_a_prefix_that_could_become_a_name_of_kubernetes_own_is_refused_at_the_start(prefix: str) -> None:
    with pytest.raises(InternalError, match=r"clusters\.c\.prefix"):
        policy(f"clusters: {{c: {{prefix: '{prefix}', impersonate: {{users: [], groups: []}}}}}}")


@given(st.text(max_size=80), st.text(max_size=40))
@example("system:masters", "system:nodes")
@example("x", "\u017fystem:masters")
def test_whatever_a_person_is_called_their_user_keeps_the_prefix(name: str, group: str) -> None:
    rules = open_policy()
    try:
        identity = rules.identity(Person(uuid4(), name, name, Role.ADMIN, (group,)), "c")
    except ForbiddenError:
        return
    assert identity.user == f"kubechat:{name}"
    assert all(each.startswith("kubechat:") for each in identity.groups)


@pytest.mark.parametrize(
    ("who", "namespace", "code"),
    [
        (person("bob"), "web", "change_not_allowed"),
        (person("bob", Role.OPERATOR, "team-shop"), "web", None),
        (person("bob", Role.OPERATOR, "team-shop"), "payments", "read_not_allowed"),
        (person("bob", Role.OPERATOR, "team-shop", "team-payments"), "payments", "change_not_allowed"),
        (person("eve", Role.ADMIN), "payments", None),
        (person("eve", Role.ADMIN), "kube-system", "read_only"),
        (person("vera", Role.VIEWER, "team-shop"), "web", "change_not_allowed"),
        (person("eve", Role.ADMIN), "", None),
    ],
)
def test_who_may_change_where(guide: Policy, who: Person, namespace: str, code: str | None) -> None:
    if code is None:
        guide.require_change(who, "prod-eu", namespace)
        return
    with pytest.raises(PolicyError) as told:
        guide.require_change(who, "prod-eu", namespace)
    assert told.value.code == code
    assert "clusters.prod-eu" in told.value.message or who.role is Role.VIEWER


def test_a_cluster_that_is_read_only_is_changed_by_nobody(guide: Policy) -> None:
    admin = person("eve", Role.ADMIN)
    guide.identity(admin, "elsewhere")
    with pytest.raises(PolicyError) as told:
        guide.require_change(admin, "elsewhere", "web")
    assert told.value.code == "read_only"


@pytest.mark.parametrize(
    ("method", "path", "changes", "code"),
    [
        ("GET", "/api/v1/namespaces/payments/pods", False, "read_not_allowed"),
        ("GET", "/api/v1/namespaces/payments", False, "read_not_allowed"),
        ("GET", "/api/v1/namespaces/%70ayments/pods/x/log", False, "read_not_allowed"),
        ("GET", "/apis/apps/v1/namespaces/payments/deployments/x", False, "read_not_allowed"),
        ("GET", "/api/v1/pods", False, "read_not_allowed"),
        ("GET", "/apis/example.org/v1/widgets", False, "read_not_allowed"),
        ("GET", "/apis/longhorn.io/v1beta2/nodes", False, "read_not_allowed"),
        ("GET", "/api/v1/namespaces/shop/pods", False, None),
        ("GET", "/api/v1/nodes", False, None),
        ("GET", "/apis/apps/v1", False, None),
        ("GET", "/version", False, None),
        ("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", False, None),
        ("PATCH", "/apis/apps/v1/namespaces/shop/deployments/web", True, None),
        ("DELETE", "/api/v1/namespaces/kube-system/pods/x", True, "read_only"),
        ("DELETE", "/api/v1/namespaces/kube-system", True, "read_only"),
        ("POST", "/api/v1/namespaces/payments/pods/x/eviction", True, "read_not_allowed"),
    ],
)
def test_a_request_is_judged_by_its_path_alone(
    guide: Policy, method: str, path: str, changes: bool, code: str | None
) -> None:
    limits = guide.identity(person("bob", Role.OPERATOR, "team-shop"), "prod-eu").limits
    assert limits is not None
    if code is None:
        limits.check("prod-eu", method, path, changes=changes)
        return
    with pytest.raises(PolicyError) as told:
        limits.check("prod-eu", method, path, changes=changes)
    assert told.value.code == code


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/api/v1/nodes", False),
        ("GET", "/api/v1/nodes/node-a", False),
        ("GET", "/api/v1/namespaces", False),
        ("GET", "/apis/rbac.authorization.k8s.io/v1/clusterroles/x", False),
        ("GET", "/apis/example.org/v1/widgets/x", False),
        ("GET", "/api/v1/pods", False),
        ("GET", "/api/v1/namespaces/shop/pods", True),
        ("GET", "/api/v1", True),
        ("GET", "/openapi/v3", True),
        ("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", True),
    ],
)
def test_what_lies_in_no_namespace_goes_by_the_clusters_own_entry(method: str, path: str, allowed: bool) -> None:
    rules = policy(
        'clusters: {c: {impersonate: {users: ["kubechat:*"], groups: ["kubechat:operators"]},'
        " groups: {role:operator: [operators]}, read: [role:admin], namespaces: {shop: {read: [role:operator]}}}}"
    )
    limits = rules.identity(person(), "c").limits
    assert limits is not None
    if allowed:
        limits.check("c", method, path, changes=False)
        return
    with pytest.raises(PolicyError, match="may not read"):
        limits.check("c", method, path, changes=False)


def test_an_identity_is_of_one_cluster_and_shares_no_cache_with_one_that_sees_more(guide: Policy) -> None:
    some, more = (
        guide.identity(person("bob", *who), "prod-eu") for who in ((Role.OPERATOR,), (Role.OPERATOR, "team-payments"))
    )
    assert some.limits is not None
    assert (some.user, some.groups) == (more.user, more.groups)
    assert some != more
    with pytest.raises(PolicyError, match="never used on staging"):
        some.limits.check("staging", "GET", "/version", changes=False)


def test_approval_is_a_namespaces_own_or_its_clusters(guide: Policy) -> None:
    rule = guide.approval("prod-eu", "web")
    assert rule is not None
    assert rule.within.total_seconds() == 900
    assert rule.admits(person("eve", Role.ADMIN))
    assert rule.admits(person("bob", Role.VIEWER, "approvers"))
    assert not rule.admits(person("bob"))
    assert guide.approval("prod-eu", "shop") is None
    assert guide.approval("staging", "web") is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "clusters: field required"),
        ("clusters: [", "expected the node content"),
        ("clusters: {a: {impersonate: {users: [], groups: []}}, a: {}}", '"a" stands there twice at line 1'),
        ("clusters: {a: {impersonate: {users: [], groups: []}, red_only: true}}", "clusters.a.red_only: there is no such setting"),
        ("clusters: {a: {}}", "clusters.a.impersonate: field required"),
        ("clusters: {a: {impersonate: {users: ['root'], groups: []}}}", 'clusters.a.impersonate.users: "root" does not begin'),
        ("clusters: {a: {impersonate: {users: ['kubechat:*x'], groups: []}}}", "may have a * at its end only"),
        ("clusters: {a: {impersonate: {users: [], groups: []}, groups: {role:admin: [x]}}}", '"kubechat:x" is not in impersonate.groups'),
        ("clusters: {a: {impersonate: {users: [], groups: []}, groups: {role:root: [x]}}}", "'role:root' cannot be used here"),
        ("clusters: {a: {impersonate: {users: [], groups: []}, read_only: 'no'}}", "clusters.a.read_only: input should be a valid boolean"),
        ("clusters: {a: {impersonate: {users: [], groups: []}, approval: {within_minutes: 0}}}", "clusters.a.approval.within_minutes: input should be greater"),
    ],
)  # fmt: skip
def test_a_fault_in_the_file_is_said_in_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(InternalError) as told:
        policy(text)
    assert told.value.code == "configuration"
    assert sentence in told.value.message
    assert "\n" not in told.value.message


def test_a_cluster_that_there_is_not_is_a_fault(guide: Policy) -> None:
    with pytest.raises(InternalError, match="staging"):
        guide.check_clusters(["prod-eu"])


def test_a_file_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(InternalError, match="cannot be read"):
        load_policy(tmp_path / "none.yaml")
