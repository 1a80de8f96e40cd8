"""Interpret the fields of Check Point's logs, in whatever shape they come (log-formats §5, CHECKPOINT)."""

from __future__ import annotations

from functools import partial
from typing import Final

import polars as pl

from opencasb.discovery.formats.sessions import SESSION
from opencasb.discovery.formats.updates import RECORD_ID
from opencasb.discovery.formats.values import NAME, matching, present

FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "time": ("time", "rt", "timestamp"),
    "date": ("date",),
    "source": ("src", "source"),
    "server": ("dst", "destination"),
    "user": ("src_user_name", "user", "suser", "source user name"),
    "device": ("src_machine_name", "shost", "source machine name"),
    "url": ("resource", "request"),
    "authority": ("dst_domain_name", "sni", "appi_name"),
    "action": ("action", "act"),
    "sent": ("sent_bytes", "client_outbound_bytes"),
    "received": ("received_bytes", "client_inbound_bytes"),
    "total": ("bytes",),
    "product": ("product", "ProductName"),
    "kind": ("type",),
    "protocol": ("proto", "protocol"),
    "service": ("service", "dpt"),
    "vpn": ("vpn_feature_name",),
}
"""Meaning → its names (lower case in header rows); the first with a value wins."""

PRODUCTS: Final = (
    "VPN-1 & FireWall-1", "Firewall", "URL Filtering", "Application Control", "HTTPS Inspection",
)  # fmt: skip
"""The blades whose records are connections or requests."""

_AMPERSAND: Final = r"\\+u0026|&amp;"
"""As written by earlier JSON or XML encoding."""

BLOCK: Final = r"(?i)^\s*(?:drop|reject|block|prevent|quarantine)"
_LEFT_PRODUCTS: Final = r"(?i)^(?:smart ?(?:defense|console)|ips$|anti[- ]|new anti|threat|identity|syslog|web_api)"
"""Blades that raise alarms, identify users or serve administration; a tracker's other rows may be of any blade."""
_LEFT_KINDS: Final = r"(?i)^(?:control|alert|system)"
_LEFT_ACTIONS: Final = r"(?i)^(?:key ?inst|log ?(?:in|out)|ctl|update)"
_ICMP: Final = r"^(?i:icmp.*|1|58)$"
_LOGIN: Final = r"\(([^()]+)\)\s*$"
_SEVERAL: Final = r"\s*\(\+\)\s*$"
"""Follows a user or device that is not the only one at its address."""
_DEVICE: Final = rf"@.*$|{_SEVERAL}"
_HOST: Final = r"^[\w-]+(?:\.[\w-]+)*\.[A-Za-z][\w-]+(?::\d+)?$"
_EMPTY: Final = ("", "-", "N/A")
_RECORD: Final = r"loguid(?:[:=]|: )\"?\{(0x[1-9a-f][0-9a-f]*(?:,0x[0-9a-f]+){3})\}"
"""The id of a record, repeated by its updates; if it has been masked, it says nothing."""
_LOOKED_AT: Final = 100


def judged(rows: pl.DataFrame, *, tracker: bool = False) -> pl.DataFrame:
    """Add ``ignored`` and ``blocked`` to rows with FIELDS, and prepare values for normalisation.

    In SmartView Tracker logs (``tracker``) the record's kind and protocol decide, elsewhere the product.
    """
    rows = rows.with_columns(present(rows[name], _EMPTY) for name in FIELDS)
    kind, protocol, action = (partial(matching, rows[name]) for name in ("kind", "protocol", "action"))
    icmp = pl.lit(protocol(_ICMP))
    if tracker:
        counted = pl.lit(kind("(?i)^(?:log|account)$") & protocol("(?i)^(?:tcp|udp|6|17)$"))
        counted &= ~pl.lit(matching(rows["product"], _LEFT_PRODUCTS))
    else:
        counted = pl.col("product").is_null() | sees_traffic(pl.col("product"))
    aimless = pl.col("source").is_null() | pl.coalesce("server", "authority", "url").is_null()
    left = pl.lit(kind(_LEFT_KINDS) | action(_LEFT_ACTIONS) | matching(rows["vpn"], "^IKE$"))
    ignored = (
        pl.when(icmp)
        .then(pl.lit("ICMP"))
        .when(left | ~counted)
        .then(pl.lit("not a connection or request record"))
        .when(aimless)
        .then(pl.lit("no traffic record"))
    )
    return rows.with_columns(
        ignored.alias("ignored"),
        action(BLOCK).alias("blocked"),
        *_values(),
    )


def _values() -> list[pl.Expr]:
    server, url = pl.col("server"), pl.col("url")
    named_site = pl.when(pl.col("authority").str.contains(".", literal=True)).then("authority")  # or an app
    site = pl.coalesce(pl.when(url.str.contains(_HOST)).then(url), named_site)
    named = server.str.contains(NAME)
    whole = url.str.contains(r"^[A-Za-z][A-Za-z0-9+.-]*://")
    secure = pl.col("service").is_in(["443", "https"])
    return [
        pl.when(whole).then(None).otherwise(pl.coalesce(site, pl.when(named).then(server))).alias("authority"),
        pl.when(~named).then(server).alias("server"),
        pl.when(whole | url.str.contains(r"^[^/ ]+\.[^/ ]+/")).then(url).alias("url"),
        pl.when(secure.fill_null(value=False)).then(pl.lit("https")).otherwise(pl.lit("http")).alias("scheme"),
        login().alias("user"),
        device(),
    ]


def sees_traffic(product: pl.Expr) -> pl.Expr:
    """Tell which records belong to a blade that sees connections or requests."""
    return product.str.replace_all(_AMPERSAND, "&").is_in(PRODUCTS)


def login() -> pl.Expr:
    """Return the login of ``Display Name (login)``, any other user as logged."""
    user = pl.col("user").str.replace(_SEVERAL, "")
    return pl.coalesce(user.str.extract(_LOGIN), user)


def device() -> pl.Expr:
    """Return the host of ``host@domain``."""
    return pl.col("device").str.replace(_DEVICE, "")


def with_session(parsed: pl.DataFrame, texts: pl.Series) -> pl.DataFrame:
    """Add SESSION to transactions: equal on a record and its updates, each of which restates it from its start.

    ``texts`` are the lines of ``parsed``, or the parts of them that hold the id. SESSION includes client and server
    because the ids may have been masked. RECORD_ID is also in raw updates (product ``Log Update``), which only have the
    id and sizes.
    """
    if not texts.drop_nulls().head(_LOOKED_AT).str.contains(_RECORD).any():  # all records of a log have an id, or none
        return parsed
    record = texts.str.extract(_RECORD)
    named = record.is_not_null()
    counted = parsed["ignored"].is_null() & parsed["rejected"].is_null() & named
    key = pl.struct(record, parsed["source_ip"], parsed["destination_ip"]).hash()
    raw = parsed["ignored"].is_not_null() & parsed["source_ip"].is_null() & parsed["total_bytes"].is_not_null() & named
    return parsed.with_columns(
        pl.when(counted).then(key).alias(SESSION), pl.when(counted | raw).then(record.hash()).alias(RECORD_ID)
    )
