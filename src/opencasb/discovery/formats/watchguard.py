"""Read WatchGuard Firebox (XTM): LEEF and the native syslog layout (log-formats §5, WATCHGUARD_XTM_SYSLOG)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

import polars as pl

from opencasb.discovery.formats.base import Format
from opencasb.discovery.formats.keyvalue import Field, Pairs, text, word
from opencasb.discovery.formats.leef import Leef
from opencasb.discovery.formats.normalise import finished, normalise
from opencasb.discovery.formats.sessions import RECORD
from opencasb.discovery.formats.signature import signature
from opencasb.discovery.formats.stamps import timestamps
from opencasb.discovery.formats.starts import END, START, Starts
from opencasb.discovery.formats.wrappers import HEADER, unwrap

_PAIRS: Final = Pairs(" ")
_NATIVE_START: Final = 'msg_id="'
_NATIVE: Final = r'\bmsg_id="[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}"'
_BEFORE_VERDICT: Final = r'^[^"]*msg_id="[^"]*"(?: [a-z_]+="[^"]*")* '
"""The names by which a policy knows the endpoints may precede the verdict."""
_ANY_ADDRESS: Final = r"(?:(?:\d{1,3}\.){3}\d{1,3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]+)"
_NATIVE_ENDS: Final = (
    rf"{_BEFORE_VERDICT}[A-Za-z]+:? .*?\b(?:tcp|udp|icmp)\b.*? {_ANY_ADDRESS} {_ANY_ADDRESS} \d+ \d+\b"
)
"""From the start of a line to the port of its server."""

_NATIVE_PORTLESS: Final = (
    rf"{_BEFORE_VERDICT}(?P<action>[A-Za-z]+):? .*? (?P<source>{_ANY_ADDRESS}) (?P<server>{_ANY_ADDRESS}) "
)
"""For a protocol without ports, such as IGMP and GRE."""

_MONITORED: Final = (
    rf"^\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d (?:\S+ )?(?P<action>Allow|Deny) (?P<source>{_ANY_ADDRESS}) "
    rf'(?P<server>{_ANY_ADDRESS}) \S+/\w+ \d+ (?P<port_of_server>\d+) (?:(?P<message>[^("=]*) \()?'
)
"""What the traffic monitor shows and log servers export: first the verdict and endpoints, then the pairs. The message
is between the interfaces and the policy, which is in parentheses.
"""

_DIAGNOSIS: Final = r"(?:\(\d{4}-\d\d-\d\dT\d\d:|^[^(]*\b)\d\d:\d\d\) [\w.-]+(?:\[\d+\])?: "
"""Relays mistake the beginning of the time, up to its first colon, for a tag and may drop it."""
_VERDICT: Final = r": (?:Allow|Deny) "

_LOCAL_TIME: Final = r"^(?:\(([^()]*)\)|(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) )"
_UTC: Final = r"\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\) "
"""The time in parentheses is UTC, whatever the zone of the syslog header before it."""

_REQUEST: Final = r"^(?:1AFF0024|2CFF|30000176$)"
_ALWAYS: Final = ("1AFF0024", "2CFF0000")
"""Always requests, whatever their message says; it may be missing."""
_WEB: Final = r"^(?:1A|2C)FF|^3000017[56]$"
_PACKET: Final = r"^300001[47]"
_ENDED: Final = "30000151"
_STARTED: Final = "30000148"
_BLOCKING: Final = r"(?i)^(?:deny|drop|block)|proxy(?:deny|drop|block)"
_ANY_COUNTED: Final = r"^(?:1AFF|2CFF|300001[47]|30000151$)"

_MORE: Final = {
    "user": text("src_user"),
    "authority": word("dstname", "host"),
    "sni": word("sni", "cn"),
    "path": text("arg", "path"),
    "sent": word("sent_bytes"),
    "received": word("rcvd_bytes"),
    "message": text("msg"),
}
_UNUSED: Final = "not a connection or request record"


class WatchGuard(Leef):
    """Read both layouts; the start of an allowed connection counts only in a log without ends."""

    holders = (Starts,)
    vendor: ClassVar[str] = r"(?i)^WatchGuard\|"
    fields: ClassVar[Mapping[str, Field]] = {
        "time": text("devTime"),
        "form": text("devTimeFormat"),
        "source": word("src"),
        "server": word("dst"),
        "port_of_server": word("dstPort"),
        "action": word("disp"),
        **_MORE,
    }

    def read(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Parse a batch."""
        is_native = lines.select(pl.col("text").str.contains(_NATIVE).fill_null(value=False)).to_series()
        if not is_native.any():
            return self._others(lines)
        if is_native.all():
            return self._native(lines)
        return pl.concat(
            [self._others(lines.filter(~is_native)), self._native(lines.filter(is_native))], how="diagonal"
        )

    def _unused(self) -> pl.Expr:
        counted = pl.col("event").str.replace("-", "", literal=True).str.to_uppercase().str.contains(_ANY_COUNTED)
        return pl.when(~counted.fill_null(value=False)).then(pl.lit(_UNUSED))

    def _others(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Parse lines without a message number: LEEF, and the diagnostic output of the device's programs."""
        text = pl.col("text")
        said = text.str.contains(_DIAGNOSIS) & ~text.str.contains(_VERDICT)
        is_diagnosis = lines.select(said.fill_null(value=False)).to_series()
        if not is_diagnosis.any():
            return super().read(lines)
        left = finished(lines.filter(is_diagnosis), ignored=_UNUSED)
        return pl.concat([super().read(lines.filter(~is_diagnosis)), left], how="diagonal")

    def _native(self, lines: pl.DataFrame) -> pl.DataFrame:
        text = pl.col("text")
        rows = unwrap(lines, _NATIVE_START).with_columns(_native_event().alias("event"))
        rows = rows.with_columns(self._unused().alias("unused"))
        left = finished(rows.filter(pl.col("unused").is_not_null()), ignored=_UNUSED)
        rows = rows.filter(pl.col("unused").is_null())
        rows = _with_native_ends(_PAIRS.read(rows, _MORE))
        written = text.str.extract_groups(_LOCAL_TIME).struct
        utc = pl.coalesce(pl.col(HEADER).str.extract(_UTC), text.str.extract(f'^[^"]*{_UTC}')) + "Z"
        times = timestamps(rows, pl.coalesce(utc, written[0], written[1]), self._context)
        rows = self._judged(rows.with_columns(times.alias("timestamp")))
        unread = pl.when(pl.col("source").is_null() & pl.col("ignored").is_null()).then(pl.lit("no two addresses"))
        rows = rows.with_columns(unread.alias("rejected"))
        return pl.concat([left, normalise(rows, self._context).with_columns(rows[RECORD])], how="diagonal")

    def _judged(self, rows: pl.DataFrame) -> pl.DataFrame:
        event = pl.col("event").str.replace("-", "", literal=True).str.to_uppercase()
        said = pl.col("action").fill_null("") + " " + pl.col("message").fill_null("")
        blocked, asks = said.str.contains(_BLOCKING), pl.col("message").str.contains("(?i)request|reputation")
        web = event.str.contains(_WEB)
        request = event.is_in(_ALWAYS) | (event.str.contains(_REQUEST) & (pl.col("authority").is_not_null() | asks))
        refused = asks | pl.col("message").str.contains("(?i)domain name")
        denied = blocked & (event.str.contains(_PACKET) | (web & refused))
        ended, started = event == _ENDED, event == _STARTED
        counted = (request | denied | ended | started).fill_null(value=False)
        secure = pl.col("port_of_server") == "443"
        told = pl.when(pl.col("sni").str.contains(".", literal=True)).then("sni")
        return rows.with_columns(
            pl.when(~counted).then(pl.lit(_UNUSED)).alias("ignored"),
            pl.when(ended).then(pl.lit(END)).when(started & ~blocked).then(pl.lit(START)).alias(RECORD),
            blocked.alias("blocked"),
            pl.when(web).then(pl.coalesce("authority", told)).alias("authority"),
            pl.when(secure.fill_null(value=False)).then(pl.lit("https")).otherwise(pl.lit("http")).alias("scheme"),
            pl.when(web & pl.col("authority").is_not_null())
            .then(pl.when(pl.col("path").str.starts_with("/")).then("path"))
            .alias("path"),
        )


def _with_native_ends(rows: pl.DataFrame) -> pl.DataFrame:
    """Add verdict and endpoints, all taken from one match, since groups in it would take four times as long."""
    rows = rows.with_columns(pl.col("text").str.extract(_NATIVE_ENDS, 0).alias("_found"))
    ends = pl.col("_found").str.extract(r" [^ ]+ [^ ]+ \d+ \d+$", 0).str.split_exact(" ", 4).struct
    action = pl.col("_found").str.extract('" [A-Za-z]+:? ', 0).str.strip_chars('": ').alias("action")
    names = ["_blank", "source", "server", "_port", "port_of_server"]
    rows = rows.with_columns(action, ends.rename_fields(names).struct.unnest())
    if not rows["source"].null_count():
        return rows
    portless, monitored = (pl.col("text").str.extract_groups(form).struct for form in (_NATIVE_PORTLESS, _MONITORED))
    rows = rows.with_columns(
        pl.coalesce(monitored.field(name), name, portless.field(name)).alias(name)
        for name in ("action", "source", "server")
    )
    more = ("port_of_server", "message")
    return rows.with_columns(pl.coalesce(name, monitored.field(name)).alias(name) for name in more)


def _native_event() -> pl.Expr:
    written = pl.col("text").str.extract(_NATIVE, 0).str.strip_prefix(_NATIVE_START).str.strip_suffix('"')
    return written.str.replace("-", "", literal=True).str.to_uppercase()


FORMATS: Final = (
    Format(
        sources=("WATCHGUARD_XTM_SYSLOG",),
        recognise=signature(
            rf"(?i)(?:LEEF: ?)?[12]\.\d\|WatchGuard\||{_NATIVE}.*\b(?:Allow|Deny|proxy_act|policy|firewall:)"
            rf"|\b(?:Allow|Deny) \S+ \S+ \S+/\w+ \d+ \d+ .*{_NATIVE}",
            "WatchGuard records",
        ),
        open=WatchGuard,
        rank=6,  # before the generic format of the same row
    ),
)
