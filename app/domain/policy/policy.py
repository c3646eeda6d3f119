"""Who a person is on a cluster, what they may do there, and whose approval their plans need.

Pure decisions on an operator's file; nothing here asks a cluster. A refusal says which entry, and which binding, would
allow it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from app.domain.identities import GROUPS, Person, Role
from app.domain.policy.file import DEFAULT_PREFIX, Approval, Cluster, Impersonable, Place, PolicyFile, is_listed
from app.domain.policy.file import read_policy_file as read_file
from app.domain.policy.limits import Allowed, PersonLimits, PolicyError
from app.errors import InternalError
from app.infra.kubernetes.impersonation import Impersonation

EVERY_OTHER = "*"
VIEWER_REFUSED = "Your role is viewer, which may read and change nothing; ask an administrator for the role operator."


@dataclass(frozen=True, slots=True)
class ApprovalRule:
    """Whose approval a destructive plan needs, and for how long it may be given.

    Attributes:
        by: roles (`role:operator`) and groups; one of them is enough.
        within: of the preview.
    """

    by: tuple[str, ...]
    within: timedelta

    def admits(self, person: Person) -> bool:
        """Whether this person may approve; that nobody approves their own is not asked here."""
        return bool(subjects_of(person) & set(self.by))


class Policy:
    """An operator's rules.

    Args:
        file: what the operator wrote.
        digest: of it, so that what was kept under other rules is told apart.
    """

    def __init__(self, file: PolicyFile, digest: str = "") -> None:
        self._clusters = file.clusters
        self.digest = digest

    def check_clusters(self, names: Iterable[str]) -> None:
        """InternalError when the policy names a cluster that there is not: a mistyped name would leave one open."""
        known = set(names)
        unknown = sorted(set(self._clusters) - known - {EVERY_OTHER})
        if unknown:
            raise InternalError(
                f"the policy names clusters that the kubeconfig has not: {', '.join(unknown)};"
                f" it has {', '.join(sorted(known))}",
                code="configuration",
            )

    def identity(self, person: Person, cluster: str) -> Impersonation:
        """As whom a person goes to a cluster.

        Raises:
            PolicyError: they are not mapped there, or the name that it gives may not be used.
            ForbiddenError: it is no name that Kubernetes takes, or one that belongs to it.
        """
        rules = self._rules(cluster)
        mapped = None if rules is None else rules.people.get(person.name)
        subjects = subjects_of(person)
        if rules is None or (mapped is None and not subjects & set(rules.groups)):
            raise PolicyError(_not_mapped(person, cluster), code="not_mapped")
        plain = [name for subject, names in rules.groups.items() if subject in subjects for name in names]
        groups = [f"{rules.prefix}{name}" for name in (*plain, *(mapped.groups if mapped else ()))]
        user = f"{rules.prefix}{(mapped.user if mapped else None) or person.name}"
        limits = self._limits(person, cluster, rules)
        identity = Impersonation(user, tuple(dict.fromkeys(groups)), limits.scope, limits)
        self.admit(cluster, identity)
        return identity

    def admit(self, cluster: str, identity: Impersonation) -> None:
        """PolicyError for an identity that no entry of this cluster's allow-list has."""
        rules = self._rules(cluster)
        allowed = Impersonable(users=[], groups=[]) if rules is None else rules.impersonate
        refused = [identity.user] if not is_listed(identity.user, allowed.users) else []
        refused += [group for group in identity.groups if not is_listed(group, allowed.groups)]
        if refused:
            raise PolicyError(
                f"{' and '.join(refused)} may not be used on cluster {cluster}; ask KubeChat's administrator for an"
                f" entry under clusters.{cluster}.impersonate.",
                code="identity_not_allowed",
            )

    def require_change(self, person: Person, cluster: str, namespace: str) -> None:
        """PolicyError where this person may change nothing; asked before anything is sent.

        Args:
            person: who.
            cluster: where.
            namespace: of what is changed; a namespace's own name for a namespace; empty for what lies in none.
        """
        if person.role is Role.VIEWER:
            raise PolicyError(VIEWER_REFUSED, code="change_not_allowed")
        rules = self._rules(cluster)
        if rules is None:
            raise PolicyError(_not_mapped(person, cluster), code="not_mapped")
        self._limits(person, cluster, rules).require_change(namespace)

    def require_read(self, person: Person, cluster: str, namespace: str) -> None:
        """PolicyError where this person may not look; asked before anything is shown that was kept."""
        rules = self._rules(cluster)
        self.identity(person, cluster)
        if rules is not None:
            self._limits(person, cluster, rules).require_read(namespace)

    def approval(self, cluster: str, namespace: str) -> ApprovalRule | None:
        """Whose approval a destructive plan needs that changes something there; None where it needs none."""
        rules = self._rules(cluster)
        if rules is None:
            return None
        place = rules.namespaces.get(namespace)
        wanted: Approval | str | None = rules.approval
        if place is not None and place.approval is not None:
            wanted = place.approval
        if not isinstance(wanted, Approval):
            return None
        return ApprovalRule(tuple(wanted.by), timedelta(minutes=wanted.within_minutes))

    def _rules(self, cluster: str) -> Cluster | None:
        return self._clusters.get(cluster) or self._clusters.get(EVERY_OTHER)

    def _limits(self, person: Person, cluster: str, rules: Cluster) -> PersonLimits:
        subjects = subjects_of(person)
        return PersonLimits(
            cluster,
            _allowed(subjects, cluster, rules, "", None),
            {name: _allowed(subjects, cluster, rules, name, place) for name, place in rules.namespaces.items()},
        )


def _allowed(subjects: frozenset[str], cluster: str, rules: Cluster, namespace: str, place: Place | None) -> Allowed:
    read = place.read if place is not None and place.read is not None else rules.read
    change = place.change if place is not None and place.change is not None else rules.change
    entry = f"clusters.{cluster}" + (f".namespaces.{namespace}" if namespace else "")
    where = f"namespace {namespace} on cluster {cluster}" if namespace else f"cluster {cluster}"
    may_read = read is None or bool(subjects & set(read))
    if rules.read_only or (place is not None and place.read_only):
        return Allowed(
            may_read,
            change=False,
            code="read_only",
            refusal=f"{where[:1].upper()}{where[1:]} is read-only"
            f" in KubeChat; nothing is changed there until an administrator lifts that ({entry}.read_only).",
        )
    may_change = change is None or bool(subjects & set(change))
    refusal = f"You may not change anything in {where}; ask KubeChat's administrator for an entry under {entry}.change."
    return Allowed(may_read, may_change, refusal)


def subjects_of(person: Person) -> frozenset[str]:
    """What rules may call a person by: their role and their groups."""
    return frozenset({f"role:{person.role.value}", *person.groups})


def _not_mapped(person: Person, cluster: str) -> str:
    by = ", ".join(sorted(subjects_of(person)))
    return (
        f"You are not mapped on cluster {cluster}, so nothing was asked there. Ask KubeChat's administrator to map"
        f' "{person.name}" (clusters.{cluster}.people) or one of {by} (clusters.{cluster}.groups), and the cluster\'s'
        " administrator for a RoleBinding or ClusterRoleBinding of the name that this gives."
    )


def open_policy() -> Policy:
    """What holds without a file: everybody is `kubechat:<name>`, in the group of their role; viewers change nothing."""
    return Policy(
        PolicyFile(
            clusters={
                EVERY_OTHER: Cluster(
                    impersonate=Impersonable(
                        users=[f"{DEFAULT_PREFIX}*"],
                        groups=[f"{DEFAULT_PREFIX}{group}" for group in GROUPS.values()],
                    ),
                    groups={f"role:{role.value}": [group] for role, group in GROUPS.items()},
                )
            }
        )
    )


def load_policy(path: Path | None) -> Policy:
    """The policy of a file; that of no file where there is none.

    Raises:
        InternalError: it cannot be read or used (code `configuration`).
    """
    if path is None:
        return open_policy()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise InternalError(f"the policy file {path} cannot be read", code="configuration") from exc
    return Policy(read_file(text, str(path)), hashlib.sha256(text.encode()).hexdigest()[:16])


def places_of(steps: Sequence[Any]) -> list[tuple[str, str]]:
    """Cluster and namespace of each step of a plan, in order and once; a namespace counts as lying in itself."""
    return list(
        dict.fromkeys((step.cluster, step.name if step.resource == "namespaces" else step.namespace) for step in steps)
    )
