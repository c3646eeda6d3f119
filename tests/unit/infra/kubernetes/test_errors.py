"""What API servers refuse with, recorded from a real one, becomes the right error of ours."""

from __future__ import annotations

import pytest

from app.infra.kubernetes.errors import (
    KubernetesBusyError,
    KubernetesConflictError,
    KubernetesCredentialsError,
    KubernetesForbiddenError,
    KubernetesGoneError,
    KubernetesInvalidError,
    KubernetesNotFoundError,
    KubernetesStatusError,
    status_error,
)
from tests.support.recordings import recording

CLASSES = {
    "error-403-impersonation-itself": KubernetesCredentialsError,
    "error-403-impersonated-list": KubernetesForbiddenError,
    "error-404-pod": KubernetesNotFoundError,
    "apply-conflict-409": KubernetesConflictError,
    "list-exact-old-rv-410": KubernetesGoneError,
    "error-422-invalid": KubernetesInvalidError,
    "cr-create-422": KubernetesInvalidError,
    "eviction-429-pdb": KubernetesBusyError,
}


@pytest.mark.parametrize(("name", "kind"), CLASSES.items())
def test_a_recorded_refusal_becomes_its_error(name: str, kind: type[KubernetesStatusError]) -> None:
    found = recording(name)
    assert type(status_error("prod-eu", found.status, found.body, None)) is kind


@pytest.mark.parametrize("what", ['impersonate resource "users"', 'impersonate-on:user-info:list resource "pods"'])
def test_a_refusal_to_impersonate_is_the_installations_matter_in_the_words_of_every_version(what: str) -> None:
    message = f'pods is forbidden: User "gateway" cannot {what} in API group "" at the cluster scope'
    error = status_error("prod-eu", 403, {"kind": "Status", "reason": "Forbidden", "message": message}, None)
    assert isinstance(error, KubernetesCredentialsError)
    assert "its operator has to allow it" in error.message
