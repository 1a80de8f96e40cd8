"""The task *Discovered App Usage*: reads all pages of all streams, merges them, compares runs (saas §1, §3).

Progress is stored, so a run that was killed or interrupted resumes at the page where it stopped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import msgspec

from opencasb.model.durations import HOUR
from opencasb.model.saas import PERMISSION, AppRow, Change, Integration, Run, RunStream
from opencasb.saas.app_rows import Reader
from opencasb.saas.changes import changes
from opencasb.saas.errors import ActionRequired, InvalidResponse, LinkRefused, RetryLater, ServerFailure, StreamGone
from opencasb.saas.explanations import CONSENT_MISSING
from opencasb.saas.graph import Graph, Page
from opencasb.saas.merging import GLOBAL_VIEW, merged
from opencasb.saas.retry import Retry
from opencasb.saas.tokens import Tokens
from opencasb.saas.web import Web
from opencasb.store.saas_runs import SaasRuns
from opencasb.store.saas_usage import SaasUsage

MOST_STREAMS: Final = 10_000
MOST_PAGES: Final = 10_000
"""Most pages of one list: enough for a million apps, more than any catalog has."""
MOST_RESTARTS: Final = 3
"""How often one stream is restarted because its links are no longer valid."""
GIVE_UP_AFTER: Final = HOUR
"""How long (ms) after its start a run still waits for a stream that the server fails to deliver."""


class Connection(msgspec.Struct, frozen=True):
    """What a run uses to reach its Graph."""

    web: Web
    retry: Retry
    tokens: Tokens
    graph: Graph


@dataclass(eq=False)
class UsageTask:
    """One run, executed by the holder of its integration's lease."""

    _leased: Integration
    _run: Run
    _connection: Connection
    _runs: SaasRuns
    _usage: SaasUsage
    _clock: Callable[[], int]
    _counted: tuple[int, int] = field(default=(0, 0), init=False)

    def execute(self, keep_from: int) -> None:
        """Read everything and finish the run; delete runs from before ``keep_from`` (ms).

        Raises :class:`Problem` if the run cannot finish, or :class:`LeaseLost`.
        """
        check_roles(self._connection.tokens.current().roles, self._leased.roles)
        streams = self._runs.streams(self._run) or self._list()
        unread = {each.stream_id: problem for each in streams if (problem := self._stream(each)) is not None}
        if unread and self._clock() - self._run.started < GIVE_UP_AFTER:
            raise RetryLater(
                "streams_unread", f"{len(unread)} of {len(streams)} streams: {next(iter(unread.values()))}"
            )
        for each in self._runs.streams(self._run):
            if each.stream_id in unread:
                self._keep(each, state="failed", message=str(unread[each.stream_id]))
        self._conclude(keep_from)

    def spent(self) -> tuple[int, int]:
        """Return the numbers of requests and retries since the last call."""
        now = (self._connection.web.requests, self._connection.retry.retries)
        before, self._counted = self._counted, now
        return now[0] - before[0], now[1] - before[1]

    def _list(self) -> list[RunStream]:
        found: dict[str, RunStream] = {}
        page, seen = self._connection.graph.streams(), {""}
        while True:
            for record in page.records:
                made = self._run_stream(record, len(found))
                if made is not None:
                    found.setdefault(made.stream_id, made)
            if len(found) > MOST_STREAMS:
                raise InvalidResponse("too_many_streams", f"There are more than {MOST_STREAMS} streams.")
            if not page.next_link:
                break
            _check_new(page, seen)
            page = self._connection.graph.streams(page.next_link)
        streams = list(found.values())
        self._runs.put_streams(self._leased, self._run, streams)
        return streams

    def _run_stream(self, record: object, position: int) -> RunStream | None:
        # Stream ids and names are limited and cleaned like those of apps.
        facts = Reader().app(record)
        if facts is None or not isinstance(record, dict):
            return None
        return RunStream(
            tenant_id=self._run.tenant_id,
            integration=self._run.integration,
            run=self._run.number,
            stream_id=facts.app_id,
            position=position,
            name=facts.display_name,
            snapshot=record.get("isSnapshotReport") is True,
        )

    def _stream(self, stream: RunStream) -> ServerFailure | None:
        """Read the rest of a stream; return the failure if it has to wait, else None."""
        seen, restarts = {""}, 0
        while stream.state in {"waiting", "reading"}:
            try:
                page = self._connection.graph.apps(stream.stream_id, self._leased.period_days, stream.next_link)
                _check_new(page, seen)
                stream = self._page(stream, page)
            except LinkRefused as problem:
                restarts += 1
                if restarts > MOST_RESTARTS:
                    stream = self._keep(stream, state="failed", message=str(problem))
                else:
                    seen = {""}
                    stream = self._begin_anew(stream)
            except StreamGone as problem:
                stream = self._keep(stream, state="gone", next_link="", rows=0, message=str(problem))
            except InvalidResponse as problem:
                stream = self._keep(stream, state="failed", message=str(problem))
            except ServerFailure as problem:
                return problem
        return None

    def _page(self, stream: RunStream, page: Page) -> RunStream:
        reader = Reader()
        rows = [row for record in page.records if (row := reader.app(record)) is not None]
        unique = {row.app_id: row for row in rows}
        kept = msgspec.structs.replace(
            stream,
            state="reading" if page.next_link else "read",
            next_link=page.next_link,
            pages=stream.pages + 1,
            rows=stream.rows + len(unique),
            skipped_rows=stream.skipped_rows + len(page.records) - len(rows),
            odd_values=stream.odd_values + reader.odd,
        )
        self._runs.keep(self._leased, self._run, kept, list(unique.values()), spent=self.spent())
        return kept

    def _begin_anew(self, stream: RunStream) -> RunStream:
        return self._keep(stream, state="waiting", next_link="", pages=0, rows=0, skipped_rows=0, odd_values=0)

    def _keep(self, stream: RunStream, **values: object) -> RunStream:
        kept = msgspec.structs.replace(stream, **values)
        self._runs.keep(self._leased, self._run, kept, spent=self.spent())
        return kept

    def _conclude(self, keep_from: int) -> None:
        streams, earlier = self._runs.streams(self._run), self._comparable()
        failed = [each for each in streams if each.state == "failed"]
        if failed and len(failed) == len(streams):
            raise InvalidResponse("no_stream", f"No stream could be read. {failed[0].message}")
        for each in failed if earlier else ():
            self._runs.carry_over(self._leased, self._run, each, earlier)
        rows = [self._usage.of_stream(self._leased, self._run.number, each.stream_id) for each in streams]
        apps = merged(rows, {at for at, each in enumerate(streams) if each.name.lower() == GLOBAL_VIEW})
        after = {row.app_id: row for row, _ in apps}
        found = changes(self._usage.merged(self._leased), after) if earlier else []
        ended = msgspec.structs.replace(
            self._run,
            outcome="partial" if failed else "completed",
            message=_message(streams),
            counts=_counts(streams, rows, len(apps), found),
        )
        self._runs.finish(self._leased, ended, apps, found, spent=self.spent(), keep_from=keep_from)

    def _comparable(self) -> int:
        """Return the number of the run currently shown; 0 if there is none or it has another origin."""
        number = self._leased.current_run
        shown = None if number is None else self._runs.get(self._leased, number)
        return shown.number if shown is not None and shown.origin == self._run.origin else 0


def check_roles(roles: tuple[str, ...] | None, authorized: list[str] | None) -> None:
    """Check that a token has the permission, and the same roles as when the integration was authorised (saas §4).

    An opaque token passes: the first response will tell. Raises :class:`ActionRequired`.
    """
    if roles is None:
        return
    if PERMISSION not in roles:
        raise ActionRequired("consent_missing", CONSENT_MISSING)
    if authorized is not None and set(roles) != set(authorized):
        added, removed = sorted(set(roles) - set(authorized)), sorted(set(authorized) - set(roles))
        what = [f"{word} {', '.join(names)}" for word, names in (("added:", added), ("removed:", removed)) if names]
        raise ActionRequired(
            "permissions_changed",
            f"The permissions of the registration are others than when it was authorised ({'; '.join(what)[:300]}). "
            "Authorise the integration again.",
        )


def _check_new(page: Page, seen: set[str]) -> None:
    """Check that paging neither loops nor goes on for ever."""
    if page.next_link and page.next_link in seen:
        raise InvalidResponse("endless", "The pages go in circles: a link to the next page came twice.")
    if len(seen) > MOST_PAGES:
        raise InvalidResponse("endless", f"The pages have no end: there are more than {MOST_PAGES}.")
    seen.add(page.next_link)


def _message(streams: list[RunStream]) -> str:
    parts = [f"{each.name}: {each.message or 'not read'}"[:300] for each in streams if each.state in {"gone", "failed"}]
    return " ".join(parts[:10])


def _counts(streams: list[RunStream], rows: list[list[AppRow]], apps: int, found: list[Change]) -> dict[str, int]:
    states, kinds = Counter(each.state for each in streams), Counter(each.kind for each in found)
    return {
        "streams": len(streams),
        "streams_gone": states["gone"],
        "streams_failed": states["failed"],
        "pages": sum(each.pages for each in streams),
        "rows": sum(map(len, rows)),
        "apps": apps,
        "skipped_rows": sum(each.skipped_rows for each in streams),
        "odd_values": sum(each.odd_values for each in streams),
        "new": kinds["new"],
        "gone": kinds["gone"],
        "risk": kinds["risk"],
        "usage": kinds["usage"],
    }
