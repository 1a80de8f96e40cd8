"""What the SaaS-management integration keeps: integrations, runs, usage of apps, and changes (saas §2, §3)."""

from __future__ import annotations

from typing import ClassVar, Final, Literal, get_args

import msgspec

from opencasb.model.guarded import Guarded

GRAPH_HOST: Final = "https://graph.microsoft.com"
AUTHORITY: Final = "https://login.microsoftonline.com"
MICROSOFT: Final = frozenset(
    {"graph.microsoft.com", "graph.microsoft.us", "dod-graph.microsoft.us", "microsoftgraph.chinacloudapi.cn"}
)
"""Hosts of Microsoft's Graphs: the public cloud's, and the national ones, whose tokens are for a name of their own."""
PERMISSION: Final = "CloudApp-Discovery.Read.All"
PERIODS: Final = (7, 30, 90)
"""Days; nothing else can be asked for (graph §2)."""

State = Literal["new", "ready", "refused"]
"""``new``: not authorised yet, or not since it was changed; ``refused``: has to be authorised again."""

Outcome = Literal["running", "interrupted", "completed", "partial", "failed"]
"""``running`` and ``interrupted`` can be resumed; ``partial`` lacks what some stream would not give."""

StreamState = Literal["waiting", "reading", "read", "gone", "failed"]
ChangeKind = Literal["new", "gone", "risk", "usage"]
KINDS: Final = get_args(ChangeKind)


class Integration(Guarded, frozen=True, kw_only=True):
    """A registration at somebody's directory, and what is read with it. Times are ms since the epoch UTC.

    ``directory_id`` is their tenant, ``tenant_id`` ours. ``authority`` and ``graph_url`` begin with https:// and have
    no slash at the end. ``ca`` is PEM of the only CAs to trust; empty are the usual ones. ``roles`` are the permissions
    that a token had when it was authorised; None where a token could not be read. ``current_run`` is the run whose rows
    are shown.
    """

    GUARDED: ClassVar = ("sealed_secret",)

    tenant_id: int
    name: str
    directory_id: str
    client_id: str
    sealed_secret: bytes
    authority: str = AUTHORITY
    graph_url: str = GRAPH_HOST
    ca: str = ""
    period_days: int = 90
    schedule: str = "off"
    state: State = "new"
    state_message: str = ""
    roles: list[str] | None = None
    authorized: int | None = None
    asked: int | None = None
    created: int = 0
    lease_owner: str = ""
    lease_until: int = 0
    last_run: int = 0
    current_run: int | None = None

    @property
    def origin(self) -> str:
        """What rows come from: those of another origin cannot be compared, or added to."""
        return f"{self.graph_url} {self.directory_id} P{self.period_days}D"


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One run of the task. ``touched`` is the time of its last step; ``counts`` says what it found.

    ``resume_at`` is when to go on with one that was interrupted.
    """

    tenant_id: int
    integration: str
    number: int
    reason: str
    origin: str
    started: int
    touched: int
    ended: int | None = None
    resume_at: int | None = None
    outcome: Outcome = "running"
    message: str = ""
    requests: int = 0
    retries: int = 0
    counts: dict[str, int] = {}


class RunStream(msgspec.Struct, frozen=True, kw_only=True):
    """A stream of a run, and how far it was read: ``next_link`` is the page to read next, empty for the first."""

    tenant_id: int
    integration: str
    run: int
    stream_id: str
    position: int
    name: str
    snapshot: bool = False
    state: StreamState = "waiting"
    next_link: str = ""
    pages: int = 0
    rows: int = 0
    skipped_rows: int = 0
    odd_values: int = 0
    message: str = ""


class AppRow(msgspec.Struct, frozen=True, kw_only=True):
    """The thirteen stored fields of an app in one stream (saas §2), and when it was first seen.

    Times are ms since the epoch UTC, traffic is in bytes. ``device_count`` None: the stream has no devices;
    ``risk_score`` None: unscored.
    """

    app_id: str
    display_name: str
    category: str = "unknown"
    domains: list[str] = []
    tags: list[str] = []
    risk_score: int | None = None
    last_seen: int | None = None
    first_seen: int | None = None
    user_count: int = 0
    ip_address_count: int = 0
    device_count: int | None = None
    transaction_count: int = 0
    upload_bytes: int = 0
    download_bytes: int = 0


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an app from one run to the next: ``field`` went from ``before`` to ``after``."""

    app_id: str
    kind: ChangeKind
    display_name: str
    field: str = ""
    before: int | None = None
    after: int | None = None
