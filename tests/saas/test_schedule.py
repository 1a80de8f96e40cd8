"""When integrations are due."""

from __future__ import annotations

import msgspec
import pytest

from opencasb.model.durations import DAY, HOUR
from opencasb.model.saas import Integration, Outcome, Run
from opencasb.saas.schedule import checked, is_due

MIDNIGHT = 20_000 * DAY
READY = Integration(
    tenant_id=1, name="a", directory_id="d", client_id="c", sealed_secret=b"", state="ready", schedule="daily 03:30"
)


def run(started: int, outcome: Outcome = "completed", resume_at: int | None = None) -> Run:
    """Return a run."""
    return Run(
        tenant_id=1,
        integration="a",
        number=1,
        reason="hand",
        origin="",
        started=started,
        touched=started,
        resume_at=resume_at,
        outcome=outcome,
    )


def test_daily() -> None:
    """A run is due at once if there was none, otherwise at the first time of day after the last start."""
    at = MIDNIGHT + 3 * HOUR + HOUR // 2
    assert is_due(READY, None, MIDNIGHT)
    assert not is_due(READY, run(MIDNIGHT), at - 1)
    assert is_due(READY, run(MIDNIGHT), at)
    assert not is_due(READY, run(at), at + DAY - 1)
    assert is_due(READY, run(at), at + DAY)


def test_every_so_many_hours() -> None:
    """The interval is measured from start to start."""
    six = msgspec.structs.replace(READY, schedule="every 6h")
    assert is_due(six, None, MIDNIGHT)
    assert not is_due(six, run(MIDNIGHT), MIDNIGHT + 6 * HOUR - 1)
    assert is_due(six, run(MIDNIGHT, "failed"), MIDNIGHT + 6 * HOUR)


def test_off_runs_only_when_asked() -> None:
    off = msgspec.structs.replace(READY, schedule="off")
    assert not is_due(off, None, MIDNIGHT)
    assert is_due(msgspec.structs.replace(off, asked=1), run(MIDNIGHT), MIDNIGHT)


def test_what_is_not_authorised_never_runs() -> None:
    for state in ("new", "refused"):
        assert not is_due(msgspec.structs.replace(READY, state=state, asked=1), None, MIDNIGHT)


def test_what_did_not_end_goes_on() -> None:
    """A killed run resumes at once, an interrupted one when it is due."""
    off = msgspec.structs.replace(READY, schedule="off")
    assert is_due(off, run(MIDNIGHT, "running"), MIDNIGHT)
    assert not is_due(off, run(MIDNIGHT, "interrupted", MIDNIGHT + 5), MIDNIGHT + 4)
    assert is_due(off, run(MIDNIGHT, "interrupted", MIDNIGHT + 5), MIDNIGHT + 5)


def test_a_clock_that_is_set_back_stops_nothing() -> None:
    """Times years ahead are ignored; a time slightly ahead comes from another server."""
    years, six = MIDNIGHT + 3000 * DAY, msgspec.structs.replace(READY, schedule="every 6h")
    for each in (READY, six):
        assert is_due(each, run(years), MIDNIGHT)
        assert not is_due(each, run(MIDNIGHT + HOUR // 2), MIDNIGHT)
    assert is_due(six, run(MIDNIGHT, "interrupted", years), MIDNIGHT)
    assert not is_due(msgspec.structs.replace(READY, schedule="off"), run(years), MIDNIGHT)


@pytest.mark.parametrize("text", ["off", " Every  6H", "every 168h", "DAILY 23:59", "daily 00:00"])
def test_schedules_are_written_in_one_way(text: str) -> None:
    assert checked(text) == " ".join(text.lower().split())


@pytest.mark.parametrize("text", ["", "every 0h", "every 169h", "daily 24:00", "daily 3:30", "hourly", "٣"])
def test_other_schedules_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"schedule .* must be off, every 1h"):
        checked(text)
