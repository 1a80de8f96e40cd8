"""The worker: leases queued uploads and has them processed, on this machine or on others.

An upload is its own durable job record, and only the holder of its lease works on it. A worker that dies loses the
lease, and its finished work is not repeated, because the lake knows each batch by its key.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from threading import Event
from typing import Any, Final

import structlog

from opencasb.discovery.processing import Postponed
from opencasb.store.lease_owner import is_gone, this_process
from opencasb.store.outage_log import log_failure
from opencasb.store.uploads import Upload, Uploads

_log = structlog.get_logger(__name__)

POLL_SECONDS: Final = 0.5
RENEW_SECONDS: Final = 10.0
RETRY_MS: Final = 5_000
POSTPONED_MS: Final = 10_000


Submit = Callable[[Upload], Future[None]]
"""Submits an upload for processing."""


class Worker:
    """Keeps up to ``slots`` uploads in progress."""

    def __init__(self, uploads: Uploads, submit: Submit, slots: int, clock: Callable[[], int]) -> None:
        self._uploads = uploads
        self._submit = submit
        self._slots = slots
        self._clock = clock
        self._running: dict[Future[None], Upload] = {}
        self._renewed = clock()
        self.owner = this_process()

    def run(self, stop: Event) -> None:
        """Work until ``stop`` is set; uploads in progress are finished by their processes or taken over later."""
        self._try(lambda: self._uploads.release(self._was_left_by) > 0)
        while not stop.is_set():
            if not self._try(self.turn):
                stop.wait(POLL_SECONDS)

    def _was_left_by(self, owner: str) -> bool:
        """Return whether a lease is abandoned; one in our name is left from an earlier process with our number."""
        return owner == self.owner or is_gone(owner)

    def turn(self) -> bool:
        """Take a step, or wait until an upload in progress ends, since a small one takes less than the poll interval.

        Return False if nothing is in progress.
        """
        if self.step():
            return True
        if not self._running:
            return False
        wait(self._running, POLL_SECONDS, FIRST_COMPLETED)
        return True

    def step(self) -> bool:
        """Start what can be started and clean up what has ended; tell whether anything was started."""
        self._reap()
        self._renew()
        started = False
        while len(self._running) < self._slots:
            upload = self._uploads.lease(self.owner)
            if upload is None:
                break
            self._running[self._submit(upload)] = upload
            started = True
        return started

    def _try(self, work: Callable[[], bool]) -> bool:
        """Survive transient failures, such as a database restart."""
        try:
            return work()
        except Exception as error:  # noqa: BLE001 -- whatever it is, the queue must go on
            log_failure("worker failed, and goes on", error)
            return False

    def _reap(self) -> None:
        for future in [future for future in self._running if future.done()]:
            upload, error = self._running[future], future.exception()
            if isinstance(error, Postponed):
                self._postpone(upload, str(error))
            elif error is not None:
                log_failure("processing failed", error, upload_id=upload.upload_id, attempts=upload.attempts)
                self._free(upload, RETRY_MS * upload.attempts)
            del self._running[future]  # last, since an attempt that is not taken back would count

    def _postpone(self, upload: Upload, why: str) -> None:
        """Return an upload to the queue as if it had not been tried: its file is not to blame."""
        _log.warning("processing postponed", upload_id=upload.upload_id, reason=why)
        self._free(upload, POSTPONED_MS, attempts=upload.attempts - 1, result={"text": why})

    def _free(self, upload: Upload, wait: int, **changed: Any) -> None:  # columns of uploads
        """Release the lease; the upload is retried in ``wait`` ms."""
        free = {"lease_owner": "", "lease_until": self._clock() + wait}
        self._uploads.change(upload.tenant_id, upload.upload_id, expect=("queued",), **free, **changed)

    def _renew(self) -> None:
        if self._clock() - self._renewed < RENEW_SECONDS * 1000:
            return
        self._renewed = self._clock()
        for upload in self._running.values():
            self._uploads.renew(upload)
