"""From a queued log file to usage in the lake, exactly once (design rule 5).

Order of the durable steps: usage into the lake under the batch's key, then the upload's state, then the governance log,
then the file goes. Killed after any of them, the next worker repeats the work and changes only what is missing.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from opencasb.discovery import verdicts
from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.intake import UNPARSED, Intake
from opencasb.discovery.reports import Reports
from opencasb.discovery.rollup import RolledUp, RollUp, Rules
from opencasb.discovery.verdicts import Verdict
from opencasb.lake.names import Pseudonyms
from opencasb.lake.usage import Lake, stream_key
from opencasb.model.stream import Stream
from opencasb.store.exclusions import Exclusions
from opencasb.store.governance import GovernanceLog
from opencasb.store.streams import Streams
from opencasb.store.tenants import Tenants
from opencasb.store.unlisted_apps import UnlistedApps
from opencasb.store.uploads import MAX_ATTEMPTS, Upload, Uploads

if TYPE_CHECKING:
    import polars as pl

AGGREGATION_TASK: Final = "DiscoveryAggregationsTask"
FUTURE_DAYS: Final = 1
"""How far a clock may be ahead."""


@dataclass(frozen=True, slots=True)
class Processing:
    """Everything that processing an upload needs. ``retention_days`` 0 takes events of any age."""

    uploads: Uploads
    streams: Streams
    tenants: Tenants
    exclusions: Exclusions
    unlisted_apps: UnlistedApps
    governance_log: GovernanceLog
    intake: Intake
    reports: Reports
    lake: Lake
    retention_days: int
    max_expanded_bytes: int
    clock: Callable[[], int]

    def run(self, upload: Upload) -> None:
        """Process a leased upload to its end; an exception leaves it queued for another attempt."""
        stream = self.streams.get(upload.tenant_id, upload.stream_id or "")
        if stream is None:  # its data source was deleted while it waited
            self.uploads.change(upload.tenant_id, upload.upload_id, expect=("queued",), state="failed")
            shutil.rmtree(self.intake.folder(upload), ignore_errors=True)
            return
        self.intake.announce(upload.tenant_id, upload.task_id, stream, upload.created_by, upload.filename)
        verdict, counts, known = self._outcome(upload, stream)
        self._finish(upload, stream, verdict, counts, known)

    def _outcome(self, upload: Upload, stream: Stream) -> tuple[Verdict, dict[str, Any], frozenset[str]]:
        if upload.attempts > MAX_ATTEMPTS:
            return verdicts.gave_up(MAX_ATTEMPTS), {}, frozenset()
        if upload.source in UNPARSED:
            return verdicts.unsupported_log_type(), {}, frozenset()
        return self._parse(upload, stream)
