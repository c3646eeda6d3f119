"""Verbs and their synonyms, in every form they take.

Regular forms are derived; irregular ones are listed. A form other than the base never asks for a change, so a
missing form costs a question and not a mistake.
"""

from __future__ import annotations

from app.nlp.translator.lexicon.parts import Action, Form, Part, Sense, Verb

_WORDS: dict[tuple[Action, int], str] = {
    (Action.SHOW, 0): (
        "show list get display give fetch print see view enumerate find check look,at look,up look "
        "tell,me report pull,up pull bring,up return dump read cat compare watch"
    ),
    (Action.COUNT, 0): "count",
    (Action.DESCRIBE, 0): "describe desc inspect explain detail examine",
    (Action.SWITCH, 0): (
        "switch use go,to change,to switch,to move,to work,in select go,into set,namespace set,context "
        "change,namespace change,context jump,over,to jump,to hop,to hop,over,to head,over,to go,over,to take,me,to "
        "change,over,to move,over,to switch,over,to"
    ),
    (Action.SCALE, 0): "scale resize autoscale",
    (Action.SCALE, 1): "bump increase raise grow expand upscale scale,up scale,out bump,up spin,up ramp,up",
    (Action.SCALE, -1): (
        "reduce decrease lower shrink cut trim downscale scale,down scale,in cut,down cut,back dial,down "
        "spin,down ramp,down scale,back"
    ),
    (Action.RESTART, 0): (
        "restart bounce reboot recycle redeploy cycle reload rollout,restart rolling,restart re-deploy "
        "re-start roll,over power,cycle"
    ),
    (Action.UNDO, 0): "go,back,to roll,back rollback revert rollout,undo undo",
    (Action.DELETE, 0): (
        "delete remove destroy kill drop terminate erase wipe nuke purge get,rid,of tear,down throw,away "
        "eliminate trash del rm"
    ),
    (Action.IMAGE, 0): (
        "set,image update,image change,image upgrade update set,the,image change,the,image update,the,image"
    ),
    (Action.CORDON, 0): "cordon",
    (Action.UNCORDON, 0): "uncordon",
    (Action.DRAIN, 0): "drain evacuate",
    (Action.STOP, 0): "stop shut,down turn,off switch,off disable pause suspend shutdown halt take,down",
    (Action.LIGHT, 0): (
        "set run make bring put do perform trigger initiate kick,off keep have change need want adjust start,a"
    ),
    (Action.LIGHT, 1): "add",
    (Action.OTHER, 0): (
        "create apply deploy patch edit label annotate taint expose exec execute copy forward "
        "port-forward fix repair heal install uninstall free,up free move migrate rename start enable "
        "resume launch clean,up cleanup clean tidy tidy,up optimize optimise improve modify write "
        "replace evict roll exec,into ssh ssh,into open,a,shell shell,into attach turn,on roll,out "
        "rollout upload download push deny grant revoke encrypt reset"
    ),
}
_IRREGULAR: dict[str, tuple[str, ...]] = {
    "get": ("gets", "getting", "got", "gotten"),
    "give": ("gives", "giving", "gave", "given"),
    "see": ("sees", "seeing", "saw", "seen"),
    "find": ("finds", "finding", "found"),
    "read": ("reads", "reading"),
    "bring": ("brings", "bringing", "brought"),
    "go": ("goes", "going", "went", "gone"),
    "grow": ("grows", "growing", "grew", "grown"),
    "shrink": ("shrinks", "shrinking", "shrank", "shrunk"),
    "cut": ("cuts", "cutting"),
    "set": ("sets", "setting"),
    "put": ("puts", "putting"),
    "run": ("runs", "running", "ran"),
    "make": ("makes", "making", "made"),
    "do": ("does", "doing", "did", "done"),
    "keep": ("keeps", "keeping", "kept"),
    "have": ("has", "having", "had"),
    "undo": ("undoes", "undoing", "undid", "undone"),
    "tear": ("tears", "tearing", "tore", "torn"),
    "throw": ("throws", "throwing", "threw", "thrown"),
    "shut": ("shuts", "shutting"),
    "take": ("takes", "taking", "took", "taken"),
    "write": ("writes", "writing", "wrote", "written"),
    "spin": ("spins", "spinning", "spun"),
    "tell": ("tells", "telling", "told"),
    "rm": (),
    "del": (),
    "shutdown": (),
    "cleanup": (),
    "ssh": (),
    "rollback": ("rollbacks",),
    "reset": ("resets", "resetting"),
    "rollout": ("rollouts",),
    "rolling": (),
    "deny": ("denies", "denying", "denied"),
    "copy": ("copies", "copying", "copied"),
    "tidy": ("tidies", "tidying", "tidied"),
    "apply": ("applies", "applying", "applied"),
    "autoscale": ("autoscales", "autoscaling"),
}
_DOUBLED = frozenset(["drop", "stop", "trim", "scan", "nuke"]) - {"nuke"}


def _forms(base: str) -> tuple[str, ...]:
    if base in _IRREGULAR:
        return _IRREGULAR[base]
    third = f"{base}es" if base.endswith(("s", "sh", "ch", "x")) else f"{base}s"
    if base.endswith("e"):
        return third, f"{base[:-1]}ing", f"{base}d"
    stem = base + base[-1] if base in _DOUBLED else base
    return third, f"{stem}ing", f"{stem}ed"


def _table() -> dict[tuple[str, ...], Sense]:
    table: dict[tuple[str, ...], Sense] = {}
    for (action, sign), words in _WORDS.items():
        for phrase in words.split():
            head, *tail = phrase.split(",")
            table[(head, *tail)] = Sense(Part.VERB, Verb(action, Form.BASE, sign))
            for form in _forms(head):
                table.setdefault((form, *tail), Sense(Part.VERB, Verb(action, Form.OTHER, sign)))
    return table


VERBS: dict[tuple[str, ...], Sense] = _table()


def _bases() -> dict[str, str]:
    heads = {phrase.split(",")[0] for words in _WORDS.values() for phrase in words.split()}
    return {form: head for head in sorted(heads) for form in _forms(head)}


BASES: dict[str, str] = _bases()
"""The base form of each verb's other forms ("restarted" is of "restart")."""
