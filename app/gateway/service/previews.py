"""What commands would change, on one cluster or on many: previews side by side, and what is said of them together.

All or nothing: where one cluster does not answer or would refuse, nothing is offered for confirmation, so that nobody
confirms a change of a hundred clusters and gets one of ninety-eight.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.commands.access import gather
from app.domain.commands.across import Answer, missing_clusters
from app.domain.commands.engine import Engine
from app.domain.commands.model.command import Command
from app.domain.commands.preview import Preview, Step
from app.domain.commands.risk import Risk, worst
from app.domain.identities import Person
from app.domain.policy.policy import Policy
from app.errors import InvalidInputError, KubeChatError, UnavailableError
from app.infra.kubernetes.errors import reason_of

MOST_STEPS_OF_ALL = 500  # requests of one plan over all clusters: each is stored, recorded and sent by itself


async def previews_of(engine: Engine, policy: Policy, person: Person, commands: Sequence[Command]) -> list[Preview]:
    """The preview of each command, in their order.

    Raises:
        ForbiddenError: this person may not change anything there, by KubeChat's role or the cluster's RBAC.
        UnavailableError: of several clusters some do not answer; all of them are named.
        InvalidInputError: some of several refuse, or it would be too many requests.
    """
    for command in commands:
        policy.require_change(person, command.cluster, command.namespace)

    async def one(command: Command) -> Preview | KubeChatError:
        try:
            return await engine.preview(command, policy.identity(person, command.cluster))
        except KubeChatError as error:
            return error

    found = await gather(one(command) for command in commands)
    previews = [each for each in found if isinstance(each, Preview)]
    if len(previews) < len(found):
        raise _not_offered(commands, found)
    steps = sum(len(preview.steps) for preview in previews)
    if steps > MOST_STEPS_OF_ALL:
        raise InvalidInputError(
            f"This would send {steps} requests; at most {MOST_STEPS_OF_ALL} can be confirmed at once. Name fewer"
            " clusters or fewer objects.",
            code="too_many_objects",
        )
    return previews


def risk_of(previews: Sequence[Preview]) -> Risk:
    """The strictest of all."""
    return worst([preview.risk for preview in previews])


def typed_name_of(previews: Sequence[Preview], steps: Sequence[Step]) -> str | None:
    """What has to be typed: as one cluster's preview says, or how many clusters it goes to."""
    names = [preview.typed_name for preview in previews if preview.typed_name]
    clusters = {step.cluster for step in steps}
    if names and len(clusters) > 1:
        return f"{len(clusters)} clusters"
    return names[0] if names else None


def consequences_of(previews: Sequence[Preview], steps: Sequence[Step]) -> list[str]:
    """What else happens; on several clusters their names first, and each sentence with those that it is about."""
    clusters = list(dict.fromkeys(step.cluster for step in steps))
    if len({preview.command.cluster for preview in previews}) == 1:
        return [sentence for preview in previews for sentence in preview.consequences]
    said: dict[str, list[str]] = {}
    for preview in previews:
        for sentence in preview.consequences:
            said.setdefault(sentence, []).append(preview.command.cluster)
    first = [f"This changes {len(clusters)} clusters: {', '.join(clusters)}."] if clusters else []
    return [*first, *(f"{', '.join(dict.fromkeys(names))}: {sentence}" for sentence, names in said.items())]


def _not_offered(commands: Sequence[Command], found: Sequence[Preview | KubeChatError]) -> KubeChatError:
    errors = [each for each in found if isinstance(each, KubeChatError)]
    if len({command.cluster for command in commands}) == 1:
        return errors[0]
    answers = [
        Answer(command.cluster, error=each, reason=reason_of(each, command.cluster))
        if isinstance(each, KubeChatError)
        else Answer(command.cluster)
        for command, each in zip(commands, found, strict=True)
    ]
    text = f"Nothing is offered to confirm, because not every cluster can do this.\n{missing_clusters(answers)}"
    kind = UnavailableError if any(answer.is_away for answer in answers) else InvalidInputError
    return kind(text.rstrip("\n"), code="not_every_cluster")
