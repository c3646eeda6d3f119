"""Which of a plan's steps can be taken back, as commands that are shown and confirmed like any change."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.commands.model.undo import Undo
from app.domain.commands.preview import Step
from app.errors import ConflictError
from app.gateway.store.plans import Plan, PlanStep

UNDOABLE = "scale, label, annotate, set image, set env, set resources, cordon and uncordon"


def undo_of(plan: Plan, rows: Sequence[PlanStep]) -> list[Undo]:
    """The commands that take a plan back, one for each cluster; the last change first.

    Raises:
        ConflictError: nothing of it was done, or nothing of it can be taken back.
    """
    steps = [Step.from_dict(stored) for stored in plan.steps]
    done = {row.step for row in rows if row.state == "applied" and row.attempt_of is None}
    applied = [step for number, step in enumerate(steps) if number in done]
    if not applied:
        raise ConflictError("Nothing of this plan was done, so there is nothing to take back.", code="nothing_to_undo")
    reversible = [step for step in applied if step.undo]
    if not reversible:
        raise ConflictError(f"This cannot be taken back; {UNDOABLE} can be.", code="nothing_to_undo")
    clusters = dict.fromkeys(step.cluster for step in reversed(reversible))
    return [
        Undo(
            cluster=cluster,
            namespace=next(step.namespace for step in reversible if step.cluster == cluster),
            plan=plan.plan_id,
            steps=tuple(step for step in reversible if step.cluster == cluster),
        )
        for cluster in clusters
    ]
