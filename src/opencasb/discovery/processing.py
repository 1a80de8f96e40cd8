"""Processing of a queued log file into usage in the lake, exactly once (design rule 5).

Order of the durable steps: the usage goes into the lake under the batch's key, the result into the governance log, then
the upload's state changes and the file is deleted. If a worker is killed after any of them, the next one repeats the
work and changes only what is missing.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from opencasb.catalog.paths import shipped_paths
from opencasb.discovery import verdicts
from opencasb.discovery.compression import LogError
from opencasb.discovery.custom.attached import AttachedParsers
from opencasb.discovery.drift_watch import DriftWatch, is_private, masked
from opencasb.discovery.evidence import followed
from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.intake import Intake
from opencasb.discovery.line_shape import LineShape
from opencasb.discovery.reading import ReadLog, read_log
from opencasb.discovery.reports import Reports
from opencasb.discovery.rollup import FUTURE_DAYS, RolledUp, RollUp, Rules, with_unlisted_ids
from opencasb.discovery.verdicts import Verdict
from opencasb.lake.maintenance import forget_stream
from opencasb.lake.names import Pseudonyms
from opencasb.lake.usage import BATCH_KEPT_MS, KEY, SUMS, Lake, stream_key
from opencasb.model.durations import HOUR
from opencasb.model.source_types import CUSTOM, OTHER
from opencasb.model.stream import Stream
from opencasb.store.exclusions import Exclusions
from opencasb.store.governance import GovernanceLog
from opencasb.store.outage import outage_of
from opencasb.store.receiver_counters import ReceiverCounters, Taken
from opencasb.store.streams import Streams
from opencasb.store.unlisted_apps import UnlistedApps
from opencasb.store.uploads import MAX_ATTEMPTS, MAX_INTERRUPTIONS, SYSLOG, Upload, Uploads

AGGREGATION_TASK: Final = "DiscoveryAggregationsTask"
SEGMENT_KEPT_MS: Final = HOUR
"""How long the lake keeps the key of a syslog segment, of which a source may send 40,000 a day.

Segments are never re-sent: only a retry after a kill or an outage asks. For an older one the lake reads its log.
"""


class Postponed(Exception):
    """A store is temporarily unavailable: the upload waits and is retried without limit; the message says why.

    It replaces the original exception, which may not be picklable.
    """


class Outcome(msgspec.Struct, frozen=True):
    """The outcome of an upload: its verdict, line counts, and the attributes its lines had.

    ``complaint`` is an error of the source even though the upload counts.
    """

    verdict: Verdict
    counts: Mapping[str, Any] = {}  # JSON
    known: frozenset[str] = frozenset()
    shapes: Sequence[LineShape] = ()
    complaint: str = ""


class Processing(msgspec.Struct, frozen=True):
    """Everything needed to process an upload. ``retention_days`` 0 accepts events of any age."""

    uploads: Uploads
    streams: Streams
    exclusions: Exclusions
    unlisted_apps: UnlistedApps
    governance_log: GovernanceLog
    counters: ReceiverCounters
    drift: DriftWatch
    intake: Intake
    reports: Reports
    lake: Lake
    parsers: AttachedParsers
    pseudonym_key: Callable[[int], bytes]
    retention_days: int
    max_expanded_bytes: int
    clock: Callable[[], int]

    def run(self, upload: Upload) -> None:
        """Process a leased upload to completion; an exception leaves it queued for another attempt.

        Raises :class:`Postponed` if a full disk or a locked database is to blame rather than the file.
        """
        try:
            self._process(upload)
        except Exception as error:
            outage = outage_of(error)
            if outage is None:
                raise
            self._note_waiting(upload, str(outage))
            raise Postponed(str(outage)) from error

    def _process(self, upload: Upload) -> None:
        stream = self._stream(upload)
        if stream is not None:
            self.intake.announce(upload.tenant_id, upload.task_id, stream, upload.created_by, upload.filename)
            outcome = self._outcome(upload, stream)
        if stream is None or self._stream(upload) is None:  # deleted while the file waited or was being read
            forget_stream(self.lake, upload.tenant_id, upload.stream_id or "")
            text = "the data source or report of this file was deleted before the file was counted"
            outcome = Outcome(verdicts.processing_failed(text))
        self._finish(upload, outcome)

    def _stream(self, upload: Upload) -> Stream | None:
        return self.streams.get(upload.tenant_id, upload.stream_id or "")

    def _outcome(self, upload: Upload, stream: Stream) -> Outcome:
        refusal = _refusal(upload, stream)
        if refusal is not None:
            return Outcome(refusal)
        received = upload.received or self.clock()
        context = ParseContext(received_at=received, timezone=stream.timezone, want_url=False, follow=followed())
        catalog = self.reports.catalog(upload.tenant_id)
        try:
            attached = self.parsers.of(stream)
            read = read_log(
                self.intake.file(upload),
                upload.source if attached is None else attached.format,
                context,
                RollUp(catalog, self._rules(stream, received)),
                max_expanded_bytes=self.max_expanded_bytes,
            )
        except LogError as error:
            return Outcome(verdicts.of_error(error, upload.source))
        fits = _fits(upload, read)
        is_new = not fits or self._store(upload, stream, read.rolled_up)
        verdict = verdicts.of_log(read, upload.source, self.retention_days, fits=fits, is_new=is_new)
        counts = read.counts()
        counts |= {} if attached is None else attached.as_result()
        if is_private(stream):  # a line could reveal what the pseudonyms hide
            counts["rejectedSamples"] = [{**each, "text": masked(each["text"])} for each in counts["rejectedSamples"]]
        complaint = (read.mismatch or "") if fits else ""
        return Outcome(verdict, counts, read.rolled_up.known, read.shapes, complaint)

    def _rules(self, stream: Stream, received: int) -> Rules:
        excluded = self.exclusions.all(stream.tenant_id)
        named = {kind: frozenset(e.value.lower() for e in excluded if e.kind == kind) for kind in ("user", "device")}
        today = datetime.fromtimestamp(received / 1000, UTC).date()
        return Rules(
            received_at=received,
            oldest=today - timedelta(days=self.retention_days) if self.retention_days else None,
            newest=today + timedelta(days=FUTURE_DAYS),
            users=named["user"],
            devices=named["device"],
            networks=tuple(e.value for e in excluded if e.kind == "ip"),
            hide=self._pseudonyms(stream),
            paths=shipped_paths(),
        )

    def _pseudonyms(self, stream: Stream) -> dict[str, Callable[[str], str]]:
        wanted = {"user": stream.anonymize_users, "device": stream.anonymize_machines}
        if not any(wanted.values()):
            return {}
        pseudonyms = Pseudonyms(self.pseudonym_key(stream.tenant_id))
        return {kind: partial(pseudonyms.hide, kind) for kind, hidden in wanted.items() if hidden}

    def _store(self, upload: Upload, stream: Stream, rolled_up: RolledUp) -> bool:
        """Store usage; return False if the source sent the same file before, as far as the lake can tell."""
        import polars as pl

        if rolled_up.usage.is_empty() or self._is_stored(upload):
            return True
        ids = self.unlisted_apps.ids(upload.tenant_id, rolled_up.domains)
        self.unlisted_apps.traces.note(upload.tenant_id, rolled_up.traces, upload.received or self.clock())
        usage = with_unlisted_ids(rolled_up, ids).with_columns(
            pl.lit(upload.tenant_id, pl.Int32).alias("tenant_id"),
            pl.lit(stream_key(stream.stream_id), pl.Int64).alias("stream_key"),
        )
        is_new = self.lake.append(
            upload.tenant_id,
            usage.select(*KEY, *SUMS, "first_seen", "last_seen"),
            rolled_up.names,
            _batch(upload),
            kept_ms=SEGMENT_KEPT_MS if upload.origin == SYSLOG else BATCH_KEPT_MS,
        )
        return is_new or _came_again(upload)  # an earlier attempt may have stored it

    def _is_stored(self, upload: Upload) -> bool:
        """Return whether an earlier attempt stored a segment whose key the lake may have forgotten."""
        is_old = upload.origin == SYSLOG and self.clock() - upload.created >= SEGMENT_KEPT_MS
        return _came_again(upload) and is_old and self.lake.brought(upload.tenant_id, _batch(upload))

    def _finish(self, upload: Upload, outcome: Outcome) -> None:
        verdict = outcome.verdict
        result = {"success": verdict.success, "code": verdict.code, "text": verdict.text, **outcome.counts}
        if upload.task_id is not None:
            self._note_result(upload, upload.task_id, outcome)

        def count(connection: sa.Connection) -> None:
            key = (upload.tenant_id, upload.stream_id or "")
            self.streams.count_file(connection, *key, outcome.known, success=verdict.success)
            self._count_lines(connection, upload, outcome)
            stream = self._stream(upload)
            if stream is not None:
                self.drift.observe(connection, stream, outcome.shapes)

        self.uploads.finish(upload, "done" if verdict.success else "failed", result, count)
        shutil.rmtree(self.intake.folder(upload), ignore_errors=True)

    def _count_lines(self, connection: sa.Connection, upload: Upload, outcome: Outcome) -> None:
        """Count the lines of a file; syslog lines have been counted by their receiver."""
        error, came = outcome.complaint if outcome.verdict.success else outcome.verdict.text, upload.origin != SYSLOG
        taken = Taken(
            tenant_id=upload.tenant_id,
            stream_id=upload.stream_id or "",
            lines=outcome.counts.get("linesRead", 0) if came else 0,
            bytes=upload.size if came else 0,
            errors=int(bool(error)),
            last_seen=upload.received,
            last_error=error,
        )
        self.counters.add([taken], connection)

    def _note_waiting(self, upload: Upload, why: str) -> None:
        """Show in the governance log why a task is still pending, if that can be stored."""
        if upload.task_id is not None:
            with suppress(sa.exc.SQLAlchemyError):
                self.governance_log.wait(upload.tenant_id, upload.task_id, why)

    def _note_result(self, upload: Upload, task_id: str, outcome: Outcome) -> None:
        verdict = outcome.verdict
        parameters = {**verdict.parameters, "message": verdict.text, **outcome.counts}
        self.governance_log.finish(
            upload.tenant_id, task_id, success=verdict.success, template=verdict.template, parameters=parameters
        )
        if verdict.success:
            self._note_aggregation(upload)

    def _note_aggregation(self, upload: Upload) -> None:
        """Write the aggregation task that clients expect after a parse (api §14); ours is already done."""
        task_id = f"{int(upload.upload_id, 16) ^ 1:024x}"
        self.governance_log.add(upload.tenant_id, AGGREGATION_TASK, stream_id=upload.stream_id, task_id=task_id)
        self.governance_log.finish(
            upload.tenant_id, task_id, success=True, template="AGGREGATION_COMPLETED", parameters={}
        )


def _refusal(upload: Upload, stream: Stream) -> Verdict | None:
    """Return why an upload is refused unread, or None."""
    if upload.attempts > MAX_ATTEMPTS:
        text = f"the file could not be processed in {MAX_ATTEMPTS} attempts; the server's log says why"
        return verdicts.processing_failed(text)
    if upload.interruptions > MAX_INTERRUPTIONS:
        text = f"the server ended {MAX_INTERRUPTIONS} times while it processed the file; if the file is not why, "
        return verdicts.processing_failed(text + "upload it again")
    if upload.source in {OTHER, CUSTOM} and not stream.parser:
        text = f"logs of the type {upload.source} are not parsed: choose the appliance's, or attach a custom parser"
        return verdicts.unsupported_log_type(text)
    return None


def _came_again(upload: Upload) -> bool:
    """Return whether this is not the first attempt to process an upload."""
    return upload.attempts > 1 or upload.interruptions > 0 or upload.result is not None


def _batch(upload: Upload) -> str:
    """Return the batch's key in the lake: the same bytes sent to the same stream are the same batch.

    Two syslog segments with equal bytes are two batches: equal lines arrived twice.
    """
    return upload.upload_id if upload.origin == SYSLOG else f"{upload.stream_id}:{upload.digest}"


def _fits(upload: Upload, read: ReadLog) -> bool:
    """Return whether what was read counts; a syslog segment is cut by our clock alone, so each of its lines does."""
    return read.mismatch is None or (upload.origin == SYSLOG and read.used > 0)
