"""Says as requests what is said as needs: "cart needs two more pods", "web should be restarted".

A need is put in several ways into the imperative; which of them is a request, the rest of the translator decides.
Questions, negations and conditions are no needs.
"""

from __future__ import annotations

import re

from app.nlp.translator.lexicon.verbs import BASES

_SUBJECT = (
    r"(?:so |ok |and |well |the |our |my )*"
    r"(?P<name>(?!(?:we|i|you|they|he|she|it|there|that|this|who|everyone|nobody|somebody|customers|people)\b)"
    r"[\w.-]+(?:/[\w.-]+)?(?: (?:deployment|stateful ?set|daemon ?set|service|pod|node|job|cronjob|app))?"
    r"(?: in [\w-]+)?)"
)
_NEED = re.compile(
    rf"{_SUBJECT} (?:needs?|requires?|wants?|could use|deserves|(?:should|must|has to|ought to) (?:have|get))"
    r" (?P<what>.+)",
    re.IGNORECASE,
)
_PASSIVE = re.compile(
    rf"{_SUBJECT}(?: is [\w ]+ and)? (?:needs to|should|must|has to|ought to|can|may|wants to)"
    r"(?: both| all| also| now)? be (?P<done>\w+)(?P<rest>(?: .+)?)",
    re.IGNORECASE,
)
_OF_THOSE = re.compile(
    r"(?:the )?(?P<name>(?:first|second|third|fourth|last|other)(?: one)?)(?: of (?:these|those|them))?"
    r" (?:needs to|should|must|has to|ought to|can|may) be (?P<done>\w+)(?P<rest>(?: (?!so\b).+)?)",
    re.IGNORECASE,
)
_GO = re.compile(
    rf"{_SUBJECT} (?:needs to|should|must|has to|ought to|can|may) (?:go|come|get) (?P<where>(?:back|down|up)\b.+)",
    re.IGNORECASE,
)
_SAME = re.compile(r"(?:the same|that|this|it)(?: thing)?(?: too| as well| also)?", re.IGNORECASE)
_SET_TO = re.compile(r"(?P<key>[A-Za-z][\w.-]*) (?:set |put )?(?:to|=|at) (?P<value>\S+)", re.IGNORECASE)
_NO_NEED = re.compile(
    r"\?|\b(?:not|never|no|nothing|if|unless|when|whether|n't|until|who|why|what|how)\b|n't\b", re.IGNORECASE
)
_REASON = re.compile(r",? (?:because|since|as (?:it|they|that)|so that)\b.*$", re.IGNORECASE)
_ENDING = re.compile(
    r"(?:[ ,]+(?:please|pls|thanks|thx|now|asap|for (?:the )?(?:night|now|moment|weekend)|tonight))*[.!]*$",
    re.IGNORECASE,
)


def as_requests(text: str) -> list[str]:
    """A need in the imperative, in the ways in which it may be meant; nothing for what is no need."""
    text = _REASON.sub("", text.strip())
    if _NO_NEED.search(text):
        return []
    plain = _ENDING.sub("", text)
    found = _PASSIVE.fullmatch(plain)
    if found is not None:
        base = BASES.get(found["done"].lower())
        return [f"{base} {found['name']}{found['rest']}"] if base else []
    found = _OF_THOSE.fullmatch(plain)
    if found is not None:
        base = BASES.get(found["done"].lower())
        return [f"{base} the {found['name'].removesuffix(' one')} one{found['rest']}"] if base else []
    found = _GO.fullmatch(plain)
    if found is not None:
        return [f"{verb} {found['name']} {found['where']}" for verb in ("bring", "roll", "scale")]
    found = _NEED.fullmatch(plain)
    if found is None:
        return []
    name, what = found["name"], found["what"]
    if _SAME.fullmatch(what):
        return [f"same for {name}"]
    first, joint, then = what.partition(" and then ")
    ways = [f"give {name} {first}", f"put {first} on {name}", f"set {first} on {name}", f"{name} {first}"]
    said = _SET_TO.fullmatch(first)
    if said is not None:
        ways = [f"set {said['key']} to {said['value']} on {name}", *ways]
    return [f"{way} and then give {name} {then}" if joint else way for way in ways]
