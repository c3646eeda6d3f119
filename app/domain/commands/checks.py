"""What a value in a command may look like. Everything that reaches a URL or a body has passed one of these."""

from __future__ import annotations

import re

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
_SORT_PATH = re.compile(r"\.?[A-Za-z][A-Za-z0-9]*(?:\[[0-9]{1,3}\]|\.[A-Za-z][-A-Za-z0-9]*)*")
_NUMBER = re.compile(r"[0-9]{1,10}")
_IMAGE = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9._/:@]*[A-Za-z0-9])?")
_VARIABLE = re.compile(r"[-._A-Za-z][-._A-Za-z0-9]*")
_DURATION = re.compile(r"(?:([0-9]{1,6})h)?(?:([0-9]{1,8})m)?(?:([0-9]{1,10})s)?")


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
    bare = word.removeprefix("{").removesuffix("}")
    if len(bare) > LONGEST_NAME or _SORT_PATH.fullmatch(bare) is None:
        raise _invalid(word, "a path to sort by, such as .metadata.creationTimestamp")
    return f".{bare.removeprefix('.')}"


def number(word: str, flag: str, most: int = MOST_REPLICAS) -> int:
    """A whole number from 0 to `most`."""
    if _NUMBER.fullmatch(word) is None or int(word) > most:
        raise InvalidInputError(
            f'--{flag} is a whole number from 0 to {most}; "{word[:40]}" is not.', code="invalid_flag"
        )
    return int(word)


def seconds(word: str, flag: str) -> int:
    """A duration as kubectl writes it ("1h30m", "90s"), in seconds."""
    found = _DURATION.fullmatch(word)
    if found is None or not word:
        raise InvalidInputError(
            f'--{flag} is a duration such as 10m or 1h30m; "{word[:40]}" is not.', code="invalid_flag"
        )
    hours, minutes, rest = (int(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + rest


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


OUTPUTS = ("wide", "yaml", "json", "name")


def output(word: str) -> str:
    """How the result of get is written."""
    if word.partition("=")[0] in {
        "jsonpath", "jsonpath-as-json", "jsonpath-file", "custom-columns", "custom-columns-file", "go-template",
        "go-template-file", "template", "templatefile",
    }:  # fmt: skip
        raise UnsupportedError(f"-o {word.partition('=')[0]} is not offered yet; use -o yaml or -o json.")
    return one_of(word, "output", OUTPUTS)


def _invalid(word: str, what: str) -> InvalidInputError:
    shown = word if len(word) <= 60 else f"{word[:60]}…"
    return InvalidInputError(f'"{shown}" is not {what}.', code="invalid_name")
