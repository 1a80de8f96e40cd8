# ruff: noqa: D102 (the real classes describe their methods)
"""What this API needs of an installation, and no more: the composition root fits, and so does a stand-in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    import polars as pl

    from opencasb.api.graph.facts import Known
    from opencasb.model.permissions import Audience
    from opencasb.model.principal import Principal
    from opencasb.model.stream import Stream


class Settings(Protocol):
    """The settings of this API."""

    @property
    def effective_public_url(self) -> str: ...
    @property
    def graph_global_view(self) -> bool: ...
    @property
    def graph_requests_per_minute(self) -> int: ...
    @property
    def host_alias(self) -> bool: ...


class Streams(Protocol):
    """The streams of each tenant."""

    def all(self, tenant_id: int, /) -> list[Stream]: ...
    def get(self, tenant_id: int, stream_id: str, /) -> Stream | None: ...


class Reports(Protocol):
    """The reports of discovered apps."""

    def apps(self, tenant_id: int, stream_id: str, days: int, day: str | None = None, /) -> pl.DataFrame: ...
    def newest_day(self, tenant_id: int, stream_id: str, /) -> str | None: ...
    def entities(
        self,
        tenant_id: int,
        stream_id: str,
        days: int,
        app_id: int,
        kind: Literal["user", "ip", "device"],
        day: str | None = None,
        /,
    ) -> list[str]: ...
    def catalog(self, tenant_id: int, /) -> Known: ...


class Access(Protocol):
    """The check of the ``Authorization`` header."""

    def authenticate(self, authorization: str | None, audience: Audience, /) -> Principal: ...


class Identity(Protocol):
    """Who calls."""

    @property
    def access(self) -> Access: ...


class Installation(Protocol):
    """An opened installation."""

    @property
    def settings(self) -> Settings: ...
    @property
    def clock(self) -> Callable[[], int]: ...
    @property
    def streams(self) -> Streams: ...
    @property
    def reports(self) -> Reports: ...
    @property
    def identity(self) -> Identity: ...
