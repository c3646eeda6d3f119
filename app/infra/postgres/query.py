"""What a store asks of its database: one named statement."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType


@dataclass(frozen=True, slots=True)
class Query:
    """One statement of a store.

    Attributes:
        name: its metric label, "<store>.<what>".
        sql: the statement, parameters as $1, $2, … only.
        often: it runs with most requests; where the pooler carries no prepared statements it becomes a function of the
            database, so that it is planned once per connection all the same.
    """

    name: str
    sql: str
    often: bool = False


def often_in(*stores: ModuleType) -> tuple[Query, ...]:
    """The queries of these modules that run often."""
    values = (value for store in stores for value in vars(store).values())
    return tuple(value for value in values if isinstance(value, Query) and value.often)
