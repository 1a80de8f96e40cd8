"""Corrections as values."""

from __future__ import annotations

import msgspec

from opencasb.model.correction import Correction, Kind, State, Statement

FACT = Statement(kind=Kind.FACT, app_id=10489, key="founded", value="2005", link="https://box.example/")


def test_a_domain_has_one_slot_whatever_its_app() -> None:
    """A fact has one per app and factor."""
    here, there, nowhere = (Statement(kind=Kind.DOMAIN, app_id=each, key="box.com") for each in (1, 2, None))
    assert here.slot == there.slot == nowhere.slot
    assert here.slot != Statement(kind=Kind.DOMAIN, app_id=1, key="box.net").slot
    assert FACT.slot == msgspec.structs.replace(FACT, value="2006", link="").slot
    assert FACT.slot != msgspec.structs.replace(FACT, app_id=11627).slot


def test_what_was_said_is_found_in_what_is_kept() -> None:
    """The state does not matter."""
    fields = msgspec.structs.asdict(FACT)
    kept = Correction(**fields, correction_id="1", author="ana", created=0, state=State.REJECTED, reason="no")
    assert kept.statement == FACT
    assert kept.slot == FACT.slot
