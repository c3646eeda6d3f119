"""In whose name a person acts on a cluster."""

from __future__ import annotations

from uuid import uuid4

import pytest

from app.domain.identities import Person, Role, impersonation_of
from app.errors import ForbiddenError


@pytest.mark.parametrize(
    ("role", "group"),
    [(Role.VIEWER, "kubechat:viewers"), (Role.OPERATOR, "kubechat:operators"), (Role.ADMIN, "kubechat:admins")],
)
def test_a_person_is_a_prefixed_user_in_the_group_of_their_role(role: Role, group: str) -> None:
    identity = impersonation_of(Person(uuid4(), "ada", "Ada", role))
    assert (identity.user, identity.groups) == ("kubechat:ada", (group,))


def test_an_account_cannot_take_a_name_of_the_clusters_own() -> None:
    person = Person(uuid4(), "masters", "", Role.VIEWER)
    with pytest.raises(ForbiddenError):
        impersonation_of(person, prefix="system:")
    with pytest.raises(ValueError, match="prefix"):
        impersonation_of(person, prefix="")


def test_a_name_that_would_break_a_header_makes_no_identity() -> None:
    with pytest.raises(ForbiddenError):
        impersonation_of(Person(uuid4(), "a\nb", "", Role.ADMIN))
