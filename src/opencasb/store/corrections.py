"""Corrections of the catalog, kept with their full history, so that who said what stays on record.

:mod:`opencasb.governance.statements` validates statements before they come here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
import sqlalchemy as sa

from opencasb.model.correction import OPEN, Correction, Kind, State, Statement
from opencasb.model.durations import DAY
from opencasb.model.iso_time import iso_day
from opencasb.store.conflict import Conflict
from opencasb.store.correction_ledger import Kept, Ledger
from opencasb.store.correction_rows import (
    IS_OPEN,
    ORDER,
    catalog_corrections,
    chosen,
    columns_of,
    count_open,
    found_by,
    in_slot,
    one,
)
from opencasb.store.repository import TimedRepository
from opencasb.store.revisions import changing, revision

SUBJECT: Final = "corrections"
"""Name of the revision that counts changes of corrections."""

MOST: Final = 50_000
"""Most open corrections of one tenant."""

_LONGEST_REASON: Final = 1000


class Corrections(TimedRepository):
    """The corrections of each tenant. Every change is audited in its own transaction."""

    def all(
        self, tenant_id: int, *, states: Iterable[State] = (), kind: Kind | None = None, app_id: int | None = None
    ) -> list[Correction]:
        """Return corrections, oldest first, filtered by state, kind or app where given."""
        with self._database.read() as connection:
            return found_by(connection, tenant_id, *chosen(states, kind, app_id))

    def page(
        self,
        tenant_id: int,
        limit: int,
        *,
        after: str | None = None,
        states: Iterable[State] = (),
        kind: Kind | None = None,
        app_id: int | None = None,
    ) -> list[Correction] | None:
        """Return the first ``limit`` of :meth:`all`, or of those after correction ``after``; None if unknown.

        That correction may have changed since and no longer match the filter.
        """
        where = chosen(states, kind, app_id)
        with self._database.read() as connection:
            if after is not None:
                last = one(connection, tenant_id, after)
                if last is None:
                    return None
                seen = sa.tuple_(sa.literal(last.created, sa.BigInteger), sa.literal(last.correction_id))
                where.append(sa.tuple_(*ORDER) > seen)
            return found_by(connection, tenant_id, *where, limit=limit)

    def get(self, tenant_id: int, correction_id: str) -> Correction | None:
        """Return one correction, or None."""
        with self._database.read() as connection:
            return one(connection, tenant_id, correction_id)

    def in_effect(self, tenant_id: int) -> list[Correction]:
        """Return the corrections in effect today: accepted and not expired."""
        accepted = self.all(tenant_id, states=[State.ACCEPTED])
        today = iso_day(self._clock())
        return [each for each in accepted if each.expires is None or each.expires >= today]

    def revision(self, tenant_id: int, *others: str) -> tuple[int, int]:
        """Return a value that changes whenever :meth:`in_effect` may: at any change, and at midnight UTC.

        Given further subjects in ``others``, it also changes whenever one of these does, at the price of one query.
        """
        return revision(self._database, tenant_id, SUBJECT, *others), self._clock() // DAY

    def put(self, tenant_id: int, statements: Sequence[Statement], *, by: str, review: bool) -> list[Kept]:
        """Store statements; with ``review`` all but notes are pending until somebody else accepts them.

        A statement that is already pending or in effect is not stored again. One in effect at once replaces earlier
        ones about the same thing; a pending one replaces those that its author has pending. Raises :class:`Conflict`
        above 50,000 open ones.
        """
        if not statements:
            return []
        with changing(self._database, tenant_id, SUBJECT) as connection:
            before = count_open(connection, tenant_id)
            alike = in_slot(statements[0]) if len(statements) == 1 else ()
            open_ones = found_by(connection, tenant_id, IS_OPEN, *alike)
            ledger = Ledger(open_ones)
            kept = [
                ledger.put(each, by, self._clock(), waits=review and each.kind is not Kind.NOTE) for each in statements
            ]
            after = before + len(ledger.open) - len(open_ones)
            if after > MOST:
                raise Conflict(f"corrections: {after} would be open, at most {MOST} are allowed")
            self._save(connection, tenant_id, ledger, by)
        return kept

    def _save(self, connection: sa.Connection, tenant_id: int, ledger: Ledger, by: str) -> None:
        replaced = [{"which": number} for number in ledger.replaced]
        if replaced:
            which = catalog_corrections.c.correction_id == sa.bindparam("which")
            changed = sa.update(catalog_corrections).where(catalog_corrections.c.tenant_id == tenant_id, which)
            decided = {"state": State.REPLACED.value, "decided_by": by, "decided": self._clock()}
            connection.execute(changed.values(**decided), replaced)
        added = [each for each in ledger.added if each.correction_id not in ledger.replaced]
        if added:
            connection.execute(sa.insert(catalog_corrections), [columns_of(tenant_id, each) for each in added])
        for each in added:
            self._note(connection, "propose" if each.state is State.PENDING else "add", tenant_id, each, by)

    def accept(self, tenant_id: int, correction_id: str, *, by: str) -> Correction | None:
        """Accept a pending correction, replacing earlier ones about the same thing; None if there is none.

        Raises :class:`Conflict` if it is not pending, or if ``by`` is its author.
        """
        return self._review(tenant_id, correction_id, State.ACCEPTED, "", by)

    def reject(self, tenant_id: int, correction_id: str, reason: str, *, by: str) -> Correction | None:
        """Reject a pending correction for good; raises as :meth:`accept`, and ``ValueError`` for an invalid reason."""
        return self._review(tenant_id, correction_id, State.REJECTED, reason, by)

    def withdraw(self, tenant_id: int, correction_id: str, reason: str = "", *, by: str) -> Correction | None:
        """Withdraw a correction that is pending or in effect; None if there is none.

        Raises :class:`Conflict` if it is closed, ``ValueError`` for an invalid reason.
        """
        with changing(self._database, tenant_id, SUBJECT) as connection:
            found = one(connection, tenant_id, correction_id)
            if found is not None and found.state not in OPEN:
                raise Conflict(f"correction {correction_id!r} is {found.state.value} already")
            return found and self._decide(connection, tenant_id, found, State.WITHDRAWN, reason, by)

    def _review(self, tenant_id: int, correction_id: str, state: State, reason: str, by: str) -> Correction | None:
        with changing(self._database, tenant_id, SUBJECT) as connection:
            found = one(connection, tenant_id, correction_id)
            if found is None:
                return None
            if found.state is not State.PENDING:
                raise Conflict(f"correction {correction_id!r} does not wait for a review: it is {found.state.value}")
            if found.author.casefold() == by.casefold():
                raise Conflict(f"correction {correction_id!r} is by {by!r}: somebody else has to review it")
            if state is State.ACCEPTED:
                self._replace(connection, tenant_id, found, by)
            return self._decide(connection, tenant_id, found, state, reason, by)

    def _replace(self, connection: sa.Connection, tenant_id: int, by_this: Correction, by: str) -> None:
        counts = catalog_corrections.c.state == State.ACCEPTED.value
        for each in found_by(connection, tenant_id, counts, *in_slot(by_this)):
            self._decide(connection, tenant_id, each, State.REPLACED, "", by)

    def _decide(
        self, connection: sa.Connection, tenant_id: int, found: Correction, state: State, reason: str, by: str
    ) -> Correction:
        if len(reason) > _LONGEST_REASON or not reason.isprintable():
            raise ValueError(f"reason {reason[:100]!r} must have at most {_LONGEST_REASON} printable characters")
        decided = {"state": state, "decided_by": by, "decided": self._clock(), "reason": reason}
        itself = sa.update(catalog_corrections).filter_by(tenant_id=tenant_id, correction_id=found.correction_id)
        connection.execute(itself.values({**decided, "state": state.value}))
        changed = msgspec.structs.replace(found, **decided)
        if state is not State.REPLACED:
            self._note(connection, _VERBS[state], tenant_id, changed, by)
        return changed

    def _note(self, connection: sa.Connection, verb: str, tenant_id: int, said: Correction, by: str) -> None:
        details = {name: getattr(said, name) or None for name in (*_TOLD, "reason")}
        target = said.key if said.kind is Kind.DOMAIN else str(said.app_id)
        self._audit(connection, tenant_id, f"catalog.{verb}", by=by, target=target, **details)


_TOLD: Final = ("correction_id", "kind", "app_id", "key", "value", "link", "attested_by", "attested_on", "expires")
_VERBS: Final = {State.ACCEPTED: "accept", State.REJECTED: "reject", State.WITHDRAWN: "withdraw"}
