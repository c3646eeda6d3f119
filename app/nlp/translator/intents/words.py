"""Words that intents are told by, and words that say nothing of what is wanted. Data only."""

from __future__ import annotations

import re
from typing import Final

NAMED: Final = frozenset({"<workload>", "<pod>", "<node>", "<job>", "<cronjob>", "<object>"})
COPIES = r"(?:replicas?|pods|copies|copy|instances?|members?)"


A_NUMBER = r"<number>"
REMOVED = (
    r"(?:remove[ds]?|unset|dropp?(?:ed)?|ditch(?:ed)?|delete[ds]?|gone|superfluous|no longer|without|stripp?(?:ed)?|scrapp?(?:ed)?|yank(?:ed)?|pull(?:ed)?"
    r"|lose|not be there|taken? (?:\S+ ){0,4}off|take (?:\S+ ){0,5}(?:off|away|out)|taken? (?:\S+ ){0,4}out|get rid|rid of|get (?:\S+ ){1,4}out|clear(?:ed)?|lift(?:ed)?|rip(?:ped)?|off|disappear|untaint|unlabel)"
)
VALUES: Final = frozenset({A_NUMBER, "<image>", "<setting>", "<key>", "<bytes>", "<size>"})


AROUND_VALUES = re.compile(
    rf"{COPIES}|\d+%|percent|cpus?|cores?|memory|mem|lim|ram|between|limit|request|min|max|minimum|maximum|port|target|image|version|revision|aiming|targeting|keeping|average|half|quarter|most|least|label|value|key|effect|noschedule|noexecute"
)
EMPTY: Final = frozenset(
    """
    the a an top all every each any single our my your its their his her this that these those of in on at to for from with by
    as it they them he she be is are am been being and or so now then please pls plz just only also too again more less
    longer back already still really soon right away time while us we i you me there here which what who would should will
    must may can could shall has have had get gets got run runs use used using carry bear keep make makes let want wants
    like prefer appreciate enough sufficient plenty fine ok okay good best better need needs needed deserve deserves ought
    do does did not no never new fresh one ones both same lot thing things stuff moment today tonight night weekend while
    quick quickly real really actually simply maybe hey hi hello yo ugh argh lol haha mate dude guys folks team morning
    please thanks thank thx ta cheers sorry btw up down out off over under around about than into onto go goes going come
    comes put set give take bring turn push set stick slap pop flip bump crank change update move drop cut raise lower
    some someone somebody anyone will ya yeah yes yep well oh um hmm sure cool great nice lovely immediately asap once
    would'd standing stand perfectly exactly altogether entirely completely currently present number amount size level
    supposed meant demands wishes version running pods deployment deployments service services node nodes cluster
    namespace app application server database permanently temporarily instead rather another image images other until till delay
    without due time being hour minute purpose reason hence therefore thereafter afterwards accordingly kindly able
    allowed permitted granted circumstances circumstance called named name decided agreed required must've it's that's means which why end so that such wait
    """.split()  # noqa: SIM905 - a list of three hundred quoted words reads worse
)
