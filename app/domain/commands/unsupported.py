"""What of kubectl is left out, why, and the nearest thing that works."""

from __future__ import annotations

from app.errors import UnsupportedError

_LEFT_OUT: dict[str, str] = {
    "edit": "an editor cannot be opened in a chat. Look at the object with get -o yaml, and change it with patch, set,"
    " label or apply -f -.",
    "attach": "a running process cannot be attached to from a chat. Its output is shown by logs.",
    "port-forward": "a port of a cluster cannot be opened through a chat. Use describe service to see its ports.",
    "proxy": "the cluster's API cannot be opened through a chat. Use get to read from it.",
    "cp": "files cannot be copied through a chat. What a program prints is shown by logs.",
    "exec": "what runs inside a container cannot be audited in full. Use logs and describe to look at it.",
    "debug": "what runs inside a container cannot be audited in full. Use logs and describe to look at it.",
    "kustomize": "there are no files here. Paste what it makes below kubectl apply -f -.",
    "completion": "there is no shell here. Names are completed while you type.",
    "plugin": "plugins run programs that cannot be checked. api-resources lists what can be asked for.",
    "options": "a message names the flags when one does not exist. Use api-resources to see what there is.",
    "help": "there is no manual here. Say in plain words what you want to do.",
    "certificate": "signing requests are not decided in a chat. Use get csr to see them.",
    "convert": "there are no files here. Use get -o yaml to see what a cluster holds.",
}

_SUBVERBS_LEFT_OUT: dict[tuple[str, str], str] = {
    ("create", "token"): "a token is a credential, and credentials do not pass through a chat. Use create"
    " serviceaccount, and let a pod use it.",
    ("create", "secret"): "certificates, keys and passwords of registries do not pass through a chat. Use create secret"
    " generic, or let the operator make it.",
    ("set", "selector"): "it would leave pods without what looks after them. Use label to change an object's labels.",
    ("set", "subject"): "it is easily more than was meant. Use create rolebinding, or apply the whole binding.",
    ("apply", "edit-last-applied"): "an editor cannot be opened in a chat. Apply the changed manifest.",
    ("apply", "set-last-applied"): "manifests are applied by the server, which knows itself what was applied. Use apply"
    " -f -.",
    ("apply", "view-last-applied"): "manifests are applied by the server. Use get -o yaml to see the object.",
    ("auth", "reconcile"): "it takes rights from files. Use apply -f - with the roles and bindings.",
    **{
        ("config", word): "clusters and their credentials are set up by the operator. Use config get-contexts to see"
        " them, and config use-context to go on in another."
        for word in (
            "delete-cluster",
            "delete-context",
            "delete-user",
            "get-clusters",
            "get-users",
            "rename-context",
            "set",
            "set-cluster",
            "set-credentials",
            "unset",
        )
    },
    ("cluster-info", "dump"): "it prints everything there is. Use get and describe for what you look for.",
}
VERBS = frozenset(_LEFT_OUT)


def refusal(verb: str) -> UnsupportedError:
    """Why this verb is not done here; KeyError when it is no such verb."""
    return UnsupportedError(f"kubectl {verb} is not offered: {_LEFT_OUT[verb]}")


SUBVERBS = frozenset(_SUBVERBS_LEFT_OUT)


def refusal_of_subverb(verb: str, subverb: str) -> UnsupportedError:
    """Why this second word of a verb is not done here; KeyError when it is no such word."""
    return UnsupportedError(f"kubectl {verb} {subverb} is not offered: {_SUBVERBS_LEFT_OUT[verb, subverb]}")
