"""Interpret the fields of W3C logs (log-formats §5, BLUECOAT and GENERIC_W3C)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import polars as pl
from msgspec.structs import replace

from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.formats.bluecoat_orders import MAIN
from opencasb.discovery.formats.times import date_and_clock, moment
from opencasb.discovery.formats.values import matching
from opencasb.discovery.formats.wrappers import HEADER, header_time


@dataclass(frozen=True, slots=True)
class Dialect:
    """The meaning of the fields in one kind of W3C log.

    ``names`` maps the columns of :data:`opencasb.discovery.formats.normalise.RAW` to fields; the first non-empty one
    wins. ``times`` are fields with date and time in one, ``clocks`` pairs of a date and its time of day. ``blocked``
    has patterns of field values that mean a denial, ``challenges`` of those that mean a client is sent to sign in or
    returns from there. ``default`` are the fields of a file without a ``#Fields`` line. ``appliance`` matches the
    syslog headers of records that are not access records; if it is set, records without a client are not either.
    ``needs_time`` rejects lines without any time.
    """

    names: dict[str, tuple[str, ...]]
    times: tuple[str, ...]
    blocked: dict[str, str]
    challenges: dict[str, str] = field(default_factory=dict)
    default: tuple[str, ...] = ()
    appliance: str = ""
    needs_time: bool = False
    clocks: tuple[tuple[str, str], ...] = (("date", "time"),)

    def wanted(self, *, with_url: bool) -> tuple[str, ...]:
        """Return every meaningful field; without the URL, omit those that only add to it."""
        columns = [column for column in self.names if with_url or column not in _URL_PARTS]
        mapped = [name for column in columns for name in self.names[column]]
        more = (*_MORE, *_OF_TUNNELS) if with_url else _MORE
        timed = [*self.times, *(name for pair in self.clocks for name in pair)]
        return tuple(dict.fromkeys([*mapped, *timed, *self.blocked, *self.challenges, *more]))


_IS_ADDRESS: Final = r"^(?:[A-Za-z][A-Za-z0-9+.-]*://)?(?:\[|(?:\d{1,3}\.){3}\d{1,3}(?:[:/]|$))"
"""The server's address in place of its name."""
_MORE: Final = ("sc-status", "s-hierarchy", "s-supplier-name", "s-ip")
_OF_TUNNELS: Final = ("cs-method", "cs-uri-scheme")

_STEM: Final = "cs-uri-stem"
_NAMES: Final = {
    "source": ("c-ip",),
    "user": ("cs-username", "cs-userdn", "cs-user"),
    "device": ("x-client-device-name",),
    "scheme": ("cs-uri-scheme",),
    "authority": ("cs-host", "r-host", "s-host", "cs(host)", "cs-uri-host", "r-dns"),
    "port": ("cs-uri-port",),
    "path": ("cs-uri-path", "cs-uri-pathquery"),
    "query": ("cs-uri-query",),
    "url": ("cs-uri", "cs-url", "c-url", "c-uri", _STEM),
    "server": ("r-ip", "s-supplier-ip"),
    "sent": ("cs-bytes", "sr-bytes"),
    "received": ("sc-bytes", "rs-bytes"),
}
"""What the proxy exchanged with the server, used where its exchange with the client is not logged."""
_SUPPLIER: Final = frozenset({"s-supplier-name", "s-supplier-ip"})
_URL_PARTS: Final = ("scheme", "port", "path", "query")
_AS_TEXT: Final = (*_URL_PARTS, "authority", "url")
"""Columns in which ``-`` must be read as missing here; the value rules do that for the others."""


BLUECOAT: Final = Dialect(
    names=_NAMES,
    times=("x-timestamp", "gmttime", "localtime", "timestamp", "x-timestamp-unix-utc"),
    blocked={
        "sc-filter-result": "^DENIED$",
        "s-action": "^TCP_(?:AUTH_)?DENIED$",
        "x-exception-id": "^(?:policy_denied|content_filter_denied)$",
    },
    challenges={"s-action": "^TCP_AUTH_REDIRECT$", "x-exception-id": "^authentication_(?:redirect_|success$)"},
    default=MAIN,
    appliance="(?i)proxysg|blue[_-]?coat|edge[_-]?swg",
)

_DENIAL: Final = "(?i)den(?:y|ied)|block|drop|reject|forbid"
_VERDICTS: Final = ("action", "sc-filter-result", "s-action", "sc-action", "x-ss-last-rule-action", "x-policy-action")

_LOCAL: Final = ("date-local", "time-local")
"""What IIS's Advanced Logging offers beside the time in UTC."""

GENERIC: Final = Dialect(
    names={**_NAMES, "total": ("bytes",)},
    times=("datetime", "timestamp", "x-timestamp", "gmttime", "localtime"),
    blocked=dict.fromkeys(_VERDICTS, _DENIAL),
    needs_time=True,
    clocks=(("date", "time"), ("date-utc", "time-utc"), _LOCAL),
)


def mapped(fields: pl.DataFrame, dialect: Dialect, context: ParseContext) -> pl.DataFrame:
    """Return the input of :func:`opencasb.discovery.formats.normalise.normalise` for split fields.

    ``fields`` has ``line``, ``header``, ``rejected`` and some of ``dialect.wanted``, named as in the log.
    """
    given = fields.columns
    fields = fields.with_columns(_time(fields, dialect, context).alias("timestamp"))
    reason = "unreadable time" if _time_fields(given, dialect) else "no time" if dialect.needs_time else None
    rejected = pl.coalesce("rejected", pl.when(pl.col("timestamp").is_null()).then(pl.lit(reason, pl.String)))
    ignored = _ignored(fields, given, dialect)
    return fields.select(
        "line",
        "timestamp",
        ignored.alias("ignored"),
        pl.when(ignored.is_null()).then(rejected).alias("rejected"),
        _blocked(fields, dialect).alias("blocked"),
        _tunnel(given).alias("tunnel"),
        *_raw(given, dialect, context),
    )


def lacking(names: tuple[str, ...], dialect: Dialect) -> str | None:
    """Return what a ``#Fields`` line lacks to describe transactions, or None."""
    targets = [field for column in ("authority", "url", "server") for field in dialect.names[column]]
    if not set(dialect.names["source"]) & set(names):
        return "the #Fields line has no client address (c-ip)"
    if not {*targets, "s-ip", "s-supplier-name"} & set(names):
        return "the #Fields line has no host, URL or server address"
    return None


def _time_fields(given: list[str], dialect: Dialect) -> list[str]:
    both = next(([*pair] for pair in dialect.clocks if set(pair) <= set(given)), [])
    return both or [name for name in dialect.times if name in given]


def _time(fields: pl.DataFrame, dialect: Dialect, context: ParseContext) -> pl.Series:
    """Return the time of each line: from its fields, which are UTC unless named local, else its syslog header."""
    utc = replace(context, timezone="UTC")
    names = _time_fields(fields.columns, dialect)
    found = pl.Series([None], dtype=pl.Int64).new_from_index(0, fields.height)
    ways: list[pl.Expr] = []
    if tuple(names) in dialect.clocks:
        date, clock = map(pl.col, names)
        is_local = tuple(names) == _LOCAL
        ways = [moment(date + " " + clock, context if is_local else utc)]
        ways = ways if is_local else [date_and_clock(date, clock), *ways]
    else:
        ways = [moment(pl.col(name).str.strip_chars("[]"), context if name == "localtime" else utc) for name in names]
    for way in [*ways, header_time(context)]:
        if not found.null_count():
            break
        found = fields.select(pl.coalesce(pl.lit(found), way)).to_series()
    return found


def _raw(given: list[str], dialect: Dialect, context: ParseContext) -> list[pl.Expr]:
    columns: list[pl.Expr] = []
    query = "cs-uri-query" if context.want_url and "cs-uri-query" in given else None
    for name, fields in dialect.names.items():
        present = [field for field in fields if field in given]
        if present and (context.want_url or name not in _URL_PARTS):
            value = _first(present, query) if name in _AS_TEXT or present[1:] else pl.col(present[0])
            columns.append(value.alias(name))
    if "s-hierarchy" in given and _SUPPLIER & set(given):
        names = [name for name in (*dialect.names["server"], "s-supplier-name") if name in given]
        return [column for column in columns if column.meta.output_name() != "server"] + [
            pl.coalesce(map(_asked, names)).alias("server")
        ]
    if not dialect.appliance and "s-ip" in given and not {*dialect.names["server"], "s-action"} & set(given):
        asked = [column for column in columns if column.meta.output_name() in {"authority", "url"}]
        names_it = (column.str.contains(_IS_ADDRESS).fill_null(value=False) for column in asked)
        columns.append(pl.when(~pl.any_horizontal(pl.lit(value=False), *names_it)).then("s-ip").alias("server"))
    return columns


def _first(fields: list[str], query: str | None = None) -> pl.Expr:
    return pl.coalesce(*(_with_query(query) if query and field == _STEM else _logged(field) for field in fields))


def _with_query(query: str) -> pl.Expr:
    """Return the stem, which is a path or, on Blue Coat's appliances, a whole URL without the query."""
    whole = pl.col(_STEM).str.contains("://", literal=True) & _logged(query).is_not_null()
    return pl.when(whole).then(pl.col(_STEM) + "?" + pl.col(query).str.strip_prefix("?")).otherwise(_logged(_STEM))


def _asked(field: str) -> pl.Expr:
    """Return the server's address; the supplier is another proxy unless it was contacted directly."""
    direct = pl.col("s-hierarchy").is_in(["DIRECT", "HIER_DIRECT"])
    if field == "s-supplier-ip":
        return pl.when(direct | _logged("s-hierarchy").is_null()).then(_logged(field))
    return pl.when(direct).then(_logged(field)) if field in _SUPPLIER else _logged(field)


def _logged(field: str) -> pl.Expr:
    return pl.when((pl.col(field) != "-") & (pl.col(field) != "")).then(field)


def _ignored(fields: pl.DataFrame, given: list[str], dialect: Dialect) -> pl.Expr:
    challenges = {"sc-status": "^407$"} | dialect.challenges
    asked = [matching(fields[name], pattern) for name, pattern in challenges.items() if name in given]
    challenge = pl.any_horizontal(pl.lit(value=False), *asked)
    rules = pl.when(challenge).then(pl.lit("authentication challenge"))
    if not dialect.appliance:
        return rules
    from_appliance = pl.col("rejected").is_not_null() & pl.col(HEADER).str.contains(dialect.appliance)
    without_client = pl.col("rejected").is_null() & (
        pl.col("c-ip").fill_null("-") == "-" if "c-ip" in given else pl.lit(value=True)
    )
    message = pl.when(from_appliance.fill_null(value=False) | without_client).then(pl.lit("appliance message"))
    return pl.coalesce(rules, message)


def _blocked(fields: pl.DataFrame, dialect: Dialect) -> pl.Expr:
    rules = [matching(fields[name], pattern) for name, pattern in dialect.blocked.items() if name in fields.columns]
    return pl.any_horizontal(pl.lit(value=False), *rules)


def _tunnel(given: list[str]) -> pl.Expr:
    """Tell which requests opened a tunnel, for which only the host is known."""
    scheme = (
        pl.col("cs-uri-scheme").is_in(["tcp", "ssl", "tunnel"]) if "cs-uri-scheme" in given else pl.lit(value=False)
    )
    method = pl.col("cs-method") == "CONNECT" if "cs-method" in given else pl.lit(value=False)
    return (scheme | method).fill_null(value=False)
