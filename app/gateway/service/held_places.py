"""Places that people hold on a replica for as long as something goes on: so many each, and so many in all."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from app.domain.identities import Person
from app.errors import TooManyRequestsError


class _Gauge(Protocol):
    def inc(self, amount: float = 1) -> None: ...
    def dec(self, amount: float = 1) -> None: ...


@dataclass(frozen=True, slots=True)
class Bound:
    """How many there may be, and what somebody is told for whom there is no more."""

    most: int
    refusal: str


class HeldPlaces:
    """Counts who holds how many.

    Args:
        open_now: the gauge of all that are held.
        code: of the refusal.
    """

    def __init__(self, open_now: _Gauge, code: str) -> None:
        self._open, self._code = open_now, code
        self._of_people: Counter[UUID] = Counter()

    def take(self, person: Person, of_a_person: Bound, on_a_replica: Bound) -> None:
        """Take one.

        Raises:
            TooManyRequestsError: this person, or everybody together, holds as many as can be held.
        """
        for held, bound in (
            (self._of_people[person.user_id], of_a_person),
            (self._of_people.total(), on_a_replica),
        ):
            if held >= bound.most:
                raise TooManyRequestsError(bound.refusal, code=self._code)
        self._of_people[person.user_id] += 1
        self._open.inc()

    def leave(self, person: Person) -> None:
        """Give one back."""
        self._of_people[person.user_id] -= 1
        if not self._of_people[person.user_id]:
            del self._of_people[person.user_id]
        self._open.dec()
