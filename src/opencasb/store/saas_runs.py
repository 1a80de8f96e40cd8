"""Runs of SaaS management: the progress of each, in steps of one transaction.

Every step renews the lease in its own transaction, so a process that lost it can no longer change anything. The rows of
a page and the address of the next one are stored together, so that a killed run resumes where it was, with no row lost
or duplicated.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from opencasb.model.saas import AppRow, Change, Integration, Outcome, Run, RunStream
from opencasb.store.database import metadata
from opencasb.store.repository import TimedRepository
from opencasb.store.saas_integrations import hold, saas_integrations
from opencasb.store.saas_usage import of_integration, saas_apps, saas_changes, saas_stream_apps

saas_runs = sa.Table(
    "saas_runs",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("integration", sa.String(64), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("reason", sa.String(16), nullable=False),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("started", sa.BigInteger, nullable=False),
    sa.Column("touched", sa.BigInteger, nullable=False),
    sa.Column("ended", sa.BigInteger),
    sa.Column("resume_at", sa.BigInteger),
    sa.Column("outcome", sa.String(16), nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("requests", sa.Integer, nullable=False),
    sa.Column("retries", sa.Integer, nullable=False),
    sa.Column("counts", sa.JSON, nullable=False),
)
saas_run_streams = sa.Table(
    "saas_run_streams",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("integration", sa.String(64), primary_key=True),
    sa.Column("run", sa.Integer, primary_key=True),
    sa.Column("stream_id", sa.String(128), primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("snapshot", sa.Boolean, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("next_link", sa.Text, nullable=False),
    sa.Column("pages", sa.Integer, nullable=False),
    sa.Column("rows", sa.Integer, nullable=False),
    sa.Column("skipped_rows", sa.Integer, nullable=False),
    sa.Column("odd_values", sa.Integer, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
)
_KEY: Final = ("tenant_id", "integration", "run")


class SaasRuns(TimedRepository):
    """The runs of each tenant's integrations."""

    def history(self, integration: Integration, limit: int = 100, before: int | None = None) -> list[Run]:
        """Return the latest runs, or those before the run ``before``, newest first."""
        query = sa.select(saas_runs).where(*of_integration(saas_runs, integration))
        if before is not None:
            query = query.where(saas_runs.c.number < before)
        return self._all(query.order_by(saas_runs.c.number.desc()).limit(limit), Run)

    def latest(self, integration: Integration) -> Run | None:
        """Return the newest run, or None."""
        return next(iter(self.history(integration, 1)), None)

    def latest_of_every_tenant(self) -> dict[tuple[int, str], Run]:
        """Return the newest run of each integration that has one, by tenant and name, in one query."""
        newest = sa.and_(
            saas_runs.c.tenant_id == saas_integrations.c.tenant_id,
            saas_runs.c.integration == saas_integrations.c.name,
            saas_runs.c.number == saas_integrations.c.last_run,
        )
        query = sa.select(saas_runs).join(saas_integrations, newest)
        return {(run.tenant_id, run.integration): run for run in self._all(query, Run)}

    def get(self, integration: Integration, number: int) -> Run | None:
        """Return one run, or None."""
        query = sa.select(saas_runs).where(*of_integration(saas_runs, integration), saas_runs.c.number == number)
        return self._one(query, Run)

    def streams(self, run: Run) -> list[RunStream]:
        """Return the streams of a run in the order in which they are read."""
        query = sa.select(saas_run_streams).where(*_in_run(saas_run_streams, run))
        return self._all(query.order_by(saas_run_streams.c.position), RunStream)

    def begin(self, leased: Integration, reason: str) -> Run:
        """Begin a run."""
        now = self._clock()
        run = Run(
            tenant_id=leased.tenant_id,
            integration=leased.name,
            number=leased.last_run + 1,
            reason=reason,
            origin=leased.origin,
            started=now,
            touched=now,
        )
        with self._database.write() as connection:
            hold(connection, leased, now, last_run=run.number)
            connection.execute(sa.insert(saas_runs).values(**msgspec.structs.asdict(run)))
        return run

    def reopen(self, leased: Integration, run: Run) -> Run:
        """Resume a run that was killed or interrupted."""
        anew: dict[str, Any] = {"outcome": "running", "ended": None, "resume_at": None, "message": ""}
        with self._database.write() as connection:
            self._touch(connection, leased, run, **anew)
        return msgspec.structs.replace(run, **anew)

    def put_streams(self, leased: Integration, run: Run, streams: Sequence[RunStream]) -> None:
        """Store the streams that a run is to read."""
        with self._database.write() as connection:
            self._touch(connection, leased, run)
            connection.execute(sa.delete(saas_run_streams).where(*_in_run(saas_run_streams, run)))
            if streams:
                connection.execute(sa.insert(saas_run_streams), [msgspec.structs.asdict(each) for each in streams])

    def keep(
        self, leased: Integration, run: Run, stream: RunStream, rows: Sequence[AppRow] = (), *, spent: tuple[int, int]
    ) -> None:
        """Store the rows of a page, the progress of ``stream``, and the requests and retries ``spent``.

        Removes the rows of a stream that starts over or is gone.
        """
        requests, retries = spent
        counted = {"requests": saas_runs.c.requests + requests, "retries": saas_runs.c.retries + retries}
        key = {"tenant_id": run.tenant_id, "integration": run.integration, "run": run.number}
        made = [key | {"stream_id": stream.stream_id} | msgspec.structs.asdict(row) for row in rows]
        with self._database.write() as connection:
            self._touch(connection, leased, run, **counted)
            if stream.state in {"waiting", "gone"}:
                connection.execute(sa.delete(saas_stream_apps).where(*_of_stream(saas_stream_apps, run, stream)))
            fields = [name for name in AppRow.__struct_fields__ if name != "app_id"]
            self._database.upsert(connection, saas_stream_apps, made, update=fields)
            facts = {name: value for name, value in msgspec.structs.asdict(stream).items() if name not in _KEY}
            connection.execute(
                sa.update(saas_run_streams).where(*_of_stream(saas_run_streams, run, stream)).values(facts)
            )

    def carry_over(self, leased: Integration, run: Run, stream: RunStream, earlier: int) -> None:
        """Copy an earlier run's rows for a stream that could not be read now, replacing its present ones."""
        table = saas_stream_apps
        names = [column.name for column in table.columns]
        chosen = [sa.literal(run.number).label("run") if name == "run" else table.c[name] for name in names]
        there = (*of_integration(table, leased), table.c.run == earlier, table.c.stream_id == stream.stream_id)
        with self._database.write() as connection:
            self._touch(connection, leased, run)
            connection.execute(sa.delete(table).where(*_of_stream(table, run, stream)))
            connection.execute(sa.insert(table).from_select(names, sa.select(*chosen).where(*there)))

    def close(
        self,
        leased: Integration,
        run: Run,
        outcome: Outcome,
        message: str,
        spent: tuple[int, int] = (0, 0),
        resume_at: int | None = None,
    ) -> None:
        """End a run without a result; an interrupted one resumes at ``resume_at`` (ms)."""
        counted = {"requests": saas_runs.c.requests + spent[0], "retries": saas_runs.c.retries + spent[1]}
        ended = {"outcome": outcome, "message": message, "ended": self._clock(), "resume_at": resume_at}
        with self._database.write() as connection:
            self._touch(connection, leased, run, **ended, **counted)

    def finish(
        self,
        leased: Integration,
        run: Run,
        apps: Sequence[tuple[AppRow, int]],
        changes: Sequence[Change],
        *,
        spent: tuple[int, int] = (0, 0),
        keep_from: int,
    ) -> None:
        """End ``run`` with its result, which replaces the one shown so far.

        ``apps`` are the merged rows, each with its number of streams; ``spent`` are requests and retries not stored
        yet. Deletes the rows of other runs, and runs that began before ``keep_from`` (ms) with their changes.
        """
        counted = {"requests": saas_runs.c.requests + spent[0], "retries": saas_runs.c.retries + spent[1]}
        key = {"tenant_id": run.tenant_id, "integration": run.integration, "run": run.number}
        ended = {"outcome": run.outcome, "message": run.message, "counts": run.counts, "ended": self._clock()}
        made = [key | {"streams": streams} | msgspec.structs.asdict(row) for row, streams in apps]
        noted = [key | msgspec.structs.asdict(each) for each in changes]
        with self._database.write() as connection:
            self._touch(connection, leased, run, **ended, **counted)
            hold(connection, leased, self._clock(), current_run=run.number)
            for table in (saas_stream_apps, saas_apps):
                others = table.c.run != run.number if table is saas_stream_apps else sa.true()
                connection.execute(sa.delete(table).where(*of_integration(table, leased), others))
            for table, rows in ((saas_apps, made), (saas_changes, noted)):
                if rows:
                    connection.execute(sa.insert(table), rows)
            self._forget(connection, leased, run, keep_from)

    def _touch(self, connection: sa.Connection, leased: Integration, run: Run, **values: object) -> None:
        now = self._clock()
        hold(connection, leased, now)
        mine = (*of_integration(saas_runs, leased), saas_runs.c.number == run.number)
        connection.execute(sa.update(saas_runs).where(*mine).values(touched=now, **values))

    def _forget(self, connection: sa.Connection, leased: Integration, shown: Run, keep_from: int) -> None:
        old = sa.select(saas_runs.c.number).where(*of_integration(saas_runs, leased), saas_runs.c.started < keep_from)
        numbers = [number for number in connection.execute(old).scalars() if number != shown.number]
        for table, column in ((saas_changes, "run"), (saas_run_streams, "run"), (saas_runs, "number")):
            gone = table.c[column].in_(numbers)
            connection.execute(sa.delete(table).where(*of_integration(table, leased), gone))


def _in_run(table: sa.Table, run: Run) -> tuple[sa.ColumnElement[bool], ...]:
    return table.c.tenant_id == run.tenant_id, table.c.integration == run.integration, table.c.run == run.number


def _of_stream(table: sa.Table, run: Run, stream: RunStream) -> tuple[sa.ColumnElement[bool], ...]:
    return *_in_run(table, run), table.c.stream_id == stream.stream_id
