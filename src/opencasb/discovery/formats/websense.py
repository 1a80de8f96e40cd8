"""Read Websense and Forcepoint Web Security: CEF, LEEF, SIEM pairs; Forcepoint NGFW LEEF (log-formats §5, FORCEPOINT).

A user is an LDAP path such as ``LDAP://server OU=Users,DC=corp/Ann``, which may contain a raw line end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import ClassVar, Final

import polars as pl

from opencasb.discovery.formats.base import Format, ParseContext, Parser, Work
from opencasb.discovery.formats.cef import LOST_PREFIX, START, TEXTS, WORDS, Cef
from opencasb.discovery.formats.cef_fields import extension
from opencasb.discovery.formats.fields import completed
from opencasb.discovery.formats.keyvalue import Field, text, word
from opencasb.discovery.formats.leef import Leef
from opencasb.discovery.formats.normalise import finished, normalise
from opencasb.discovery.formats.records import CONTINUED, Records
from opencasb.discovery.formats.sessions import RECORD
from opencasb.discovery.formats.signature import signature
from opencasb.discovery.formats.starts import END, Starts
from opencasb.discovery.formats.starts import START as OPENED
from opencasb.discovery.formats.wrappers import header_time, unwrap

_PAIRS_START: Final = r"vendor=(?:Websense|Forcepoint)"
_WRAPPED: Final = r"^(?:\d{1,7} ?<\d|<\d|[A-Z][a-z]{2} [ \d]\d |\d{4}-\d\d-\d\d[T ]\d\d:)"
_HEAD: Final = r"\|(?i:Websense|Forcepoint)\b|\b(?i:Security|Firewall)\|"  # one of them survives damage
_OTHER: Final = (
    _WRAPPED
    + r"|^(?:%[A-Z]|CEF:|LEEF:|\d+,|\d{4}[:/.]\d\d|\d{9,}|\d \d{10}\.|\d{1,3}(?:\.\d{1,3}){3} \S+ \S+ \[|\[\d\d/"
    r'|[\w.-]{1,48}\[\d*\]: |#[A-Z]|(?:id|date|time|device|device_name)=|"|\{)'
)
"""How lines of other devices begin, even without a wrapper; neither the rest of a name nor a request header does."""
_RECORD: Final = rf"{START}|{LOST_PREFIX}|{_PAIRS_START}|{_HEAD}|\bproduct_version=|\bproduct=Security"
_LEEF_RECORD: Final = rf"LEEF: ?\d|^[12]\.\d\||{_HEAD}"

_USER_OF_PAIRS: Final = r" user=(.*?)(?:\s+[a-z][A-Za-z_]+=|\s*$)"
_PAIR_KEYS: Final = {
    "source": "src_host", "server": "dst_ip", "authority": "dst_host", "url": "url", "action": "action",
    "sent": "bytes_out", "received": "bytes_in", "method": "http_method", "login": "loginID",
    "status": "http_proxy_status_code",
}  # fmt: skip
_BLOCK: Final = "(?i)block|den(?:y|ied)"
_ASKED: Final = "407"
"""The proxy's answer to a client that has to sign in."""
CHALLENGE: Final = "authentication challenge"

_TABS_LOST: Final = r"^sev=\d+cat="
_TO_URL: Final = r"^(.*?)(url=.*)$"
_RUN_ON: Final = (
    r"(cat|usrName|loginID|src|srcPort|srcBytes|dstBytes|dst|dstPort|proxyStatus-code|serverStatus-code|duration"
    r"|method|disposition|contentType|reason|policy|role|userAgent|RefererURL|filename)="
)
"""The keys of Web Security."""


class WebsenseCef(Cef):
    """Read the CEF of Web Security."""

    vendor: ClassVar[str] = r"(?i:Websense|Forcepoint)\|"
    texts: ClassVar[Mapping[str, Sequence[str]]] = {**TEXTS, "user": ("suser",), "login": ("loginID",)}
    words: ClassVar[Mapping[str, Sequence[str]]] = WORDS

    def _judged(self, rows: pl.DataFrame) -> pl.DataFrame:
        rows = super()._judged(rows)
        return rows.with_columns(person().alias("user"))


class Websense(Parser):
    """Read CEF and SIEM pairs, and join records split by a line end in a user's name."""

    def __init__(self, context: ParseContext) -> None:
        super().__init__(context)
        self._records = Records(_RECORD, _OTHER)
        self._cef = WebsenseCef(context)

    def begin(self, lines: pl.DataFrame) -> Work:
        """Join the lines of records."""
        return partial(self._read, *self._records.take(lines))

    def unread(self) -> pl.DataFrame:
        """Return the lines of the last record."""
        return self._records.held

    def finish(self) -> pl.DataFrame:
        """Return the last record."""
        last = self._records.finish()
        return super().finish() if last is None else self._read(*last)

    def _read(self, records: pl.DataFrame, joined: pl.DataFrame) -> pl.DataFrame:
        is_pairs = records.select(pl.col("text").str.contains(_PAIRS_START).fill_null(value=False)).to_series()
        parts = [self._cef.read(records.filter(~is_pairs)), finished(joined, ignored=CONTINUED)]
        if is_pairs.any():
            parts.append(self._pairs(records.filter(is_pairs)))
        return pl.concat(parts)

    def _pairs(self, records: pl.DataFrame) -> pl.DataFrame:
        rows = unwrap(records, _PAIRS_START)
        keys = [key for name, key in _PAIR_KEYS.items() if name != "action"]
        values = extension(rows, keys, ["action"])
        rows = completed(rows.hstack(values.get_columns()), _PAIR_KEYS.values()).with_columns(
            *(pl.col(key).alias(name) for name, key in _PAIR_KEYS.items()),
            pl.col("text").str.extract(_USER_OF_PAIRS).alias("user"),
            header_time(self._context).alias("timestamp"),
        )
        whole = pl.col("url").str.contains("://", literal=True).fill_null(value=False)
        rows = rows.with_columns(
            person().str.replace_all(r"\\(\W)", "$1").alias("user"),
            pl.when(~whole).then("authority").alias("authority"),
            pl.col("action").str.contains(_BLOCK).fill_null(value=False).alias("blocked"),
            (pl.col("method") == "CONNECT").fill_null(value=False).alias("tunnel"),
            pl.when(pl.col("status") == _ASKED).then(pl.lit(CHALLENGE)).alias("ignored"),
        )
        return normalise(rows, self._context)


class ForcepointLeef(Leef):
    """Read Web Security's transactions and NGFW's connections; a start counts only in a log without ends."""

    holders = (Starts,)
    vendor: ClassVar[str] = r"(?i)^(?:Forcepoint|Websense)\|"
    fields: ClassVar[Mapping[str, Field]] = {
        "time": text("devTime"),
        "form": text("devTimeFormat"),
        "user": text("usrName"),
        "login": text("loginID"),
        "source": word("src"),
        "server": word("dst"),
        "url": text("url"),
        "action": word("action"),
        "method": word("method"),
        "status": word("proxyStatus-code"),
        "sent": word("srcBytes"),
        "received": word("dstBytes"),
        "total": word("totalBytes"),
    }

    def __init__(self, context: ParseContext) -> None:
        super().__init__(context)
        self._records = Records(_LEEF_RECORD, _OTHER)

    def begin(self, lines: pl.DataFrame) -> Work:
        """Join the lines of records: raw request headers may follow a URL."""
        return partial(self._read, *self._records.take(lines))

    def unread(self) -> pl.DataFrame:
        """Return the lines of the last record."""
        return self._records.held

    def finish(self) -> pl.DataFrame:
        """Return the last record, and the starts of a log without ends."""
        last = self._records.finish()
        done = [] if last is None else [self.end(self._read(*last))]
        return pl.concat([*done, super().finish()])

    def _read(self, records: pl.DataFrame, joined: pl.DataFrame) -> pl.DataFrame:
        return pl.concat([self.read(records), finished(joined, ignored=CONTINUED)], how="diagonal")

    def _unused(self) -> pl.Expr:
        counted = pl.col("event").str.contains(
            r"(?i)^(?:transaction:|Connection_(?:Closed|Discarded|Refused|Allowed)$)"
        )
        return pl.when(~counted.fill_null(value=False)).then(pl.lit("not a transaction or connection record"))

    def _attributes(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Restore the tabs of attributes that lost them, before the keys that transactions have."""
        text = pl.col("attributes")
        parted = text.str.extract(_TO_URL, 1).str.replace_all(_RUN_ON, "\t$1=") + "\t" + text.str.extract(_TO_URL, 2)
        lost = text.str.contains(_TABS_LOST) & parted.is_not_null()
        return super()._attributes(
            rows.with_columns(
                pl.when(lost).then(parted).otherwise(text).alias("attributes"),
                pl.when(lost).then(pl.lit("\t")).otherwise("delimiter").alias("delimiter"),
            )
        )

    def _judged(self, rows: pl.DataFrame) -> pl.DataFrame:
        event = pl.col("event").str.to_lowercase()
        record = pl.when(event == "connection_closed").then(pl.lit(END))
        said = pl.concat_str(event, pl.col("action").fill_null(""), separator=" ")
        return rows.with_columns(
            pl.when(pl.col("status") == _ASKED).then(pl.lit(CHALLENGE)).alias("ignored"),
            record.when(event == "connection_allowed").then(pl.lit(OPENED)).alias(RECORD),
            said.str.contains(r"(?i)block|discard|refuse|den(?:y|ied)").alias("blocked"),
            person().alias("user"),
            pl.col("url").str.extract(r"^(\S+)").alias("url"),
            (pl.col("method") == "CONNECT").fill_null(value=False).alias("tunnel"),
        )


def person() -> pl.Expr:
    """Return ``login`` if there is one, else the name at the end of the LDAP path ``user``."""
    login = pl.col("login")
    return pl.when(~login.is_in(["", "-"])).then(login).otherwise(end_of_path())


def end_of_path() -> pl.Expr:
    """Return the name at the end of ``user`` if that is an LDAP path."""
    user = pl.col("user")
    return pl.when(user.str.contains("(?i)^(?:LDAP|WinNT)://")).then(user.str.extract(r"/([^/]*)$")).otherwise(user)


FORMATS: Final = (
    Format(
        sources=("WEBSENSE_SIEM_CEF_SYSLOG",),
        recognise=signature(
            rf"(?:CEF: ?|^\s*)\d{{1,2}}\|(?i:Websense|Forcepoint)\|(?i:Security)\||{_PAIRS_START}.* product=Security",
            "records of Websense or Forcepoint Web Security",
        ),
        open=Websense,
        rank=5,  # before the generic format of the same row
    ),
    Format(
        sources=("FORCEPOINT_LEEF_SYSLOG",),
        recognise=signature(r"(?:LEEF: ?|^)[12]\.\d\|(?i:Forcepoint|Websense)\|", "LEEF of Forcepoint"),
        open=ForcepointLeef,
        rank=6,  # before the generic format of the same row
    ),
)
