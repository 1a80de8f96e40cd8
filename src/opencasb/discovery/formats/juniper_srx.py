"""Read Juniper SRX: session and web-filter records, plain and structured (log-formats §5, JUNIPER_SRX_SYSLOG)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import polars as pl

from opencasb.discovery.formats.base import Format, Parser, nothing
from opencasb.discovery.formats.fields import match
from opencasb.discovery.formats.juniper_json import OBJECT, with_objects
from opencasb.discovery.formats.keyvalue import Pairs, text, word
from opencasb.discovery.formats.normalise import finished, normalise
from opencasb.discovery.formats.sessions import RECORD, SESSION, Sessions
from opencasb.discovery.formats.signature import signature
from opencasb.discovery.formats.stand_ins import CONNECTION, STANDS_IN, StandIns
from opencasb.discovery.formats.wrappers import HEADER, header_time, unwrap

_START: Final = r"(?:RT_[A-Z]+|APPTRACK|AppTrack)(?:\[\d*\])?(?:: | - )[A-Z][A-Z0-9_]+(?:: | \[)|[A-Z]+_[A-Z_]+: "
_ID: Final = r"\b((?:RT_FLOW|APPTRACK)_SESSION_(?:CLOSE|DENY|CREATE)|WEBFILTER_URL_[A-Z]+)(?:_LS)?(?:: | \[)"
_WORDED: Final = r"(?:\bRT_FLOW(?:\[\d*\])?:? |^)session (closed|denied|created) (?:[^>]*[ :])?[0-9A-Fa-f.:]+/\d+->"
"""Some devices and relays omit the message name, and relays the program's."""
_WORDS: Final = {
    "closed": "RT_FLOW_SESSION_CLOSE",
    "denied": "RT_FLOW_SESSION_DENY",
    "created": "RT_FLOW_SESSION_CREATE",
}
_JUNOS: Final = r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]+(?:: | \[|$)|\[junos@|\bRT_[A-Z]+ "
_STRUCTURED: Final = "[junos@"
_NAMELESS: Final = r'(_[A-Z]+) \[(?:[^\s="\]]+ )?([a-z-]+=")'
"""The name of the structured data may have been lost by a relay, or masked."""
_SYSTEM: Final = (
    r"\b(?:sshd|cron|CRON|mgd|rpd|kmd|kernel|x?ntpd|inetd|snmpd|mib2d|chassisd|alarmd|eventd|dcd|nsd|cosd|pfed|jsrpd|"
    r"l2ald|lldpd|lacpd|dfwd|dhcpd|httpd[a-z-]*|rshd|login|su|sudo|init|root|license-check|utmd|idpd|keyadmin|/kernel)"
    r"(?:(?:\[\d*\])?: | (?:\d+|-) \S+ - )"
)
"""System programs that write to the same log, with their process id or, in RFC 5424, process id and message id."""

_PAIRS: Final = Pairs(r" ")
_FIELDS: Final = {
    "source": word("source-address"),
    "source_port": word("source-port"),
    "server": word("destination-address"),
    "port": word("destination-port"),
    "sent": word("bytes-from-client"),
    "received": word("bytes-from-server"),
    "user": text("username"),
    "authority": word("url", "object-name"),
    "path": text("obj", "pathname"),
}

_ADDRESS: Final = "[0-9A-Fa-f.:]+"
_FLOW: Final = rf"(?P<source>{_ADDRESS})/(?P<source_port>\d+)->(?P<server>{_ADDRESS})/(?P<port>\d+)"
_BYTES: Final = r" \d+\((?P<sent>\d+)\) \d+\((?P<received>\d+)\) "
_OWNER: Final = (
    r"(?: \d+\(\d+\) \d+\(\d+\) \d+|session denied .*? \d+\(\d+\) \S+ \S+ \S+)"
    r"(?: [^ ()]+){0,2}? [^ ()]+\([^)]*\) "
)
"""Up to the user with the roles in parentheses."""
_TRACKED: Final = r" \d+\(\d+\) \d+\(\d+\) \d+ ([^ ]+) [^ ]+"
"""Up to the user of an application record, followed by the roles."""
_WEB: Final = (
    rf"(?P<source>{_ADDRESS})\((?P<source_port>\d+)\)->(?P<server>{_ADDRESS})\((?P<port>\d+)\)"
    r".*? URL=(?P<authority>[^ ]+) OBJ="
    r"(?:(?P<path>.*) (?:username |USERNAME=)(?P<user>[^ ]+) (?:roles|ROLES)|(?P<bare>[^ ]*))"
)
_BLOCKED: Final = ("RT_FLOW_SESSION_DENY", "WEBFILTER_URL_BLOCKED", "WEBFILTER_URL_REDIRECTED")
_STARTS: Final = ("RT_FLOW_SESSION_CREATE", "APPTRACK_SESSION_CREATE")
_COLUMNS: Final = ("source", "source_port", "server", "port", "sent", "received", "user", "authority", "path")


class JuniperSrx(Parser):
    """Read both shapes, and join the records of a connection by its addresses and ports."""

    holders = (StandIns, Sessions)

    def read(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Parse a batch."""
        rows = unwrap(with_objects(lines), _START)
        rows = rows.with_columns(_message(rows["text"]).alias("id"))
        number = pl.col("id")
        known = number.is_not_null() & ~number.is_in(_STARTS)
        used = rows.filter(known)
        return pl.concat([*_unused(rows.filter(~known)), *self._transactions(used)], how="diagonal")

    def _transactions(self, rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
        if rows.is_empty():
            return
        rows = _named(rows)
        structured = pl.col("text").str.contains(_STRUCTURED, literal=True)
        parts = [_PAIRS.read(rows.filter(structured), _FIELDS), *_plain(rows.filter(~structured))]
        fields = pl.concat([part.select("line", "header", "id", *_COLUMNS) for part in parts])
        fields = fields.with_columns(header_time(self._context).alias("timestamp"), *_values())
        parsed = normalise(fields, self._context)
        key = pl.struct(parsed["source_ip"], fields["source_port"], parsed["destination_ip"], fields["port"]).hash()
        counted = parsed["rejected"].is_null() & fields["source_port"].is_not_null() & fields["server"].is_not_null()
        roles = fields.select(_record().alias(RECORD), pl.col("id").str.starts_with("APP").alias(STANDS_IN))
        keys = pl.select(pl.when(counted).then(key).alias(SESSION)).to_series()
        yield parsed.hstack([keys, keys.alias(CONNECTION), *roles.get_columns()]).with_columns(
            pl.when(pl.col(RECORD).ne_missing("web")).then(CONNECTION)
        )


def _message(texts: pl.Series) -> pl.Series:
    """Return the name of each known message, telling it by its words if it is omitted."""
    found = texts.str.extract(_ID)
    nameless = found.is_null().arg_true()
    if nameless.is_empty():
        return found
    words = texts.gather(nameless).str.extract(_WORDED)
    return found.scatter(nameless, words.replace_strict(_WORDS, default=None))


def _named(rows: pl.DataFrame) -> pl.DataFrame:
    """Give unnamed structured data the name used by Junos."""
    other = ~rows["text"].str.contains(_STRUCTURED, literal=True)
    if not other.any():
        return rows
    named = rows["text"].str.replace(_NAMELESS, f"$1 {_STRUCTURED} $2")
    return rows.with_columns(pl.when(other).then(named).otherwise("text").alias("text"))


def _unused(rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    said = pl.concat_str(pl.col(HEADER).fill_null(""), "text")
    junos = (pl.col("text").str.contains(_JUNOS) | said.str.contains(_SYSTEM)).fill_null(value=False)
    start = pl.col("id").is_in(_STARTS).fill_null(value=False)
    yield nothing()
    yield finished(rows.filter(start), ignored="session start")
    yield finished(rows.filter(~start & junos), ignored="not a session or web-filter record")
    yield finished(rows.filter(~start & ~junos), rejected="not a Junos record")


def _plain(rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield the fields of the unstructured records, whose columns differ between releases."""
    nothing = pl.lit(None, pl.String)
    is_web = pl.col("id").str.starts_with("WEBFILTER")
    web, flow = rows.filter(is_web), rows.filter(~is_web)
    if web.height:
        web = match(web, "text", _WEB)
        yield web.with_columns(pl.coalesce("path", "bare").alias("path"), sent=nothing, received=nothing)
    if flow.height:
        flow = match(match(flow, "text", _FLOW), "text", _BYTES)
        owner = pl.col("text").str.extract(_OWNER, 0).str.extract(r"[^ ()]+\([^)]*\) $", 0)
        flow = flow.with_columns(owner.str.splitn("(", 2).struct[0].alias("user"), authority=nothing, path=nothing)
        tracked = flow["id"].str.starts_with("APP").arg_true()
        if not tracked.is_empty():
            users = flow["text"].gather(tracked).str.extract(_TRACKED)
            flow = flow.with_columns(flow["user"].scatter(tracked, users))
        yield flow


def _values() -> Iterator[pl.Expr]:
    number, web = pl.col("id"), pl.col("id").str.starts_with("WEBFILTER")
    yield number.is_in(_BLOCKED).alias("blocked")
    yield pl.when(pl.col("port") == "443").then(pl.lit("https")).otherwise(pl.lit("http")).alias("scheme")
    for name in ("authority", "path"):
        value = pl.col(name)
        yield pl.when(web & ~value.is_in(["N/A", "UNKNOWN"])).then(value).alias(name)


def _record() -> pl.Expr:
    """Return the role of a record in :class:`Sessions`; an application record stands alone."""
    kinds = {"RT_FLOW_SESSION_CLOSE": "end", "WEBFILTER_URL_PERMITTED": "web"} | dict.fromkeys(_BLOCKED[1:], "web")
    return pl.col("id").replace_strict(kinds, default=None, return_dtype=pl.String)


FORMATS: Final = (
    Format(
        sources=("JUNIPER_SRX_SD_SYSLOG",),
        recognise=signature(
            r'\[junos@|\b(?:(?:RT_FLOW|APPTRACK)_SESSION|WEBFILTER_URL)_[A-Z_]+ \[(?:[^\s="\]]+ )?[a-z-]+="'
            rf"|{OBJECT}",
            "structured Junos records",
        ),
        open=JuniperSrx,
        rank=21,
    ),
    Format(
        sources=("JUNIPER_SRX_SYSLOG",),
        recognise=signature(
            r"\b(?:RT_FLOW_SESSION_[A-Z]+|APPTRACK_SESSION_[A-Z_]+|WEBFILTER_URL_[A-Z]+|RT_[A-Z]+): "
            rf"|{_WORDED}",
            "Junos records",
        ),
        open=JuniperSrx,
        rank=22,
    ),
)
