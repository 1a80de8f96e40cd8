"""Turn a format's fields, still text, into the normalised transaction (log-formats §1)."""

from __future__ import annotations

from typing import Final

import polars as pl

from opencasb.discovery.formats.base import NUMBERS, ParseContext
from opencasb.discovery.formats.fields import completed
from opencasb.discovery.formats.values import addresses, present, sizes, targets, users, without
from opencasb.model.transaction import COLUMNS

NO_SOURCE: Final = "no source address"
NO_DESTINATION: Final = "no destination"

RAW: Final = (
    "user", "source", "device", "url", "scheme", "authority", "port", "path", "query", "server",
    "sent", "received", "total", "count",
)  # fmt: skip
"""Text columns that a format may supply, as logged; absent ones may be left out.

``url`` is a full URL, ``host/path`` or a bare path. ``authority`` is a separately logged host, with or without port; it
takes precedence over that of the URL. For a URL logged in parts, ``path`` is combined with ``scheme``, ``authority``,
``port`` and ``query``. ``server`` is the address of the origin server; ``sent`` is client to server.
"""

_NO_DEVICE: Final = ("", "-", "00:00:00:00:00:00", "00:")
"""The last is what Cyberoam writes for an unknown hardware address."""
_NO_HOST: Final = ("", "-", "N/A", "NA", "None", "none", "null", "(null)", "Unknown", "unknown")
_CLIENT: Final = r"^[\w.-]*[A-Za-z][\w.-]*$"
"""The name of a client, as devices write it that look up addresses or have names for them."""
_DEFAULT_PORTS: Final = {"http": "80", "https": "443", "ftp": "21"}


def normalise(
    rows: pl.DataFrame, context: ParseContext, *, encoded_users: bool = False, named_clients: bool = False
) -> pl.DataFrame:
    """Return :data:`opencasb.model.transaction.COLUMNS` for rows with ``line``, ``timestamp`` (Int64 ms) and RAW.

    Optional columns: ``ignored`` and ``rejected`` (text, null for a transaction), and the Booleans ``blocked`` and
    ``tunnel`` (only the host of a tunnel is known). A rejected row is not also ignored. A row that is neither is
    rejected if it lacks a source address or a destination; with ``named_clients``, a name in place of the address
    suffices and is the device.
    """
    rows, followed = _read(_complete(rows), context, encoded_users=encoded_users)
    if named_clients and rows["source_ip"].null_count() > rows["source"].null_count():
        rows = rows.with_columns(*_named_client())
    url = pl.lit(None, pl.String)
    if context.want_url:
        url = pl.when(~pl.col("tunnel")).then(_url())
    elif followed:
        url = pl.lit(_urls_of(rows, followed))
    count = pl.col("count").cast(pl.Int64, strict=False)
    return rows.select(
        "line",
        pl.when(pl.col("rejected").is_null()).then("ignored").alias("ignored"),
        _rejected().alias("rejected"),
        "timestamp",
        "user",
        "source_ip",
        present(rows["device"], _NO_DEVICE).alias("source_device"),
        "destination_host",
        url.alias("url"),
        "destination_ip",
        pl.when("blocked").then(pl.lit("block")).otherwise(pl.lit("allow")).alias("action"),
        pl.col("sent").alias("uploaded_bytes"),
        pl.col("received").alias("downloaded_bytes"),
        _total().alias("total_bytes"),
        pl.when(count.is_between(1, 10**9)).then(count).otherwise(1).alias("transactions"),
    ).select(COLUMNS)


def finished(lines: pl.DataFrame, *, ignored: str | None = None, rejected: str | None = None) -> pl.DataFrame:
    """Return :data:`COLUMNS` for lines (``line``) that are not transactions, all for the same reason."""
    texts = {"ignored": ignored, "rejected": rejected}
    columns = [
        pl.lit(None, pl.Int64 if name in NUMBERS else pl.String).alias(name)
        if texts.get(name) is None
        else pl.lit(texts[name]).alias(name)
        for name in COLUMNS[1:]
    ]
    return lines.select("line", *columns)


def _read(rows: pl.DataFrame, context: ParseContext, *, encoded_users: bool) -> tuple[pl.DataFrame, set[str]]:
    """Return rows with users, addresses, hosts and sizes parsed, and the hosts whose URLs are to be followed."""
    followed: set[str] = set()

    def note_followed(hosts: pl.Series) -> None:
        if context.follow and not context.want_url:
            followed.update(context.follow.among(hosts))

    rows = rows.with_columns(without(rows["authority"], _NO_HOST))
    found = targets(_authority(rows), note_followed)
    rows = rows.with_columns(
        users(rows["user"], encoded=encoded_users).alias("user"),
        addresses(rows["source"]).alias("source_ip"),
        addresses(rows["server"]).alias("server"),
        found["host"].alias("destination_host"),
        found["address"].alias("literal"),
        *(sizes(rows[name]) for name in ("sent", "received", "total")),
    )
    return rows.with_columns(pl.coalesce("server", "literal").alias("destination_ip")), followed


def authorities(url: pl.Series) -> pl.Series:
    """Return the authority of ``scheme://authority/path`` or ``authority/path``, with any user, port and query.

    Tunnel targets, which have no slash, are left as they are.
    """
    slashed = url.str.contains("/", literal=True).fill_null(value=False)
    parts = url.filter(slashed).str.splitn("/", 4).struct.unnest()
    first, second, third = (parts.get_column(f"field_{place}") for place in range(3))
    whole = (second == "") & ((first == "") | first.str.ends_with(":"))
    return url.scatter(slashed.arg_true(), third.zip_with(whole, first.set(first == "", None)))


def _complete(rows: pl.DataFrame) -> pl.DataFrame:
    rows = completed(rows, (*RAW, "ignored", "rejected"))
    flags = [name for name in ("blocked", "tunnel") if name not in rows.columns]
    return rows.with_columns(pl.lit(value=False).alias(name) for name in (*flags, "named"))


def _named_client() -> tuple[pl.Expr, pl.Expr]:
    """Return the device, and whether it is the name that stands in place of the client's address."""
    is_name = pl.col("source_ip").is_null() & pl.col("source").str.contains(_CLIENT).fill_null(value=False)
    return pl.when(is_name).then("source").otherwise("device").alias("device"), is_name.alias("named")


def _authority(rows: pl.DataFrame) -> pl.Series:
    logged, url = rows["authority"], rows["url"]
    if not logged.null_count() or url.null_count() == len(rows):
        return logged
    if logged.null_count() == len(rows):
        return authorities(url)
    return logged.zip_with(logged.is_not_null(), authorities(url))


def _rejected() -> pl.Expr:
    unreached = pl.col("destination_host").is_null() & pl.col("destination_ip").is_null()
    unsourced = pl.col("source_ip").is_null() & ~pl.col("named")
    lacking = pl.when(unsourced).then(pl.lit(NO_SOURCE)).when(unreached).then(pl.lit(NO_DESTINATION))
    return pl.coalesce("rejected", pl.when(pl.col("ignored").is_null()).then(lacking))


def _total() -> pl.Expr:
    parts = pl.sum_horizontal("sent", "received")
    known = pl.col("sent").is_not_null() | pl.col("received").is_not_null()
    return pl.coalesce("total", pl.when(known).then(parts))


def _url() -> pl.Expr:
    """Return the URL as logged or composed from its parts; null if only a host is known."""
    url, query = pl.col("url"), pl.col("query").fill_null("")
    path = pl.coalesce("path", pl.when(url.str.contains("^/(?:[^/]|$)")).then(url))
    scheme = pl.col("scheme").str.to_lowercase().fill_null("http")
    logged = pl.when(url.str.contains(r"^[A-Za-z][A-Za-z0-9+.-]*://[^/]")).then(url)
    bare = pl.when(url.str.contains(r"^(?:[^/:]+|\[[^/\]]+\])(?::\d+)?/")).then(scheme + "://" + url)
    default = scheme.replace_strict(_DEFAULT_PORTS, default=None, return_dtype=pl.String)
    port = pl.when(pl.col("port").str.contains(r"^\d+$") & (pl.col("port") != default)).then(":" + pl.col("port"))
    target = pl.coalesce("destination_host", _bracketed("literal"))
    query = pl.when(query.str.contains("^[^?]")).then("?" + query).otherwise(query)
    composed = scheme + "://" + target + port.fill_null("") + pl.when(path.str.starts_with("/")).then(path) + query
    return pl.coalesce(logged, bare, composed)


def _urls_of(rows: pl.DataFrame, hosts: set[str]) -> pl.Series:
    """Return the URLs, where known, of rows with one of these hosts, and null for all others."""
    at = (rows["destination_host"].is_in(list(hosts)) & ~rows["tunnel"]).arg_true()
    known = rows[at].select(pl.coalesce(_url(), "http://" + pl.col("destination_host"))).to_series()
    return pl.Series([None], dtype=pl.String).new_from_index(0, rows.height).scatter(at, known)


def _bracketed(name: str) -> pl.Expr:
    value = pl.col(name)
    return pl.when(value.str.contains(":", literal=True)).then("[" + value + "]").otherwise(value)
