"""The policy file's shape: YAML to typed values, with one sentence for each thing that is wrong with it.

A file that cannot be read in full is not used in part: whoever mistypes a rule must not get the rights of a file
without it.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from app.errors import InternalError
from app.infra.kubernetes.impersonation import LONGEST_NAME, RESERVED

DEFAULT_PREFIX = "kubechat:"
ROLE_SUBJECTS = ("role:viewer", "role:operator", "role:admin")
LONGEST_GROUP = 63
GROUP_PATTERN = rf"[a-z0-9][a-z0-9._-]{{0,{LONGEST_GROUP - 1}}}"
"""A KubeChat group's name. It holds no colon, so that none can be taken for a role."""
_KUBERNETES_NAME = re.compile(r"[\x21-\x7e]+")
_SHORTEST_APPROVAL_MIN, _LONGEST_APPROVAL_MIN = 1, 24 * 60  # after a day a preview says nothing about the cluster

Subject = Annotated[str, StringConstraints(pattern=rf"^(role:(viewer|operator|admin)|{GROUP_PATTERN})$")]
"""Who: a KubeChat role, `role:operator`, or a KubeChat group."""
Name = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NAME, pattern=r"^[\x21-\x7e]+$")]
Namespace = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Approval(_Part):
    """A second person's approval of destructive plans: by whom, and within how many minutes of the preview."""

    by: list[Subject] = Field(default=["role:operator", "role:admin"], min_length=1)
    within_minutes: int = Field(default=15, ge=_SHORTEST_APPROVAL_MIN, le=_LONGEST_APPROVAL_MIN)


class MappedPerson(_Part):
    """One account's Kubernetes user and further groups, without the prefix; the account's own name when missing."""

    user: Name | None = None
    groups: list[Name] = []


class Impersonable(_Part):
    """The names that may be used at all, with their prefix; a `*` at the end stands for any rest."""

    users: list[Name]
    groups: list[Name]


class Place(_Part):
    """What one namespace allows; what is missing is as on its cluster."""

    read: list[Subject] | None = None
    change: list[Subject] | None = None
    read_only: bool = False
    approval: Approval | Literal["none"] | None = None


class Cluster(_Part):
    """What one cluster allows, and under which names people go there."""

    prefix: str = DEFAULT_PREFIX
    impersonate: Impersonable
    groups: dict[Subject, list[Name]] = {}
    people: dict[str, MappedPerson] = {}
    read: list[Subject] | None = None
    change: list[Subject] | None = None
    read_only: bool = False
    approval: Approval | None = None
    namespaces: dict[Namespace, Place] = {}

    @model_validator(mode="after")
    def _check_names(self) -> Cluster:
        if not self.prefix:
            raise ValueError("prefix: must not be empty, or an account could take a name that the cluster trusts")
        folded = self.prefix.casefold()
        if folded.startswith(RESERVED) or RESERVED.startswith(folded) or not _KUBERNETES_NAME.fullmatch(self.prefix):
            raise ValueError(f'prefix: "{self.prefix}" can become {RESERVED}, which belongs to Kubernetes')
        for part, names in (("users", self.impersonate.users), ("groups", self.impersonate.groups)):
            for name in names:
                if not name.startswith(self.prefix):
                    raise ValueError(f'impersonate.{part}: "{name}" does not begin with the prefix "{self.prefix}"')
                if "*" in name[:-1]:
                    raise ValueError(f'impersonate.{part}: "{name}" may have a * at its end only')
        for subject, names in self.groups.items():
            for name in names:
                if not is_listed(f"{self.prefix}{name}", self.impersonate.groups):
                    raise ValueError(f'groups.{subject}: "{self.prefix}{name}" is not in impersonate.groups')
        for person, mapped in self.people.items():
            if mapped.user is not None and not is_listed(f"{self.prefix}{mapped.user}", self.impersonate.users):
                raise ValueError(f'people.{person}: "{self.prefix}{mapped.user}" is not in impersonate.users')
            for name in mapped.groups:
                if not is_listed(f"{self.prefix}{name}", self.impersonate.groups):
                    raise ValueError(f'people.{person}: "{self.prefix}{name}" is not in impersonate.groups')
        return self


class PolicyFile(_Part):
    """The whole file. A cluster that has no entry takes that of `*`; where there is none, nobody is mapped on it."""

    clusters: dict[str, Cluster]


def is_listed(name: str, allowed: list[str]) -> bool:
    """Whether an allow-list has a name, by itself or by a beginning that ends in `*`."""
    return any(name.startswith(each[:-1]) if each.endswith("*") else name == each for each in allowed)


def read_policy_file(text: str, source: str) -> PolicyFile:
    """The file's content.

    Args:
        text: YAML.
        source: what to call it in the complaint.

    Raises:
        InternalError: it cannot be used (code `configuration`); one sentence for each fault.
    """
    try:
        content = yaml.load(text, Loader=_Strict)  # noqa: S506 - a SafeLoader that takes no key twice
    except yaml.YAMLError as exc:
        mark = getattr(exc, "problem_mark", None)
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark is not None else ""
        what = getattr(exc, "problem", None) or "it is no YAML"
        raise _unusable(source, [f"{what}{where}"]) from exc
    try:
        return PolicyFile.model_validate(content if content is not None else {})
    except ValidationError as exc:
        raise _unusable(source, [_sentence(fault) for fault in exc.errors()]) from exc


def _sentence(fault: Any) -> str:
    place = ".".join(str(part) for part in fault["loc"] if part not in {"[key]", "Approval", "literal['none']"})
    said = str(fault["msg"]).removeprefix("Value error, ")
    if fault["type"] == "value_error":
        return f"{place}.{said}"
    if fault["type"] == "extra_forbidden":
        return f"{place or 'the file'}: there is no such setting"
    if fault["type"] == "string_pattern_mismatch":
        return f"{place}: {fault['input']!r} cannot be used here"
    return f"{place or 'the file'}: {said[:1].lower()}{said[1:]}"


def _unusable(source: str, faults: list[str]) -> InternalError:
    return InternalError(f"the policy file {source} cannot be used: {'; '.join(faults)}", code="configuration")


class _Strict(yaml.SafeLoader):
    """Takes no key of a mapping twice: the second would silently replace the first, and with it a rule."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, str) and key in seen:
                raise yaml.constructor.ConstructorError(None, None, f'"{key}" stands there twice', key_node.start_mark)
            if isinstance(key, str):
                seen.add(key)
        return super().construct_mapping(node, deep)
