"""Tells whether a text agrees, all of it, to what waits for an answer.

A yes is the one text that may lead to a change at once, so it is read word by word: whatever is no known word of
agreement, or makes a question of it, leaves the plan waiting.
"""

from __future__ import annotations

import re
from typing import Final

STILL_WAITS: Final = "I take that for no clear yes: it still waits for you to confirm or cancel it."

_ALONGSIDE: Final = (
    r"ok|okay|hm+|ah|oh|well|right|alright|all right|cool|great|perfect|fine|good|nice|sweet|lovely|awesome|excellent|super|wonderful"
    r"|yes|yeah|yep|yup|ya|yse|yess|y|k|aye|sure|certainly|please|pls|plz|and|then|so|now|just|thanks|thank you|thx|ta|cheers|mate|buddy|folks|by (?:me|us)|here|absolutely|all of it|as (?:shown|planned|discussed|proposed|previewed|it is)|like that|in that case|on my side"
    r"|for (?:me|us)|to (?:me|us)|with (?:me|us)|from (?:me|us|my side|our side)|that|this|it|again|immediately|asap|right away|right now|straight away"
    r"|(?:i|we)(?: have|'ve|ve)? (?:just )?(?:checked|read|reviewed|looked at|thought) (?:it|this|that|everything)(?: over| through| twice| again)?"
    r"|(?:the (?:whole )?team|everybody|everyone|all of us|we all) (?:has|have|is|are|all)? ?(?:agreed|agrees?|ok with (?:it|that|this))"
)
_AGREED: Final = (
    r"ok|okay|yes|yeah|yep|yup|ya|yse|yess|y|k|aye|sure(?: thing)?|certainly|affirmative|indeed|alright|all right|fine|perfect|correct|right|exactly|precisely|absolutely|definitely|agreed|of course|by all means"
    r"|go|go ahead(?: with (?:it|that|this))?|go on|go for it|go go|off you go|carry on|carry (?:it|that|this) out|proceed|continue|be my guest|let it rip|make it so|you may(?: now)? go ahead"
    r"|go right ahead|fire away|kick it off|hit it|make it happen|let it happen|pull the trigger|accept(?:ed)?(?: it| that)?|thumbs up|green light|granted|you have my (?:ok|okay|blessing|approval|go-ahead|go ahead|yes)"
    r"|sounds like a plan|(?:that )?works for me|(?:i am |i'm |we are |we're )?(?:happy|fine|ok|okay) with (?:it|that|this)|that(?: will|'ll) do|no problem|(?:i am |i'm )?(?:quite |very |really )?sure(?: of it)?|i mean it|really|yes to (?:it|that)|\+1|that one|that is the one|that's the one"
    r"|(?:you |it |this |that )(?:may|can|should) (?:now )?(?:start|begin|go on|continue|do (?:it|that|so))|it is (?:fine|approved|confirmed|ok|okay)|(?:i )?(?:accept|agree to) the (?:preview|plan|change)|the (?:plan|change|preview) (?:is|looks) (?:fine|good|right|ok|okay|correct)"
    r"|do (?:it|that|this|so)|please do|run (?:it|that|this)|execute(?: it| that| this)?|apply(?: it| that| this)?|ship (?:it|that)|send it|confirm(?:ed)?(?: it)?|approved?(?: it)?|(?:i|we) (?:approve|confirm|agree)(?: it| that| this| to (?:it|that|this))?"
    r"|(?:that|this|it|the preview|all|everything)(?: all)?(?:'s| is| would be| looks| seems| sounds)? ?(?:looks |seems )?(?:fine|good|right|great|ok|okay|correct|perfect|all good|all right|alright)"
    r"|looks? (?:good|fine|right|great|ok|okay|correct|perfect)|sounds? (?:good|fine|right|great)|lgtm|all good|good to go"
    r"|let me do (?:it|that)|(?:this|that|it) (?:may|can|should) (?:now )?(?:go ahead|proceed|be (?:carried out|done|executed|applied|run))|let (?:it|that|this) be (?:carried out|done|executed|applied|run)"
    r"|(?:that|this|it)(?:'s| is) (?:it|(?:precisely |exactly |just )?what (?:was wanted|i (?:want|wanted|meant|need|had in mind|asked for)|we (?:want|wanted|meant|need)))"
    r"|(?:there is |there's |i have |we have )?nothing against (?:it|that|this|going ahead)|(?:i have |no )?no objections?|let us do (?:it|this|that)|let's do (?:it|this|that)|lets do (?:it|this|that)|let us go|let's go|lets go"
    r"|(?:please )?(?:proceed|go ahead|go on|carry on|continue) with (?:it|that|this)|we (?:both|all) agree(?: on (?:it|that|this))?"
    r"|(?:i|we)(?:'ve| have)? (?:double-checked|double checked|checked|discussed) (?:it|this|that) with (?:my|our|a|the) (?:colleagues?|team|boss|lead)"
    r"|knock yourself out|have at it|fill your boots|crack on|suits me|i'?m good with (?:it|that|this)|no qualms|why not|do your thing|off with you"
    r"|(?:it|that|this) has my (?:approval|blessing|ok|okay|consent|agreement)|(?:i have )?no objections? to (?:it|that|this)|permission granted"
)
_YES: Final = re.compile(rf"(?:(?:{_ALONGSIDE}) )*(?:{_AGREED})(?: (?:{_ALONGSIDE}|{_AGREED}))*")
_MARKS: Final = re.compile(r"[^\w\s'?+-]+")


def agrees(text: str) -> bool:
    """Whether every word of a text agrees.

    Args:
        text: what was said.
    """
    plain = " ".join(_MARKS.sub(" ", text.lower().replace("’", "'")).split())
    return "?" not in plain and _YES.fullmatch(plain) is not None
