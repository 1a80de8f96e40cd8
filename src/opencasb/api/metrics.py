"""Metrics of the server for Prometheus: what the store holds at the time of a scrape, and requests as they are served.

Names and units follow the Prometheus conventions (``opencasb_`` prefix, base units, ``_total`` for counters). Served on
a port of its own, because the labels name every tenant.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from anyio import CapacityLimiter, to_thread
from prometheus_client import CollectorRegistry, Counter, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from opencasb.app import Casb
    from opencasb.model.stream import Stream

PATH: Final = "/metrics"

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Methods with a label of their own; clients can invent others, and each label value costs memory."""

_RECEIVED: Final = {
    "lines": "Log lines received.",
    "bytes": "Bytes of log received, uncompressed.",
    "drops": "Log messages dropped for lack of room.",
    "errors": "Failures to receive or parse logs.",
}


class Metrics:
    """The metrics of one server; an ASGI application that answers scrapes."""

    def __init__(self, casb: Casb) -> None:
        self._registry = CollectorRegistry()
        self._own_thread = CapacityLimiter(1)  # a database that hangs must not take the threads of other requests
        self._registry.register(_StoreCollector(casb))
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        self._responses = Counter(
            "opencasb_http_responses", "Requests answered.", ("api", "method", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "opencasb_http_request_duration_seconds",
            "Time from a request to the end of its response; the feed may wait for changes.",
            ("api",),
            registry=self._registry,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a scrape in the format that it accepts; another path is 404."""
        if scope["type"] != "http":
            return
        response: Response = PlainTextResponse(f"metrics are at {PATH}\n", 404)
        if scope["path"] == PATH:
            encoder, content_type = choose_encoder(Request(scope).headers.get("accept", ""))
            body = await to_thread.run_sync(encoder, self._registry, limiter=self._own_thread)
            response = Response(body, headers={"content-type": content_type})
        await response(scope, receive, send)

    def measured(self, api: str, app: ASGIApp) -> ASGIApp:
        """Return an application that also counts and times the requests of ``api``."""

        async def measuring(scope: Scope, receive: Receive, send: Send) -> None:
            status = 0

            async def sending(message: Message) -> None:
                nonlocal status
                if message["type"] == "http.response.start":
                    status = message["status"]
                await send(message)

            started = time.perf_counter()
            try:
                await app(scope, receive, sending)
            finally:
                method = scope["method"] if scope["method"] in _METHODS else "other"
                self._seconds.labels(api).observe(time.perf_counter() - started)
                self._responses.labels(api, method, status or "none").inc()

        return measuring


class _StoreCollector(Collector):
    """Reads from the operational store at each scrape."""

    def __init__(self, casb: Casb) -> None:
        self._casb = casb

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics; without a database, only that it does not answer."""
        yield InfoMetricFamily("opencasb", "Version of the program.", {"version": version("opencasb")})
        try:
            found = [*self._queue(), *self._sources(), *self._notifications()]
        except SQLAlchemyError:
            found = []
        yield GaugeMetricFamily("opencasb_database_up", "Whether the database answers (1) or not (0).", bool(found))
        yield from found

    def _queue(self) -> Iterator[Metric]:
        uploads = self._casb.uploads
        yield GaugeMetricFamily("opencasb_uploads_queued", "Log files waiting or being parsed.", uploads.queued())
        oldest = uploads.oldest_queued()
        age = 0 if oldest is None else max(self._casb.clock() - oldest, 0) / 1000
        yield GaugeMetricFamily("opencasb_oldest_upload_age_seconds", "Time that the oldest of them has waited.", age)

    def _sources(self) -> Iterator[Metric]:
        tenants = {each.tenant_id: each.name for each in self._casb.tenants.all()}
        sources = {each.stream_id: each for each in self._casb.streams.sources()}
        taken = [each for each in self._casb.receiver_counters.all() if each.stream_id in sources]
        labels = ("tenant", "source")

        def named(source: Stream) -> tuple[str, str]:
            return tenants.get(source.tenant_id, str(source.tenant_id)), source.display_name

        for field, help_text in _RECEIVED.items():
            counter = CounterMetricFamily(f"opencasb_source_{field}", help_text, labels=labels)
            for each in taken:
                counter.add_metric(named(sources[each.stream_id]), getattr(each, field))
            yield counter
        seen = GaugeMetricFamily(
            "opencasb_source_last_seen_timestamp_seconds", "When the source last sent logs.", labels=labels
        )
        for each in taken:
            if each.last_seen is not None:
                seen.add_metric(named(sources[each.stream_id]), each.last_seen / 1000)
        yield seen

    def _notifications(self) -> Iterator[Metric]:
        gauge = GaugeMetricFamily("opencasb_notification_deliveries", "Notifications by state.", labels=("state",))
        for state, count in self._casb.notifications.notices.delivery_counts().items():
            gauge.add_metric((state,), count)
        yield gauge
