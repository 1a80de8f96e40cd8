"""Corrections of the catalog: kept with everything that became of them, so that who said what stays on record.

What a statement may say is checked by :mod:`opencasb.governance.statements` before it comes here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple

import msgspec
import sqlalchemy as sa

from opencasb.model.correction import OPEN, Correction, Kind, State, Statement
from opencasb.model.iso_time import iso_day
from opencasb.store.audit_log import record
from opencasb.store.conflict import Conflict
from opencasb.store.database import Database, metadata, new_id
from opencasb.store.revisions import advance, revision

SUBJECT: Final = "corrections"
"""Name of the revision that counts changes of corrections."""

MOST: Final = 50_000
"""Open corrections of one tenant."""

_ID: Final = re.compile(r"[0-9a-f]{24}")
_LONGEST_REASON: Final = 1000
_DAY_MS: Final = 86_400_000

catalog_corrections = sa.Table(
    "catalog_corrections",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("correction_id", sa.String(24), primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("app_id", sa.Integer),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("link", sa.Text, nullable=False),
    sa.Column("remark", sa.Text, nullable=False),
    sa.Column("attested_by", sa.Text, nullable=False),
    sa.Column("attested_on", sa.String(10), nullable=False),
    sa.Column("expires", sa.String(10)),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("decided_by", sa.Text),
    sa.Column("decided", sa.BigInteger),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Index("ix_catalog_corrections_state", "tenant_id", "state", "kind"),
    sa.Index("ix_catalog_corrections_app", "tenant_id", "app_id"),
)


class Kept(NamedTuple):
    """What became of a statement; ``new`` is false where the same was said already."""

    correction: Correction
    new: bool


class Corrections:
    """The corrections of each tenant. Every change is audited in its own transaction."""

    def __init__(self, database: Database, clock: Callable[[], int]) -> None:
        self._database = database
        self._clock = clock

    def all(
        self, tenant_id: int, *, states: Iterable[State] = (), kind: Kind | None = None, app_id: int | None = None
    ) -> list[Correction]:
        """Return corrections, the oldest first; of some states, one kind or one app where these are given."""
        with self._database.read() as connection:
            return _found(connection, tenant_id, *_chosen(states, kind, app_id))

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
        """Return the first ``limit`` of :meth:`all`, or of what follows the correction ``after``; None: it is none.

        That one may have changed in between, and be none of those asked for any more.
        """
        where = _chosen(states, kind, app_id)
        with self._database.read() as connection:
            if after is not None:
                last = _one(connection, tenant_id, after)
                if last is None:
                    return None
                seen = sa.tuple_(sa.literal(last.created, sa.BigInteger), sa.literal(last.correction_id))
                where.append(sa.tuple_(*_ORDER) > seen)
            return _found(connection, tenant_id, *where, limit=limit)

    def get(self, tenant_id: int, correction_id: str) -> Correction | None:
        """Return one correction, or None."""
        with self._database.read() as connection:
            return _one(connection, tenant_id, correction_id)

    def in_effect(self, tenant_id: int) -> list[Correction]:
        """Return what counts today: accepted and not expired."""
        accepted = self.all(tenant_id, states=[State.ACCEPTED])
        today = iso_day(self._clock())
        return [each for each in accepted if each.expires is None or each.expires >= today]

    def revision(self, tenant_id: int, *others: str) -> tuple[int, int]:
        """Return what changes whenever :meth:`in_effect` may: at any change, and every midnight UTC.

        With the subjects of ``others`` it also changes whenever one of these does, for the price of one query.
        """
        return revision(self._database, tenant_id, SUBJECT, *others), self._clock() // _DAY_MS

    def put(self, tenant_id: int, statements: Sequence[Statement], *, by: str, review: bool) -> list[Kept]:
        """Keep statements; with ``review`` all but notes wait until somebody else accepts them.

        What is said already, and waits or counts, is not kept again. What counts at once replaces what was said of the
        same before; what waits replaces what its author had waiting. Raises :class:`Conflict` over 50,000.
        """
        if not statements:
            return []
        with self._database.write() as connection:
            advance(self._database, connection, tenant_id, SUBJECT)
            before = _count_open(connection, tenant_id)
            alike = _slot(statements[0]) if len(statements) == 1 else ()
            open_ones = _found(connection, tenant_id, _IS_OPEN, *alike)
            ledger = _Ledger(open_ones)
            kept = [
                ledger.put(each, by, self._clock(), waits=review and each.kind is not Kind.NOTE) for each in statements
            ]
            after = before + len(ledger.open) - len(open_ones)
            if after > MOST:
                raise Conflict(f"corrections: {after} would be open, at most {MOST} are allowed")
            self._save(connection, tenant_id, ledger, by)
        return kept

    def _save(self, connection: sa.Connection, tenant_id: int, ledger: _Ledger, by: str) -> None:
        replaced = [{"which": number} for number in ledger.replaced]
        if replaced:
            which = catalog_corrections.c.correction_id == sa.bindparam("which")
            changed = sa.update(catalog_corrections).where(catalog_corrections.c.tenant_id == tenant_id, which)
            decided = {"state": State.REPLACED.value, "decided_by": by, "decided": self._clock()}
            connection.execute(changed.values(**decided), replaced)
        added = [each for each in ledger.added if each.correction_id not in ledger.replaced]
        if added:
            connection.execute(sa.insert(catalog_corrections), [_columns(tenant_id, each) for each in added])
        for each in added:
            self._note(connection, "propose" if each.state is State.PENDING else "add", tenant_id, each, by)

    def accept(self, tenant_id: int, correction_id: str, *, by: str) -> Correction | None:
        """Let a waiting correction count, in place of what was said of the same before; None where there is none.

        Raises :class:`Conflict` when it does not wait, and when ``by`` is its author.
        """
        return self._review(tenant_id, correction_id, State.ACCEPTED, "", by)

    def reject(self, tenant_id: int, correction_id: str, reason: str, *, by: str) -> Correction | None:
        """Refuse a waiting correction for good, as in :meth:`accept`. Raises ``ValueError`` for a wrong reason."""
        return self._review(tenant_id, correction_id, State.REJECTED, reason, by)

    def withdraw(self, tenant_id: int, correction_id: str, reason: str = "", *, by: str) -> Correction | None:
        """Take back a correction that waits or counts; None where there is none.

        Raises :class:`Conflict` when it is over, ``ValueError`` for a wrong reason.
        """
        with self._database.write() as connection:
            advance(self._database, connection, tenant_id, SUBJECT)
            found = _one(connection, tenant_id, correction_id)
            if found is not None and found.state not in OPEN:
                raise Conflict(f"correction {correction_id!r} is {found.state.value} already")
            return found and self._decide(connection, tenant_id, found, State.WITHDRAWN, reason, by)

    def _review(self, tenant_id: int, correction_id: str, state: State, reason: str, by: str) -> Correction | None:
        with self._database.write() as connection:
            advance(self._database, connection, tenant_id, SUBJECT)
            found = _one(connection, tenant_id, correction_id)
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
        for each in _found(connection, tenant_id, counts, *_slot(by_this)):
            self._decide(connection, tenant_id, each, State.REPLACED, "", by)

    def _decide(
        self, connection: sa.Connection, tenant_id: int, found: Correction, state: State, reason: str, by: str
    ) -> Correction:
        if len(reason) > _LONGEST_REASON or not reason.isprintable():
            raise ValueError(f"reason {reason[:100]!r} must have at most {_LONGEST_REASON} printable characters")
        decided = {"state": state, "decided_by": by, "decided": self._clock(), "reason": reason}
        which = (
            catalog_corrections.c.tenant_id == tenant_id,
            catalog_corrections.c.correction_id == found.correction_id,
        )
        connection.execute(sa.update(catalog_corrections).where(*which).values({**decided, "state": state.value}))
        changed = msgspec.structs.replace(found, **decided)
        if state is not State.REPLACED:
            self._note(connection, _VERBS[state], tenant_id, changed, by)
        return changed

    def _note(self, connection: sa.Connection, verb: str, tenant_id: int, said: Correction, by: str) -> None:
        details = {name: getattr(said, name) or None for name in (*_TOLD, "reason")}
        target = said.key if said.kind is Kind.DOMAIN else str(said.app_id)
        record(connection, tenant_id, self._clock(), f"catalog.{verb}", by=by, target=target, **details)


_TOLD: Final = ("correction_id", "kind", "app_id", "key", "value", "link", "attested_by", "attested_on", "expires")
_VERBS: Final = {State.ACCEPTED: "accept", State.REJECTED: "reject", State.WITHDRAWN: "withdraw"}


class _Ledger:
    """The open corrections of a tenant while statements are added to them."""

    def __init__(self, found: Iterable[Correction]) -> None:
        self.open = {each.correction_id: each for each in found}
        self.added: list[Correction] = []
        self.replaced: set[str] = set()
        self._slots: dict[tuple[str, int | None, str], list[Correction]] = {}
        for each in self.open.values():
            self._slots.setdefault(each.slot, []).append(each)

    def put(self, said: Statement, by: str, now: int, *, waits: bool) -> Kept:
        others = self._slots.setdefault(said.slot, [])
        same = next((each for each in others if each.statement == said), None)
        if same is not None:
            return Kept(same, new=False)
        state = State.PENDING if waits else State.ACCEPTED
        made = Correction(**msgspec.structs.asdict(said), correction_id=new_id(), author=by, created=now, state=state)
        for each in [each for each in others if each.state is state and (not waits or each.author == by)]:
            others.remove(each)
            self.replaced.add(each.correction_id)
            del self.open[each.correction_id]
        others.append(made)
        self.open[made.correction_id] = made
        self.added.append(made)
        return Kept(made, new=True)


_ORDER: Final = (catalog_corrections.c.created, catalog_corrections.c.correction_id)
_IS_OPEN: Final = catalog_corrections.c.state.in_([state.value for state in OPEN])


def _chosen(states: Iterable[State], kind: Kind | None, app_id: int | None) -> list[sa.ColumnElement[bool]]:
    where: list[sa.ColumnElement[bool]] = []
    if wanted := [state.value for state in states]:
        where.append(catalog_corrections.c.state.in_(wanted))
    if kind is not None:
        where.append(catalog_corrections.c.kind == kind.value)
    if app_id is not None:
        where.append(catalog_corrections.c.app_id == app_id)
    return where


def _slot(said: Statement) -> Sequence[sa.ColumnElement[bool]]:
    """Return what the corrections of the slot of a statement have in common."""
    kind, app_id, key = said.slot
    table = catalog_corrections.c
    return table.kind == kind, table.key == key, *([] if app_id is None else [table.app_id == app_id])


def _count_open(connection: sa.Connection, tenant_id: int) -> int:
    of_tenant = catalog_corrections.c.tenant_id == tenant_id
    query = sa.select(sa.func.count()).select_from(catalog_corrections)
    return connection.scalar(query.where(of_tenant, _IS_OPEN)) or 0


def _found(
    connection: sa.Connection, tenant_id: int, *where: sa.ColumnElement[bool], limit: int | None = None
) -> list[Correction]:
    columns = [catalog_corrections.c[name] for name in Correction.__struct_fields__]
    query = sa.select(*columns).where(catalog_corrections.c.tenant_id == tenant_id, *where)
    rows = connection.execute(query.order_by(*_ORDER).limit(limit))
    return [_correction(row) for row in rows.mappings()]


def _one(connection: sa.Connection, tenant_id: int, correction_id: str) -> Correction | None:
    if not _ID.fullmatch(correction_id):
        return None
    found = _found(connection, tenant_id, catalog_corrections.c.correction_id == correction_id)
    return found[0] if found else None


def _correction(row: sa.RowMapping) -> Correction:
    return Correction(**{**row, "kind": Kind(row["kind"]), "state": State(row["state"])})


def _columns(tenant_id: int, said: Correction) -> dict[str, Any]:  # column values of any type
    fields = msgspec.structs.asdict(said)
    return {**fields, "tenant_id": tenant_id, "kind": said.kind.value, "state": said.state.value}
