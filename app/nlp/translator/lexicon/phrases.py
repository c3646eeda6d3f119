"""Every other word and phrase that means something: topics, states, options, courtesies, what stops a change.

One phrase has one meaning here; where a meaning depends on the neighbours, the frame decides. Longer phrases win
over shorter ones.
"""

from __future__ import annotations

from app.nlp.translator.lexicon.kinds import KIND_WORDS
from app.nlp.translator.lexicon.parts import Part, Sense
from app.nlp.translator.lexicon.verbs import VERBS

# part -> value -> phrases, separated by "|"
_TABLE: dict[Part, dict[str, str]] = {
    Part.TOPIC: {
        "logs": (
            "logs|log|logging|logged|tail|stdout|stderr|output|console output|log output|log lines|"
            "log messages|log file|printed|wrote|logfile"
        ),
        "print": "print|printing|write|writing|say|spit out",
        "events": (
            "events|event|what happened|what has happened|happened|happening|what is going on|going on|"
            "warnings|warning events|warning|what is happening|happens|happen|happens in|took place|"
            "occurred|been going on|went on|has been going on|happened to|went wrong"
        ),
        "top": (
            "top|usage|resource usage|resource consumption|consumption|utilization|utilisation|load|"
            "under load|busy|use|uses|using|used|consumes|consume|consuming|hogs|hog|hungry|hungriest|"
            "utilized|eating|eats|burning|takes up|taking up|loaded|pressure|resources|heaviest|"
            "greediest|hogging|consumers|consumer"
        ),
        "rollout": (
            "rollout status|status of the rollout|rollout state|rollout|rollout progress|"
            "deployment progress|rolled out|finished rolling out|rollout done|finish rolling out"
        ),
        "history": (
            "rollout history|revisions|revision history|revision|versions deployed|previous revisions|"
            "history|past revisions|deployment history|previous versions|previous version|"
            "earlier versions|old versions|past versions|older versions|versions of|revisions of|"
            "last revision|earlier version|last version|previous revision"
        ),
        "diagnose": (
            "what is wrong|wrong|whats wrong|problem|problems|issue|issues|trouble|the matter|diagnose|"
            "debug|troubleshoot|investigate|analyse|analyze|diagnosis|root cause|what broke|broke|"
            "not working|not work|does not work|root-cause|misbehaving|acting up|not start|not starting|"
            "not come up|will not start|not coming up|fails to start|not responding|not respond|slow|"
            "unreachable|not reachable|does not start|is failing to start|can not start|not boot|"
            "acting weird|acting strange|hanging|hangs|so slow|broken with"
        ),
        "yaml": "yaml|manifest|spec|definition|as yaml|raw yaml|full yaml|in yaml",
        "json": "json|as json|in json",
        "image": "image|images|img|imgs|which image|what image|image version|container image|image tag",
        "labels": "labels|with labels|show labels|with their labels",
        "whoami": "who am i|whoami|my user|my identity|logged in as|what user am i|which user am i|my username",
        "can-i": (
            "can i|am i allowed to|would i be allowed to|will i be allowed to|am i entitled to|"
            "do i have the rights to|do i have the right to|"
            "do i have permission to|am i able to|may i|do i have the right to|"
            "do i have rights to|am i permitted to|have permission to|permissions do i have|rights do i have|"
            "what may i do|what am i allowed to do|things i may do|things i am allowed to do|things i can do"
        ),
        "version": "version|versions|kubernetes version|cluster version|server version|k8s version|which version",
        "status": (
            "status|state|health|healthy|doing|ok or not|alive|condition|fine|running ok|running fine|"
            "healthy or not|looking|coming along"
        ),
        "replicas": (
            "how many replicas|replica count|number of replicas|how many copies|how many instances|"
            "number of instances|number of copies|desired replicas"
        ),
        "details": (
            "details|detail|info|information|more about|all about|everything about|about|infos|describe|"
            "description|inside|what is inside|in detail|contents|content|deets|specifics|contains|"
            "contain|contained|what is in it"
        ),
        "context": "context|cluster|contexts|clusters",
        "audit": "audit|audit log|who did|who|whom|who has|whose",
        "secret-value": (
            "secret value|secret values|password|passwords|decode|decoded|decrypt|plaintext|plain text|"
            "base64|api key|api keys|credentials|in clear text|cleartext|passwd|token|tokens|api token|"
            "private key|private keys|certificate key|passphrase|secret key|connection string"
        ),
        "api-resources": "api resources|resource types|kinds of resources|resource kinds",
        "where": "where",
        "errors": ("errors|error|exceptions|exception|error lines|error messages|stack traces|stacktrace|stack trace"),
        "restarts": (
            "restarts|restart count|restart counts|number of restarts|most restarts|many restarts|"
            "restarting a lot|keep restarting|keeps restarting|restarting|restarts often|"
            "restarted the most"
        ),
        "alerts": "alerts|alert|alerting|alarms|firing|error budget|burn rate|slo|slos",
        "containers": "containers",
        "endpoint": "url",
        "metrics": (
            "share of requests|requests failed|failed requests|success rate|error percentage|requests ended|"
            "how many requests|"
            "p99|p95|p90|p50|latency|latencies|response time|response times|error rate|error rates|"
            "requests per second|req rate|request rates|rps|qps|"
            "throughput|request rate|requests a second|apdex|percentile|99th percentile|95th percentile"
        ),
    },
    Part.STATUS: {
        "running": "up and running",
        "not running": (
            "not running|not up|not healthy|unhealthy|not ok|not okay|not fine|isnt running|"
            "in a bad state|bad state|in trouble|sick|stuck|not in running state|having problems|"
            "with problems|having issues|with issues|having trouble|dead"
        ),
        "failing": (
            "failing|fail|fails|broken|crash looping|crashlooping|crashing|crashed|crash|crashes|"
            "crashloop|crashloopbackoff|crash loop|in crashloop|in crashloopbackoff|erroring|in error|"
            "in crash loop|crash-looping|crash-loop"
        ),
        "failed": "failed",
        "pending": "pending|unschedulable|not scheduled|unscheduled|waiting to be scheduled|waiting for a node",
        "succeeded": "completed|succeeded|finished|complete",
        "image": (
            "imagepullbackoff|errimagepull|image pull error|image pull errors|image pull|"
            "cannot pull their image|can not pull their image|image pull problems|pull error|cannot pull"
        ),
        "evicted": "evicted",
        "oom": "oomkilled|oom killed|out of memory|oom|oom-killed",
        "not ready": "not ready|notready|unready|not yet ready",
        "ready": "ready",
        "terminating": "terminating|stuck terminating",
    },
    Part.FLAG: {
        "previous": (
            "previous|prior|from before it last restarted|before it last restarted|before its last restart|"
            "before the last restart|"
            "from before the restart|from before it crashed|from before the crash|from before it restarted|"
            "before it crashed|before the crash|before it died|before crashing|"
            "before the restart|before it restarted|previous container|last crash|"
            "of the previous container|previous instance|prior to crashing|right before it crashed|"
            "just before it crashed|before restarting|the previous ones|before dying|earlier container"
        ),
        "follow": "follow|stream|live|live tail|tail -f|continuously|in real time|as they come|streaming|-f",
        "wide": (
            "wide|with ips|with nodes|with node|with ip|with more columns|more columns|"
            "with their nodes and ips|with their ips|with their nodes|and their nodes|on which node|"
            "on which nodes|with nodes and ips|with ips and nodes|with their ip addresses|"
            "with ip addresses|and the node they run on|with node and ip|and ips|ip addresses|"
            "wide output|with their ips and nodes|with their node|with their ip|ips|on what node|"
            "with node names|ip address|ip|which nodes they run on|which node they run on|"
            "which node each|per node"
        ),
        "per-container": "per container|by container|each container|container level",
        "all-containers": "all containers|all its containers|every container",
        "force": "force|forcefully|forcibly|hard",
        "unasked": (
            "without asking|without asking me|without confirmation|skip the confirmation|"
            "skip confirmation|and skip the confirmation|without confirming|no questions asked|dont ask|"
            "do not ask|do not ask me|no confirmation|no confirmation needed|do not ask for confirmation|"
            "without prompting|without a prompt"
        ),
        "prefix": (
            "with the pod name up front|with the pod name|with the pod names|with pod names|prefixed|with a prefix|"
            "with the pod in front|with prefixes"
        ),
        "watch": "keep watching|keep an eye on|--watch|-w",
        "timestamps": (
            "timestamps|timestamped|with timestamps|with the timestamps|with times|with the times|with a timestamp"
        ),
    },
    Part.ORDER: {
        "newest": (
            "newest|latest|most recent|most recently created|youngest|recently created|newest first|"
            "by creation time|by age|sorted by age|sort by age|recent"
        ),
        "oldest": "oldest|oldest first|longest running|longest-running",
        "restarts": "sort by restarts|sorted by restarts|by restarts|by restart count|sorted by restart count",
        "most": "most|highest|biggest|largest|top consumer|max|maximum|top consumers",
        "least": "least|lowest|smallest",
    },
    Part.METRIC: {
        "cpu": "cpu|cpus|processor|compute|cores|by cpu|cpu time",
        "memory": "memory|mem|ram|by memory|by mem",
    },
    Part.COPIES: {
        "replicas": "replicas|replica|copies|copy|instances|instance|replicates|replcas",
    },
    Part.AMOUNT: {
        "double": "double|twice|doubled|x2|2x|twice as many",
        "triple": "triple|x3|3x|three times as many",
        "quadruple": "quadruple|x4|4x",
        "half": "half|halve|in half|by half|half as many|half of|halved",
        "more": "more|additional|extra|another|one more|more of",
        "fewer": "fewer|less",
        "zero": "to nothing|all the way down",
        "many": "a lot|lots|many more|a bit|a few|few more|some more|several|plenty|loads",
    },
    Part.QUANTITY: {
        "all": "all|every|each|everything|all of|entire|whole|both|everyone",
        "some": "some|any|anything|something|a few of|certain|one of|one of the",
    },
    Part.EVERYWHERE: {
        "all": (
            "everywhere|across everything|across the board|"
            "all namespaces|every namespace|every ns|each ns|in every ns|in each ns|in each namespace|"
            "across all namespaces|in all namespaces|all ns|"
            "cluster wide|cluster-wide|across namespaces|in every namespace|across the cluster|"
            "in the whole cluster|across the whole cluster|in the cluster|each namespace|any namespace|"
            "-a|--all-namespaces|in all ns|throughout the cluster|across every namespace|"
            "anywhere|in any namespace|whole cluster|entire cluster|in the entire cluster|the entire cluster|"
            "the whole cluster|in total|overall|of all namespaces|from all namespaces|"
            "all over the cluster|from all over the cluster|of the whole cluster|of the entire cluster|"
            "from the whole cluster|from the entire cluster|no matter which namespace|no matter the namespace|"
            "whatever namespace|whatever the namespace|whichever namespace|in whatever namespace|"
            "in whichever namespace|regardless of namespace|regardless of the namespace|irrespective of namespace|"
            "anywhere in the cluster|anywhere in this cluster|anywhere on the cluster|anywhere on this cluster|"
            "in this cluster|in this whole cluster|on this whole cluster|in our cluster|"
            "per namespace|per ns|namespace by namespace|in no particular namespace|cluster wise"
        ),
    },
    Part.EVERY_CLUSTER: {
        "all": (
            "each of the three clusters|in each of the three clusters|in all three|on all three|all clusters|"
            "of all our clusters|of all of our clusters|of all the clusters|of all my clusters|"
            "all our clusters|all of our clusters|all my clusters|all of the clusters|"
            "each of our clusters|every cluster|each cluster|across all clusters|in all clusters|"
            "of all clusters|of every cluster|of all three clusters|of the three clusters|"
            "from all clusters|from every cluster|"
            "on all clusters|"
            "all contexts|every context|across clusters|all the clusters|in every cluster|"
            "in every one of our clusters|on every one of our clusters|every one of our clusters|"
            "in each and every cluster|each and every cluster|every single cluster|in every single cluster|"
            "on every cluster|each of the clusters|all three clusters|across every cluster|"
            "in all the clusters|on all the clusters|across all the clusters"
        ),
    },
    Part.REFERENCE: {
        "one": "it|its|this one|that one|the one|this|that thing|same one|itself|the same one",
        "that": "that",
        "many": "them|they|those|these|their|all of them|both of them|all of those|them all",
    },
    Part.ORDINAL: {
        "0": (
            "the first of these|the first of those|the first of them|first of those|first of these|"
            "first of them|the first one|first one|the first|first|1st|number one|the 1st one|the top one"
        ),
        "1": (
            "the second of these|the second of those|the second of them|second of those|second of them|"
            "the second one|second one|the second|2nd|number two|the 2nd one"
        ),
        "2": (
            "the third of these|the third of those|the third of them|third of them|the third one|third one|"
            "the third|third|3rd|number three|the 3rd one"
        ),
        "3": "the fourth one|fourth one|the fourth|fourth|4th",
        "4": "the fifth one|fifth one|the fifth|fifth|5th",
        "-1": (
            "the last of these|the last of those|the last of them|last of these|last of those|last of them|"
            "the last one|last one|the bottom one"
        ),
    },
    Part.LINK: {
        "same": (
            "same for|do this on|do this in|do this for|do that on|put the same on|set the same on|"
            "apply the same to|give the same to|put the same for|"
            "the same limits for|"
            "the same settings for|the same for|do the same for|same in|do the same in|the same in|same thing for|"
            "same thing in|do the same|same with|same on|do the same on|likewise for|the same on|same|"
            "the same|do that for|do that in|do it for|do it in|do that to|do the same to|the same thing|"
            "same thing on|same thing|the same thing on|do the same thing on|do the same thing in|"
            "same again on|likewise on|"
            "same again for|also for|repeat for|repeat that for|same to|as well for|that for|now for|"
            "and for"
        ),
        "about": (
            "what about|how about|and what about|and|also|now|only|just|but|rather|instead|what of|"
            "now the|and the|and how about|only the|just the|also the|ones|as well|too"
        ),
    },
    Part.REPLY: {
        "yes": (
            "yes|yes go on|go on|carry on|yes do that|do that|yes that|yes exactly|exactly that|yep|yeah|yup|"
            "sure|confirm|confirmed|go ahead|do it|proceed|go for it|yes please|"
            "affirmative|ok do it|apply it|run it|execute it|ship it|approved|approve|y|execute|"
            "make it so|lgtm|that is right|of course|yes do it|yes go ahead|absolutely"
        ),
        "no": (
            "no|nope|cancel|abort|never mind|nevermind|stop that|forget it|n|cancel it|cancel that|"
            "scrap that|do not do it|do not do that|leave it|rather not|better not|drop it|discard|"
            "discard it|nah|no thanks|do not|abort it|nvm|never mind that|leave it be|leave it alone|"
            "forget that|forget about it|"
            "no stop|stop no|wait no|no wait|oh no|no leave it|"
            "skip it|skip that|do not bother|changed my mind|i changed my mind"
        ),
        "diff": (
            "show me the diff|show the diff|diff|what would change|what will change|what changes|"
            "show me the changes|show diff|show me the diff first|what exactly changes|"
            "what exactly will change|what will it do|show me what changes|show me what would change|"
            "show me what will change|the diff|what is the diff|what is the difference|what is going to change|"
            "what is different|show me what it would change|show me what it would change first|"
            "show me first what it would change|what exactly would that change|what exactly would this change|"
            "what would this change|what is the diff first|"
            "what would that change|"
            "what would it change|what exactly would change|what exactly would it change|what does it change|"
            "what does that change|what does it change exactly|show me what that changes|show what it changes"
        ),
        "again": (
            "again|once more|repeat|repeat that|run that again|one more time|refresh|do that again|"
            "do it again|same again|run it again|try again|retry"
        ),
        "undo": (
            "undo|put that back the way it was|put it back like it was|put that back how it was|"
            "take the old image again|use the old image again|go back to the old image|"
            "put the old image back|bring the old image back|back to the old image|put the old one back|"
            "bring the old one back|undo that|undo it|revert that|revert it|take that back|put it back|scale it back|"
            "change it back|set it back|roll that back|undo the last change|undo the last one|"
            "revert the last change|take it back|undo this|go back|roll it back|undo my last change|"
            "reverse that|put it back how it was|put it back the way it was|set it back to what it was|"
            "put it back to what it was|back to what it was|like before|as it was|how it was|"
            "change that back|reverse it|restore it|undo the change|undo my change|undo the scaling|"
            "revert|go back to what it was|set it back to what it was before|undo that please"
        ),
        "thanks": (
            "that is all|that is it|that will be all|that would be all|"
            "thanks|thank you|thx|ty|cheers|great|perfect|cool|nice|awesome"
        ),
        "hello": "hello|hi there|good morning|good evening|hey there|good afternoon",
        "help": (
            "help|what can you do|help me|what can i ask|how does this work|what do you understand|"
            "what can i do here|how do i use this|usage help|what are you able to do|what do you do"
        ),
        "outcome": (
            "did it work|what did that do|what did it do|what did this do|did that work|did it succeed|"
            "is it back|is it back up|did it go through|"
            "is it working now|worked|is it finished|is it ready|is it ready now|did it finish|"
            "how did it go|is it done|is it done yet|is it up now|is it up again|all good now|"
            "is it through|did it come back|did it come up|is it live"
        ),
    },
    Part.QUESTION: {
        "how many": "how many|number of|what number of|total number of|count of|amount of|how much",
        "how to": (
            "how do i|how to|how can i|how would i|how do you|how does one|how can we|how do we|"
            "how should i|what is the command to|what is the command for|which command|how could i|"
            "what command|best way to|how would you|how might i"
        ),
        "why": (
            "why|how come|what causes|what caused|reason for|the reason|what is causing|for what reason|"
            "what makes|what made"
        ),
        "who": (
            "who scaled|who changed|who did that|who deleted|who restarted|who removed|who touched|"
            "by whom|who killed|who rolled|who updated|who edited|who drained|who created|who deployed"
        ),
        "when": "when|since when|how long ago|at what time|what time|how long",
        "what": "what|which|wich|whcih|wat|waht|what kind of|what all",
        "how": "how",
    },
    Part.COURTESY: {
        "": (
            "please|pls|plz|plse|kindly|can you|could you|would you|will you|can you please|"
            "could you please|would you please|hey|hi|ok|okay|alright|right|so|well|then|go ahead and|"
            "lets|let us|i want you to|i want to|i would like to|i would like you to|i need to|"
            "i need you to|we need to|we want to|i want|i would like|i need|i have to|we have to|help me|"
            "help me to|let me|try to|please can you|quickly|simply|next|finally|afterwards|after that|"
            "and then|kubechat|for me|for us|now please|asap|immediately|right now|right away|at once|"
            "today|thanks|thank you|thx|need you to|be so kind and|be so kind as to|if you can|"
            "if possible|if you could|when you can|would you mind|do you mind|could you kindly|"
            "would you kindly|could you possibly|possibly|my friend|buddy|i wish to|want to|"
            "would like to|we would like to|we need|we want|would love to|i would love to|need to|cheers|"
            "yo|hmm|hm|um|uh|er|err|oh|actually|sorry|by the way|btw|basically|real quick|quick|for now|straight away|"
            "mate|dude|guys|wait|hang on|hold on"
        ),
    },
    Part.FILLER: {
        "": (
            "a|an|the|me|my|our|your|be|do|there|here|of|currently|at the moment|exist|exists|existing|s|"
            "you|know|ones|one of|each of|sort|kind|type|called|named|name|names|which are|that are|"
            "who are|that have|which have|that is|which is|with the name|by the name of|like|list of|"
            "phase|in phase|in the phase|whose phase is|with their ports|and their ports|with ports|sizes|"
            "kubernetes|in one go|all in one go|in one shot|at a glance|in one view|in one table|in one list|"
            "overview|overview of|summary|summary of|quick look|look|live in|lives in|belong|belongs|"
            "belonging|belonging to|part of|via|also|available|defined|deployed|configured|present|"
            "set up|active|current|own|per|out|lying around|in use|right|different|various|actually|"
            "really|exactly|just now|latest on|page|table|recently|lately|still|yet|already|other|else|"
            "so far|app|application|workload|server|component|microservice|back|well|good|at all|"
            "somewhere|rights|permissions|altogether|all together|permissions|even|fully|completely|entirely|"
            "including|include|incl|items|objects|object|resource|"
            "things|stuff|as|most of|lines|line|rows|entries|"
            "messages|message|past|last|final|ago|or so|bit|little|longer|run|runs|running|made|make|"
            "up there|keyed|labeled|labelled|label|tagged|matching|whose label is|where the label is|"
            "count|total|use|anything in|percent|times|time|time around|than|anybody|anyone|someone|"
            "init container|init containers|teh|hte|tha|weird|strange|unusual|odd|interesting|since|"
            "every one|ones that|any of the|of all|keys|key|to have|between|versus|vs|side by side|"
            "each other|difference between|with each other"
        ),
    },
    Part.AUXILIARY: {
        "": "is|are|was|were|did|does|has|have|had|been|being|will|got|having|am|gets",
    },
    Part.COMPARISON: {
        ">": (
            "more than|greater than|higher than|bigger than|older than|above|exceeding|at least|over|"
            "larger than|longer than|upwards of"
        ),
        "<": (
            "fewer than|less than|younger than|newer than|below|at most|smaller than|lower than|"
            "within the last|created in the last|shorter than"
        ),
    },
    Part.PREPOSITION: {
        "to": "to|up to|down to|back to|=|at|equals|equal to",
        "by": "by|up by|down by",
        "with": "with",
        "in": "in|inside|within|from|under|inside of",
        "on": "on|onto",
        "for": "for|against|regarding",
        "up": "up",
        "down": "down",
    },
    Part.PERSON: {
        "": (
            "i|we|he|she|somebody|nobody|no one|everybody|you all|the team|my team|colleague|colleagues|"
            "my colleague|boss|my boss|bob|alice|customer|the customer|user|users|people"
        ),
    },
    Part.HEDGE: {
        "if": (
            "if|unless|in case|whether|whenever|as soon as|once|provided|assuming|should it|in the event|"
            "only if|until|otherwise|even if|as long as|when it|every time"
        ),
        "hypothetical": (
            "kidding|just kidding|joking|just joking|jk|what if|what would happen|what happens if|"
            "what happens when|what will happen|suppose|"
            "imagine|hypothetically|lets say|say i|would it|would that|would|could|might|may|should i|"
            "should we|should|thinking about|think about|considering|consider|planning|plan to|going to|"
            "about to|is it safe|is it ok|is it okay|safe to|ok to|a good idea|good idea|"
            "does it make sense|can we|could we|may we|shall we|shall i|wonder|wondering|effect of|"
            "impact of|consequences of|risk of|what does it mean|mean|means|happens to|in theory|"
            "theoretically|maybe|perhaps|probably|wants to|wants|wanted|want me to|plans to|intends|"
            "recommend|suggest|advise|worth|dangerous|possible|possible to|necessary|what does|"
            "what is the difference|after|before|while|during|instead of|rather than|sense|when i|"
            "when we|would like|must|ought|supposed|meant|hope|hoping|tempted|afraid|scared|ever|allowed"
        ),
        "schedule": (
            "tomorrow|tonight|every night|every day|every hour|every morning|at midnight|later|next week|"
            "at noon|on monday|on friday|o'clock|pm|in an hour|remind me|remind|schedule|daily|hourly|"
            "weekly|nightly at|every minute|on schedule|in five minutes|at night|on sunday|on saturday|"
            "on tuesday|on wednesday|on thursday|the weekend|next month"
        ),
    },
    Part.NEGATION: {
        "": (
            "not|never|without|dont|avoid|stop doing|no need to|"
            "no need|nothing|cannot|except|except for|"
            "but not|apart from|excluding|neither|nor|refrain|anything but|other than|instead of"
        ),
    },
    Part.REPORT: {
        "": (
            "says|said|say that|told|told me|told me to|tells|asked|asked me to|asks|ask|claims|reads|"
            "according to|wrote that|ticket|runbook|email|mail|documentation|docs|doc|article|the docs|"
            "message says|he said|she said|they said|the ticket|reported|suggested|recommends|mentions|"
            "mentioned|stated|states|instructs|instructed|instruction|instructions|script|playbook|post|"
            "blog|comment|annotation|suggests"
        ),
    },
    Part.TIME: {
        "86400": "yesterday|since yesterday|last night",
        "604800": "last week|this week|past week",
        "43200": "this morning|since this morning|earlier",
        "14400": "since lunch|since noon|this afternoon|since this afternoon",
        "3600": "last hour|past hour|previous hour|the last hour|an hour|hour ago|an hour ago",
        "60": "last minute|past minute",
        "1800": "half hour|half an hour|last half hour|past half hour",
    },
    Part.OUTSIDE: {
        "": (
            "joke|jokes|weather|poem|python|javascript|java|recipe|recipes|stock|stocks|translate|"
            "translation|song|story|movie|football|news|president|math|homework|essay|bitcoin|horoscope|"
            "lottery|capital of|python script|birthday|game|pizza|email draft|restaurant|holiday|travel|"
            "meeting|meetings|book me|book a|book us|reserve|haiku|calendar|lunch|dinner|coffee|flight|hotel|vacation|"
            "code for|a program|girlfriend|politics|religion|philosophy|meaning of life|sing|rhyme|"
            "crypto|soccer|music|aws bill|aws|azure|gcp|terraform|jira|slack|github|gitlab|laptop|"
            "windows|excel|powerpoint|photo|picture|draw|sql query|regex"
        ),
    },
}


def _table() -> dict[tuple[str, ...], Sense]:
    table: dict[tuple[str, ...], Sense] = {}
    for part, values in _TABLE.items():
        for value, phrases in values.items():
            for phrase in phrases.split("|"):
                table.setdefault(tuple(phrase.split()), Sense(part, value))
    # Kinds and verbs are the narrower meaning where a word is in both, but a filler that is also a light verb
    # stays what the frame makes of it.
    table |= {words: Sense(Part.KIND, kind) for words, kind in KIND_WORDS.items()}
    table |= {words: sense for words, sense in VERBS.items() if words not in table or words not in _NOT_VERBS}
    return table


# Spelt like a verb, but read as what the table above says.
_NOT_VERBS: frozenset[tuple[str, ...]] = frozenset(
    tuple(phrase.split())
    for phrase in (
        "checks",
        "copies",
        "copy",
        "cut in half",
        "deploy",
        "deployed",
        "deploys",
        "detail",
        "details",
        "did",
        "do",
        "does",
        "doing",
        "done",
        "drop it",
        "evicted",
        "execute",
        "finished",
        "found",
        "gets",
        "go back",
        "going",
        "going to",
        "got",
        "had",
        "has",
        "have",
        "having",
        "label",
        "labeled",
        "labels",
        "log",
        "look",
        "looking",
        "made",
        "making",
        "need",
        "need to",
        "pausing",
        "print",
        "printed",
        "printing",
        "proceed",
        "ran",
        "read",
        "reads",
        "report",
        "reported",
        "reports",
        "restarting",
        "restarts",
        "returned",
        "rolled out",
        "rollout",
        "run",
        "running",
        "runs",
        "taken",
        "terminating",
        "told me",
        "use",
        "used",
        "uses",
        "using",
        "want",
        "wanted",
        "wants",
        "write",
        "writing",
        "wrote",
    )
)

PHRASES: dict[tuple[str, ...], Sense] = _table()
LONGEST_PHRASE = max(len(words) for words in PHRASES)
FIRST_WORDS: dict[str, int] = {}
for _words in PHRASES:
    FIRST_WORDS[_words[0]] = max(FIRST_WORDS.get(_words[0], 0), len(_words))
