"""The records of the SaaS-management integration: integrations, runs, app usage and changes (saas §2, §3)."""

from __future__ import annotations

from typing import ClassVar, Final, Literal, get_args

import msgspec

from opencasb.model.guarded import Guarded

GRAPH_HOST: Final = "https://graph.microsoft.com"
AUTHORITY: Final = "https://login.microsoftonline.com"
MICROSOFT: Final = frozenset(
    {"graph.microsoft.com", "graph.microsoft.us", "dod-graph.microsoft.us", "microsoftgraph.chinacloudapi.cn"}
)
"""Hosts of Microsoft Graph: public and national clouds; tokens for the latter have an audience of their own."""
PERMISSION: Final = "CloudApp-Discovery.Read.All"
PERIODS: Final = (7, 30, 90)
"""The only permitted periods, in days (graph §2)."""

State = Literal["new", "ready", "refused"]
"""``new``: not authorised since it was created or changed; ``refused``: must be authorised again."""

Outcome = Literal["running", "interrupted", "completed", "partial", "failed"]
"""``running`` and ``interrupted`` runs can be resumed; ``partial`` lacks data that some stream did not deliver."""

StreamState = Literal["waiting", "reading", "read", "gone", "failed"]
ChangeKind = Literal["new", "gone", "risk", "usage"]
KINDS: Final = get_args(ChangeKind)


class Integration(Guarded, frozen=True, kw_only=True):
    """A registration in an external directory, and what is read with it. Times are ms since the epoch UTC.

    ``directory_id`` is the external tenant, ``tenant_id`` ours. ``authority`` and ``graph_url`` begin with https:// and
    have no trailing slash. ``ca`` is PEM of the only CAs to trust; if empty, the usual ones are. ``anywhere`` permits
    non-public addresses, as set on the command line. ``roles`` are the
    permissions in the token at authorisation; None if it could not be read. ``current_run`` is the run whose rows are
    displayed.
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
    anywhere: bool = False
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
        """The origin of rows; those of different origins can be neither compared nor combined."""
        return f"{self.graph_url} {self.directory_id} P{self.period_days}D"


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One run of the task. ``touched`` is the time of its last step; ``counts`` holds what it found.

    ``resume_at`` is when to resume an interrupted run.
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
    """A stream of a run and its progress: ``next_link`` is the page to read next, empty for the first."""

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
    """The thirteen stored fields of an app in one stream (saas §2), plus when it was first seen.

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
    """A change of an app between two runs: ``field`` went from ``before`` to ``after``."""

    app_id: str
    kind: ChangeKind
    display_name: str
    field: str = ""
    before: int | None = None
    after: int | None = None
