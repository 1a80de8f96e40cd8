"""The tables of report feeds, one schema for OData, CSV, JSON lines and Parquet (saas-management §6.1).

Names and types of columns never change inside a major version; new columns go to the end, and nothing in a key is ever
null. Every table of facts has ``AsOfDate``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import polars as pl

VERSION: Final = "1"
"""The major version, part of the feeds' addresses and of the Parquet metadata."""

PERIODS: Final[Mapping[str, int]] = {"P7D": 7, "P30D": 30, "P90D": 90}
"""The periods of usage and their length in days."""

AS_OF: Final = "AsOfDate"


class Type(StrEnum):
    """The types of columns, by their OData names. Instants are UTC."""

    STRING = "Edm.String"
    BOOLEAN = "Edm.Boolean"
    INT16 = "Edm.Int16"
    INT64 = "Edm.Int64"
    DATE = "Edm.Date"
    INSTANT = "Edm.DateTimeOffset"

    @property
    def dtype(self) -> pl.DataType:
        """The Polars type."""
        import polars as pl

        known: Mapping[Type, pl.DataType] = {
            Type.STRING: pl.String(),
            Type.BOOLEAN: pl.Boolean(),
            Type.INT16: pl.Int16(),
            Type.INT64: pl.Int64(),
            Type.DATE: pl.Date(),
            Type.INSTANT: pl.Datetime("us", "UTC"),
        }
        return known[self]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    name: str
    type: Type
    nullable: bool = False


@dataclass(frozen=True)
class Table:
    """One table; its rows are ordered by ``key``, which is unique."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @cached_property
    def by_name(self) -> Mapping[str, Column]:
        """The columns by name."""
        return {column.name: column for column in self.columns}

    @property
    def key_types(self) -> tuple[Type, ...]:
        """The types of the key columns."""
        return tuple(self.by_name[name].type for name in self.key)

    @property
    def is_dated(self) -> bool:
        """Whether its rows belong to days."""
        return AS_OF in self.by_name

    @property
    def has_periods(self) -> bool:
        """Whether its rows are totals over periods."""
        return "Period" in self.by_name

    @property
    def polars_schema(self) -> dict[str, pl.DataType]:
        """The columns as a Polars schema."""
        return {column.name: column.type.dtype for column in self.columns}


def _columns(**types: Type) -> tuple[Column, ...]:
    return tuple(Column(name, type_) for name, type_ in types.items())


def _optional(**types: Type) -> tuple[Column, ...]:
    return tuple(Column(name, type_, nullable=True) for name, type_ in types.items())


_S, _B, _I, _I16, _D, _T = Type.STRING, Type.BOOLEAN, Type.INT64, Type.INT16, Type.DATE, Type.INSTANT
_COUNTS: Final = (
    *_columns(UserCount=_I, IpAddressCount=_I),
    *_optional(DeviceCount=_I),
    *_columns(
        TransactionCount=_I, UploadedBytes=_I, DownloadedBytes=_I, TotalBytes=_I, FirstSeenDate=_D, LastSeenDate=_D
    ),
)

STREAMS: Final = Table(
    "streams",
    (
        *_columns(StreamId=_S, StreamName=_S, IsSnapshot=_B, LogDataProvider=_S, CreatedUtc=_T),
        *_optional(LastDataUtc=_T),
    ),
    ("StreamId",),
)
APPS: Final = Table(
    "apps",
    (
        *_columns(AppId=_I, AppName=_S, AppCategory=_S, CategoryKey=_S),
        *_optional(RiskScore=_I16, Vendor=_S, Headquarters=_S),
        *_columns(Sanction=_S),
    ),
    ("AppId",),
)
APP_DOMAINS: Final = Table("app_domains", _columns(AppId=_I, Domain=_S), ("AppId", "Domain"))
APP_TAGS: Final = Table("app_tags", _columns(AppId=_I, Tag=_S), ("AppId", "Tag"))
APP_USAGE: Final = Table(
    "app_usage", (*_columns(AsOfDate=_D, Period=_S, AppId=_I), *_COUNTS), ("AsOfDate", "Period", "AppId")
)
APP_USAGE_BY_STREAM: Final = Table(
    "app_usage_by_stream",
    (*_columns(AsOfDate=_D, Period=_S, StreamId=_S, AppId=_I), *_COUNTS),
    ("AsOfDate", "Period", "StreamId", "AppId"),
)
DAILY_USAGE: Final = Table(
    "daily_usage",
    (
        *_columns(AsOfDate=_D, RowId=_S, TimeGenerated=_T, StreamId=_S, StreamName=_S),
        *_columns(AppId=_I, AppName=_S, AppCategory=_S),
        *_optional(AppScore=_I16, UserName=_S, EnrichedUserName=_S, IpAddress=_S),
        *_columns(TotalEvents=_I, BlockedEvents=_I, UploadedBytes=_I, DownloadedBytes=_I, TotalBytes=_I),
    ),
    ("AsOfDate", "RowId"),
)
