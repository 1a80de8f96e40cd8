"""Read Sophos XG (SFOS) and Cyberoam: firewall and content-filtering records (log-formats §5, SOPHOS_XG)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import polars as pl

from opencasb.discovery.formats.base import Format, ParseContext, Parser, nothing
from opencasb.discovery.formats.followed_urls import with_urls
from opencasb.discovery.formats.keyvalue import Pairs, text, word
from opencasb.discovery.formats.normalise import finished, normalise
from opencasb.discovery.formats.sessions import RECORD, SESSION, Sessions
from opencasb.discovery.formats.signature import signature
from opencasb.discovery.formats.stamps import timestamps
from opencasb.discovery.formats.wrappers import unwrap

_START: Final = r"\b(?:device|device_name|timestamp|date|log_id|log_type)="
_PAIRS: Final = Pairs(r" ")
_KIND_FIELDS: Final = {
    "type": word("log_type"),
    "subtype": word("log_subtype"),
    "event": word("connevent", "con_event"),
}
"""Of several words, the first: ``Content`` for content filtering, ``Do`` for *do not decrypt*."""

_FIELDS: Final = {
    "moment": word("timestamp"),
    "status": word("status"),
    "user": text("user_name", "user"),
    "source": word("src_ip"),
    "device": word("src_mac", "srcmac"),
    "server": word("dst_ip"),
    "port": word("dst_port"),
    "sent": word("sent_bytes", "bytes_sent"),
    "received": word("recv_bytes", "bytes_received"),
    "domain": word("domain", "domainname", "dst_domain"),
    "session_id": word("con_id", "connid", "conn_id"),
}
_URL_FIELDS: Final = {"url": text("url")}
_LEADING: Final = r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)"
"""Text copied from the log viewer begins with it, and has no other time."""
_BARE_USER: Final = r'[ >]user_name=([^="]*?) *(?: [A-Za-z]\w*=|$)'
_CLOCK: Final = r'(?:^|[ >])date=([^ ]+ time=[^ ]+(?: timezone="?[^" ]*)?)'

_FILTER: Final = "Content"
_FIREWALL: Final = "Firewall"
_BLOCK: Final = "(?i)^(?:den(?:y|ied)|drop(?:ped)?|block(?:ed)?|reject(?:ed)?)$"
_DECRYPTION: Final = "(?i)^(?:do|decrypt.*)$"


class SophosXg(Parser):
    """Read both kinds of records and join them by connection."""

    holders = (Sessions,)

    def read(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Parse a batch."""
        rows = _PAIRS.read(unwrap(lines, _START), _KIND_FIELDS, guarded=False).with_columns(_ignored().alias("ignored"))
        kind, left = pl.col("type"), pl.col("ignored")
        parts = [finished(rows.filter(kind.is_null()), rejected="not a Sophos firewall record")]
        for (reason,), part in rows.filter(kind.is_not_null() & left.is_not_null()).group_by("ignored"):
            parts.append(finished(part, ignored=str(reason)))
        rows = rows.filter(kind.is_not_null() & left.is_null())
        if rows.height:
            parts.append(with_urls(_transactions, rows, self._context))
        return pl.concat([nothing(), *parts], how="diagonal")


def _transactions(rows: pl.DataFrame, context: ParseContext) -> pl.DataFrame:
    rows = _PAIRS.read(rows, _FIELDS | _URL_FIELDS if context.want_url else _FIELDS)
    if not context.want_url:  # if the domain is logged, the URL adds nothing needed
        named = (rows["domain"].is_not_null() | (rows["type"] != _FILTER)).all()
        absent = pl.lit(None, pl.String).alias("url")
        rows = rows.with_columns(absent) if named else _PAIRS.read(rows, _URL_FIELDS)
    rows = rows.with_columns(_times(rows, context).alias("timestamp"), _users(rows), *_values())
    parsed = normalise(rows, context)
    counted = parsed["rejected"].is_null() & parsed["ignored"].is_null()
    counted &= rows["session_id"].is_not_null() & rows["session_id"].ne_missing("0")
    key = pl.struct(rows["session_id"], parsed["source_ip"]).hash()
    return parsed.with_columns(rows[RECORD], pl.when(counted).then(key).alias(SESSION))


def _users(rows: pl.DataFrame) -> pl.Series:
    """Return the user names; unquoted ones may contain blanks."""
    users, texts = rows["user"], rows["text"]
    bare = (users.is_not_null() & ~texts.str.contains('user_name="', literal=True)).arg_true()
    if bare.is_empty():
        return users
    read = pl.DataFrame({"word": users.gather(bare), "whole": texts.gather(bare).str.extract(_BARE_USER)})
    ours = pl.col("whole").str.starts_with(pl.col("word"))
    return users.scatter(bare, read.select(pl.when(ours).then("whole").otherwise("word")).to_series())


def _ignored() -> pl.Expr:
    """Return why a record is not a transaction, judging by its kind alone."""
    kind, subtype, event = pl.col("type"), pl.col("subtype"), pl.col("event")
    denied = subtype.str.contains(_BLOCK).fill_null(value=False)
    goes_on = (kind == _FIREWALL) & ~denied & event.is_not_null() & ~event.str.contains("(?i)^(?:stop|end)$")
    return (
        pl.when(~kind.is_in([_FILTER, _FIREWALL]))
        .then(pl.lit("not a firewall or content-filtering record"))
        .when(subtype.str.contains(_DECRYPTION))
        .then(pl.lit("not a firewall or content-filtering record"))
        .when(goes_on)
        .then(pl.lit("session start"))
    )


def _times(rows: pl.DataFrame, context: ParseContext) -> pl.Series:
    """Return ms: the time with its offset, else date and time with their zone, else the viewer's or header's time."""
    if not rows["moment"].null_count():
        return timestamps(rows, pl.col("moment"), context)
    clock = pl.col("text").str.extract(_CLOCK).str.replace_all('"', "", literal=True)
    written = rows.select(pl.coalesce("moment", clock.str.replace_all(" time(?:zone)?=", " "))).to_series()
    stamp = pl.lit(written)
    if written.null_count():
        stamp = pl.coalesce(stamp, pl.col("text").str.extract(_LEADING))
    return timestamps(rows, stamp, context)


def _values() -> Iterator[pl.Expr]:
    web = pl.col("type") == _FILTER
    whole = pl.col("url").str.contains("://", literal=True)
    verdicts = [pl.col(name).str.contains(_BLOCK).fill_null(value=False) for name in ("subtype", "status")]
    nameless = web & pl.col("url").is_null() & pl.col("domain").is_null()
    secure = (pl.col("port") == "443").fill_null(value=False)
    yield pl.when(web).then(pl.lit("web")).otherwise(pl.lit("end")).alias(RECORD)
    yield pl.when(nameless).then(pl.lit("content filtering without a host")).alias("ignored")
    yield pl.any_horizontal(verdicts).alias("blocked")
    yield pl.when(secure).then(pl.lit("https")).otherwise(pl.lit("http")).alias("scheme")
    yield pl.when(web).then("url").alias("url")
    yield pl.when(web & ~whole.fill_null(value=False)).then("domain").alias("authority")


FORMATS: Final = (
    Format(
        sources=("SOPHOS_XG", "SOPHOS_XG_SYSLOG"),
        recognise=signature(
            r'^(?=.*\blog_type=")(?=.*(?:\bdevice="SFW"|\bdevice_name="SFW"|\bdevice_model=))', "Sophos XG records"
        ),
        open=SophosXg,
        rank=15,
    ),
    Format(
        sources=("SOPHOS_CYBEROAM_SYSLOG",),
        recognise=signature(
            r'^(?=.*\blog_type=")(?=.*\blog_component=)(?!.*(?:\bdevice="SFW"|\bdevice_name="SFW"|\bdevice_model=))',
            "Cyberoam records",
        ),
        open=SophosXg,
        rank=16,
    ),
)
