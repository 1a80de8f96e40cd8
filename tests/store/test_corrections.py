"""The repository of catalog corrections."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from opencasb.model.correction import Correction, Kind, State, Statement
from opencasb.store import corrections as module
from opencasb.store.audit_log import AuditLog
from opencasb.store.conflict import Conflict
from opencasb.store.corrections import Corrections
from opencasb.store.database import Database
from tests.conftest import NOW

DAY = 86_400_000
ANA, BEN = "ana@contoso.example", "ben@contoso.example"
MFA = Statement(
    kind=Kind.FACT,
    app_id=11627,
    key="is_multi_factor_authentication",
    value="true",
    link="https://dropbox.example/security",
    attested_by="Cid of Dropbox",
    attested_on="2025-11-19",
)


@pytest.fixture
def corrections(database: Database) -> Corrections:
    """Return the repository under test, with a ticking clock so that entries have an order."""
    ticks = itertools.count(NOW)
    return Corrections(database, lambda: next(ticks))


def said(**changes: Any) -> Statement:
    """Return the example statement with changes."""
    return msgspec.structs.replace(MFA, **changes)


def put(corrections: Corrections, *statements: Statement, by: str = ANA, review: bool = False) -> list[Correction]:
    """Store statements for tenant 1."""
    return [kept.correction for kept in corrections.put(1, statements, by=by, review=review)]


def test_what_is_said_counts_at_once_without_review(corrections: Corrections) -> None:
    """With all its fields, its author and time, for this tenant only."""
    (made,) = put(corrections, MFA)
    assert (made.statement, made.author, made.state, made.created >= NOW) == (MFA, ANA, State.ACCEPTED, True)
    assert corrections.in_effect(1) == [made] == [corrections.get(1, made.correction_id)]
    assert corrections.in_effect(2) == []
    assert corrections.get(2, made.correction_id) is None


def test_saying_it_again_changes_nothing(corrections: Corrections) -> None:
    """Later, or twice in one batch: it stays one correction."""
    first, second = corrections.put(1, [MFA, MFA], by=ANA, review=False)
    (third,) = corrections.put(1, [MFA], by=BEN, review=False)
    assert [first.new, second.new, third.new] == [True, False, False]
    assert len(corrections.all(1)) == 1


def test_what_counts_replaces_what_counted(corrections: Corrections) -> None:
    """One value per factor of an app, one app per domain; the replaced correction stays on record."""
    no = said(value="false")
    domain = Statement(kind=Kind.DOMAIN, app_id=11627, key="db.example")
    nobodys = Statement(kind=Kind.DOMAIN, app_id=None, key="db.example")
    elsewhere = said(app_id=31000)
    put(corrections, MFA, domain, elsewhere)
    put(corrections, no, nobodys)
    assert {each.statement for each in corrections.in_effect(1)} == {no, nobodys, elsewhere}
    assert [each.statement for each in corrections.all(1, states=[State.REPLACED])] == [MFA, domain]
    put(corrections, MFA, no, MFA)
    assert {each.statement for each in corrections.in_effect(1)} == {MFA, nobodys, elsewhere}


def test_with_review_somebody_else_decides(corrections: Corrections) -> None:
    """It takes effect once accepted, replacing the one in effect; notes need no review."""
    (before,) = put(corrections, said(value="false"))
    waiting, note = put(corrections, MFA, Statement(kind=Kind.NOTE, app_id=11627, value="ask Cid"), review=True)
    assert (waiting.state, note.state) == (State.PENDING, State.ACCEPTED)
    assert corrections.in_effect(1) == [before, note]
    with pytest.raises(Conflict, match="somebody else has to review"):
        corrections.accept(1, waiting.correction_id, by=ANA.upper())
    accepted = corrections.accept(1, waiting.correction_id, by=BEN)
    assert accepted is not None
    assert (accepted.state, accepted.decided_by) == (State.ACCEPTED, BEN)
    assert corrections.in_effect(1) == [accepted, note]
    old = corrections.get(1, before.correction_id)
    assert old is not None
    assert old.state is State.REPLACED
    with pytest.raises(Conflict, match="does not wait for a review: it is accepted"):
        corrections.accept(1, waiting.correction_id, by=BEN)


def test_what_waits_replaces_what_its_author_had_waiting(corrections: Corrections) -> None:
    """Proposals by others stay, so that a reviewer sees both."""
    first, by_ben = *put(corrections, MFA, review=True), *put(corrections, said(value="false"), by=BEN, review=True)
    (second,) = put(corrections, said(value="false", remark="once more"), review=True)
    states = {each.correction_id: each.state for each in corrections.all(1)}
    assert states == {
        first.correction_id: State.REPLACED,
        by_ben.correction_id: State.PENDING,
        second.correction_id: State.PENDING,
    }


def test_rejecting_has_a_reason(corrections: Corrections) -> None:
    """A rejected correction never takes effect, and the decision is final."""
    (waiting,) = put(corrections, MFA, review=True)
    rejected = corrections.reject(1, waiting.correction_id, "the page says nothing of it", by=BEN)
    assert rejected is not None
    assert (rejected.state, rejected.reason) == (State.REJECTED, "the page says nothing of it")
    assert corrections.in_effect(1) == []
    with pytest.raises(Conflict, match="is rejected already"):
        corrections.withdraw(1, waiting.correction_id, by=ANA)


@pytest.mark.parametrize("review", [False, True])
def test_withdrawing(corrections: Corrections, *, review: bool) -> None:
    """Pending and effective corrections can be withdrawn; afterwards the same can be stated again."""
    (made,) = put(corrections, MFA, review=review)
    withdrawn = corrections.withdraw(1, made.correction_id, "no longer true", by=ANA)
    assert withdrawn is not None
    assert (withdrawn.state, withdrawn.reason) == (State.WITHDRAWN, "no longer true")
    assert corrections.in_effect(1) == []
    (again,) = put(corrections, MFA, review=review)
    assert again.correction_id != made.correction_id


def test_unknown_ids_are_none(corrections: Corrections) -> None:
    """The id may be invalid or another tenant's."""
    (made,) = put(corrections, MFA, review=True)
    for tenant_id, number in ((1, "f" * 24), (1, "\0"), (1, "\udcff"), (1, ""), (2, made.correction_id)):
        assert corrections.accept(tenant_id, number, by=BEN) is None
        assert corrections.reject(tenant_id, number, "no", by=BEN) is None
        assert corrections.withdraw(tenant_id, number, by=BEN) is None


def test_an_expired_correction_counts_no_more(database: Database) -> None:
    """It is in effect on its last day, and the revision changes at midnight."""
    time = [NOW]
    corrections = Corrections(database, lambda: time[0])
    put(corrections, said(expires="2025-11-20"))
    today = corrections.revision(1)
    assert len(corrections.in_effect(1)) == 1
    time[0] += DAY
    assert corrections.in_effect(1) == []
    assert corrections.revision(1) != today


def test_the_revision_changes_with_every_change(corrections: Corrections) -> None:
    """For this tenant."""
    seen = [corrections.revision(1)]
    (made,) = put(corrections, MFA, review=True)
    seen.append(corrections.revision(1))
    corrections.accept(1, made.correction_id, by=BEN)
    seen.append(corrections.revision(1))
    corrections.withdraw(1, made.correction_id, by=ANA)
    seen.append(corrections.revision(1))
    assert len(set(seen)) == len(seen)
    assert corrections.revision(2) == seen[0]


def test_corrections_are_found_by_what_they_are_about(corrections: Corrections) -> None:
    """By state, kind and app."""
    note = Statement(kind=Kind.NOTE, app_id=31000, value="ask Cid")
    fact, noted = put(corrections, MFA, note)
    assert corrections.all(1, kind=Kind.NOTE) == [noted]
    assert corrections.all(1, app_id=11627) == [fact]
    assert corrections.all(1, states=[State.PENDING]) == []


def test_corrections_come_in_pages(corrections: Corrections) -> None:
    """In a total order, even for equal times; a page continues after the last one seen, whatever its state is now."""
    for batch in range(4):
        put(corrections, *(said(app_id=batch * 10 + each) for each in range(3)))
    everything = corrections.all(1)
    pages, after = [], None
    while found := corrections.page(1, 5, after=after):
        pages.append(found)
        after = found[-1].correction_id
    assert [len(page) for page in pages] == [5, 5, 2]
    assert [each for page in pages for each in page] == everything
    last = everything[4].correction_id
    corrections.withdraw(1, last, by=ANA)
    assert corrections.page(1, 5, after=last, states=[State.ACCEPTED]) == everything[5:10]
    assert corrections.page(1, 5, after=last, app_id=32) == [each for each in everything if each.app_id == 32]
    assert corrections.page(1, 5, after=last, kind=Kind.NOTE) == []


def test_a_page_does_not_begin_at_another_tenants_correction(corrections: Corrections) -> None:
    """It does not begin at an invalid id either."""
    (made,) = put(corrections, MFA)
    assert corrections.page(2, 5, after=made.correction_id) is None
    assert corrections.page(1, 5, after="x") is None


def test_every_change_is_audited(corrections: Corrections, database: Database, clock: Callable[[], int]) -> None:
    """Statements, acceptances, rejections and withdrawals are audited; a repeated statement is not a change."""
    first, second = put(corrections, MFA, said(app_id=31000), review=True)
    put(corrections, MFA, review=True)
    corrections.accept(1, first.correction_id, by=BEN)
    corrections.reject(1, second.correction_id, "no", by=BEN)
    corrections.withdraw(1, first.correction_id, by=ANA)
    entries = AuditLog(database, clock).latest(1)[::-1]
    assert [(entry.action, entry.actor, entry.target) for entry in entries] == [
        *[("catalog.propose", ANA, target) for target in sorted(("11627", "31000"), key=_order(entries))],
        ("catalog.accept", BEN, "11627"),
        ("catalog.reject", BEN, "31000"),
        ("catalog.withdraw", ANA, "11627"),
    ]
    assert entries[3].details["reason"] == "no"
    assert entries[2].details["key"] == "is_multi_factor_authentication"


def _order(entries: list[Any]) -> Callable[[str], int]:
    """Return the index of a target's first entry, because entries with equal times have no order."""
    return [entry.target for entry in entries].index


def test_open_corrections_have_a_limit(corrections: Corrections, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch that exceeds it is rejected as a whole."""
    monkeypatch.setattr(module, "MOST", 2)
    many = [said(app_id=number) for number in (1, 2, 3)]
    with pytest.raises(Conflict, match="3 would be open, at most 2"):
        put(corrections, *many)
    assert corrections.all(1) == []


def test_saying_nothing_is_no_change(corrections: Corrections) -> None:
    """Cached data is kept."""
    before = corrections.revision(1)
    assert corrections.put(1, [], by=ANA, review=False) == []
    assert corrections.revision(1) == before


@pytest.mark.parametrize("reason", ["a\0", "\udcff", "a" * 1001])
def test_reasons_are_printable(corrections: Corrections, reason: str) -> None:
    """Their length is limited, too; an invalid reason decides nothing."""
    (made,) = put(corrections, MFA, review=True)
    with pytest.raises(ValueError, match=r"reason .* must have at most 1000 printable characters"):
        corrections.reject(1, made.correction_id, reason, by=BEN)
    with pytest.raises(ValueError, match=r"reason .* must have"):
        corrections.withdraw(1, made.correction_id, reason, by=ANA)
    assert corrections.get(1, made.correction_id) == made
