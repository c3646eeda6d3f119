"""What a value in a command may look like. Everything that reaches a URL or a body has passed one of these."""

from __future__ import annotations

import re

from app.domain.commands.jsonpath.nodes import JsonPathError
from app.domain.commands.jsonpath.reading import read, relaxed
from app.errors import InvalidInputError, UnsupportedError

LONGEST_NAME = 253  # of an object, by Kubernetes' own rule
LONGEST_LABEL = 63
LONGEST_IMAGE = 512
LONGEST_SELECTOR = 1_000
MOST_REPLICAS = 2**31 - 1  # the field is an int32
_RESOURCE = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[.-][A-Za-z0-9]+)*")
_NAME = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9_.:@]*[A-Za-z0-9])?")
_NAMESPACE = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?")
_SELECTOR = re.compile(r"[-A-Za-z0-9_./=!,() ]+")
_FIELD_SELECTOR = re.compile(r"[-A-Za-z0-9_./=!,: ]+")
_FIELD_PATH = re.compile(r"[A-Za-z][-A-Za-z0-9]*(?:\.[A-Za-z$][-A-Za-z0-9]*)*")
_API_VERSION = re.compile(r"(?:[a-z0-9][-a-z0-9.]*/)?v[0-9][a-z0-9]*")
_CONDITION = re.compile(r"[A-Za-z][-A-Za-z0-9_./]*(?:=[A-Za-z0-9]+)?")
_LABEL_KEY = re.compile(r"(?:[A-Za-z0-9][-A-Za-z0-9.]*/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?")
_NUMBER = re.compile(r"[0-9]{1,10}")
_IMAGE = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9._/:@]*[A-Za-z0-9])?")
_VARIABLE = re.compile(r"[-._A-Za-z][-._A-Za-z0-9]*")
_SUBJECT = re.compile(r"[A-Za-z0-9][-A-Za-z0-9._:@/+=]*")
_DURATION = re.compile(r"(?:([0-9]{1,6})h)?(?:([0-9]{1,8})m)?(?:([0-9]{1,10})s)?")
_POINT_IN_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)")


def resource(word: str) -> str:
    """A resource type's name in any of its forms, its group included."""
    if len(word) > LONGEST_NAME or _RESOURCE.fullmatch(word) is None:
        raise _invalid(word, "a resource type, such as pods or deployments.apps")
    return word


def name(word: str) -> str:
    """An object's name."""
    if len(word) > LONGEST_NAME:
        raise InvalidInputError(
            f"A name has at most {LONGEST_NAME} characters; this one has {len(word)}.", code="invalid_name"
        )
    if _NAME.fullmatch(word) is None:
        raise _invalid(word, "a name in Kubernetes")
    return word


def namespace(word: str) -> str:
    """A namespace's name."""
    if len(word) > LONGEST_LABEL or _NAMESPACE.fullmatch(word) is None:
        raise _invalid(word, "a namespace's name")
    return word


def selector(word: str) -> str:
    """A label selector; what it means is left to the API server."""
    if len(word) > LONGEST_SELECTOR or _SELECTOR.fullmatch(word) is None:
        raise _invalid(word, "a label selector, such as app=web,tier!=cache")
    return word


def field_selector(word: str) -> str:
    """A field selector; what it means is left to the API server."""
    if len(word) > LONGEST_SELECTOR or _FIELD_SELECTOR.fullmatch(word) is None:
        raise _invalid(word, "a field selector, such as status.phase=Running")
    return word


def sort_path(word: str) -> str:
    """A path to sort by, with or without braces, given back as kubectl's documentation writes it (".metadata.name")."""
    try:
        path = relaxed(word)
        read(path)
    except JsonPathError as error:
        raise InvalidInputError(f"error: {error}", code="invalid_flag") from error
    return path.removeprefix("{").removesuffix("}")


def number(word: str, flag: str, most: int = MOST_REPLICAS) -> int:
    """A whole number from 0 to `most`."""
    if _NUMBER.fullmatch(word) is None or int(word) > most:
        raise InvalidInputError(
            f'--{flag} is a whole number from 0 to {most}; "{word[:40]}" is not.', code="invalid_flag"
        )
    return int(word)


def seconds(word: str, flag: str) -> int:
    """A duration as kubectl writes it ("1h30m", "90s"), in seconds."""
    if word == "0":
        return 0
    found = _DURATION.fullmatch(word)
    if found is None or not word:
        raise InvalidInputError(
            f'--{flag} is a duration such as 10m or 1h30m; "{word[:40]}" is not.', code="invalid_flag"
        )
    hours, minutes, rest = (int(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + rest


def point_in_time(word: str, flag: str) -> str:
    """A time in RFC 3339 ("2026-01-02T03:04:05Z"), as it was given."""
    if _POINT_IN_TIME.fullmatch(word) is None:
        raise InvalidInputError(
            f'--{flag} is a time such as 2026-01-02T03:04:05Z; "{word[:40]}" is not.', code="invalid_flag"
        )
    return word


def one_of(word: str, flag: str, choices: tuple[str, ...]) -> str:
    """One word out of a few."""
    if word not in choices:
        raise InvalidInputError(f'--{flag} is one of {", ".join(choices)}; "{word[:40]}" is not.', code="invalid_flag")
    return word


def image(word: str) -> str:
    """A container image; whether it exists is left to the node that pulls it."""
    if len(word) > LONGEST_IMAGE or _IMAGE.fullmatch(word) is None:
        raise _invalid(word, "an image, such as nginx:1.27")
    return word


def variable(word: str) -> str:
    """An environment variable's name."""
    if len(word) > LONGEST_NAME or _VARIABLE.fullmatch(word) is None:
        raise _invalid(word, "the name of an environment variable")
    return word


OUTPUTS = ("wide", "yaml", "json", "name", "jsonpath=…", "jsonpath-as-json=…", "custom-columns=…")
_TEMPLATED = frozenset({"jsonpath", "jsonpath-as-json", "custom-columns"})
_OF_FILES = frozenset({"jsonpath-file", "custom-columns-file", "go-template-file", "templatefile"})
_OF_GO = frozenset({"go-template", "template"})


def output(word: str) -> str:
    """How the result of get is written; its template is read when it is applied."""
    form, equals, template = word.partition("=")
    if form in _OF_FILES:
        raise UnsupportedError(f"-o {form} is not offered: there are no files here. Write the template itself.")
    if form in _OF_GO:
        raise UnsupportedError(f"-o {form} is not offered; use -o jsonpath or -o custom-columns.")
    if form in _TEMPLATED:
        if not template and form == "custom-columns":
            raise InvalidInputError(
                "error: custom-columns format specified but no custom columns given", code="invalid_template"
            )
        if not template:
            raise InvalidInputError("error: template format specified but no template given.", code="invalid_template")
        return word
    return one_of(word if equals else form, "output", OUTPUTS)


def label_key(word: str) -> str:
    """A label's key, with or without its prefix."""
    if len(word) > LONGEST_NAME + 1 + LONGEST_LABEL or _LABEL_KEY.fullmatch(word) is None:
        raise _invalid(word, "a label's key, such as app or app.kubernetes.io/name")
    return word


def field_path(word: str) -> str:
    """A resource type with the path of a field: "pods.spec.containers"."""
    if len(word) > LONGEST_NAME or _FIELD_PATH.fullmatch(word) is None:
        raise _invalid(word, "a resource type or a field of one, such as pods.spec.containers")
    return word


def subject(word: str) -> str:
    """A user's or a group's name as a cluster knows it, such as system:serviceaccount:shop:cart."""
    if len(word) > LONGEST_SELECTOR or _SUBJECT.fullmatch(word) is None:
        raise _invalid(word, "a user's or a group's name")
    return word


def api_version(word: str) -> str:
    """A group and its version: "apps/v1", "v1"."""
    if len(word) > LONGEST_NAME or _API_VERSION.fullmatch(word) is None:
        raise _invalid(word, "an API version, such as apps/v1")
    return word


def awaited(word: str) -> str:
    """What `wait` waits for, without quotes around its parts."""
    kind, equals, rest = word.partition("=")
    if not equals and kind.lower() in {"delete", "create"}:
        return kind.lower()
    if kind == "condition" and _CONDITION.fullmatch(rest):
        return word
    if kind == "jsonpath" and rest:
        path = rest.replace("'", "").replace('"', "")
        try:
            read(relaxed(path[: path.rindex("}") + 1] if "}" in path else path.partition("=")[0]))
        except JsonPathError as error:
            raise InvalidInputError(f"error: {error}", code="invalid_template") from error
        return f"jsonpath={path}"
    raise InvalidInputError(f'error: unrecognized condition: "{word[:60]}".', code="invalid_flag")


def _invalid(word: str, what: str) -> InvalidInputError:
    shown = word if len(word) <= 60 else f"{word[:60]}…"
    return InvalidInputError(f'"{shown}" is not {what}.', code="invalid_name")
