"""What may be declared as planned maintenance, and what is refused with a sentence that says why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import ValidationError

from alerts.maintenance import REMEMBERED_S
from app.errors import InvalidInputError
from app.gateway.schemas import NewMaintenance
from app.gateway.service.maintenance import FURTHEST, LONGEST_REASON, checked

NOW = datetime(2026, 8, 4, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(seconds=REMEMBERED_S)


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "reason", "code"),
    [
        (None, NOW - HOUR, "x", "maintenance_ends_before_start"),
        (NOW + 2 * HOUR, NOW + HOUR, "x", "maintenance_ends_before_start"),
        (NOW + HOUR, NOW + HOUR, "x", "maintenance_ends_before_start"),
        (NOW - 2 * HOUR, NOW - HOUR, "x", "maintenance_is_past"),
        (NOW - HOUR, NOW + HOUR, "x", "maintenance_begins_in_past"),
        (None, NOW + DAY + timedelta(seconds=1), "x", "maintenance_too_long"),
        (NOW + FURTHEST + timedelta(seconds=1), NOW + FURTHEST + HOUR, "x", "maintenance_too_far_ahead"),
        (None, NOW + HOUR, "", "maintenance_without_reason"),
        (None, NOW + HOUR, " \t\n", "maintenance_without_reason"),
        (None, NOW + HOUR, "x" * (LONGEST_REASON + 1), "maintenance_reason_too_long"),
        (None, NOW + HOUR, "disk\0s", "maintenance_reason_unreadable"),
        (None, NOW + HOUR, "disk\ud800", "maintenance_reason_unreadable"),
        (datetime.min.replace(tzinfo=timezone(5 * HOUR)), NOW + HOUR, "x", "maintenance_begins_in_past"),
        (None, datetime.max.replace(tzinfo=timezone(-5 * HOUR)), "x", "maintenance_too_long"),
    ],
)
def test_what_may_not_be_declared_is_refused(
    starts_at: datetime | None, ends_at: datetime, reason: str, code: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        checked(starts_at, ends_at, reason, NOW)
    assert refused.value.code == code
    assert refused.value.message.endswith(".")


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "stored"),
    [
        pytest.param(None, NOW + HOUR, (NOW, NOW + HOUR), id="from now on"),
        pytest.param(None, NOW + DAY, (NOW, NOW + DAY), id="as long as the rules remember it"),
        pytest.param(NOW - timedelta(seconds=59), NOW + HOUR, (NOW, NOW + HOUR), id="from this minute on is now"),
        pytest.param(NOW + FURTHEST, NOW + FURTHEST + HOUR, (NOW + FURTHEST, NOW + FURTHEST + HOUR), id="far ahead"),
    ],
)
def test_what_may_be_declared_is_stored_so(
    starts_at: datetime | None, ends_at: datetime, stored: tuple[datetime, datetime]
) -> None:
    assert checked(starts_at, ends_at, "  new\n disks ", NOW) == (*stored, "new disks")


@pytest.mark.parametrize(
    "ends_at", [1785000000, "1785000000", "2026-08-04", "2026-08-04T14:00:00", "14:00", "2026-13-04T14:00:00Z", None]
)
def test_a_time_that_could_mean_another_is_refused(ends_at: object) -> None:
    with pytest.raises(ValidationError):
        NewMaintenance.model_validate({"ends_at": ends_at, "reason": "x"})


def test_a_time_with_its_zone_is_read() -> None:
    read = NewMaintenance.model_validate({"starts_at": None, "ends_at": "2026-08-04T14:00:00.5+02:00", "reason": "x"})
    assert read.ends_at == NOW + timedelta(seconds=0.5)
