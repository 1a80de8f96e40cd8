"""Read CEF and LEEF of vendors that publish no keys, also by other vendors' names, in any case (log-formats §5)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

import polars as pl

from opencasb.discovery.formats.cef import TEXTS, WORDS, Cef
from opencasb.discovery.formats.keyvalue import Field, text, word
from opencasb.discovery.formats.leef import BLOCK, Leef

_USERS: Final = ("user", "username", "user_name", "userid", "login", "loginID", "email", "duser")
_SOURCES: Final = ("srcip", "src_ip", "source_ip", "clientip", "c-ip", "x-client-ip", "origin_ip", "ip")
_DEVICES: Final = ("srcname", "device", "devicename", "devicehostname", "deviceId")
_SERVERS: Final = ("dstip", "dst_ip", "server_ip", "serverip")
_HOSTS: Final = ("host", "hostname", "domain")
_TIMES: Final = ("eventtime", "event_time", "timestamp", "datetime", "ts", "epoch")
_ACTIONS: Final = ("pe_action", "disposition", "result")
_SENT: Final = ("bytes_out", "sent", "sentbyte", "bytes_sent", "requestsize", "upload")
_RECEIVED: Final = ("bytes_in", "rcvd", "rcvdbyte", "bytes_received", "responsesize", "download")
_TOTALS: Final = ("bytes", "total", "transactionsize")

_SAMPLED: Final = 50
"""Lines sampled across a batch to find its keys."""
_MOST_SPELLINGS: Final = 64
"""Keys respelt per batch: a visitor to a site could write thousands."""
_BEFORE: Final = r"^|[\s|^]"
_KEY: Final = re.compile(rf"(?:{_BEFORE})([A-Za-z][\w.-]*)=", re.ASCII)


class AliasedCef(Cef):
    """Read CEF with the standard keys or their aliases."""

    words: ClassVar[Mapping[str, Sequence[str]]] = {
        "source": (*WORDS["source"], *_SOURCES),
        "server": (*WORDS["server"], *_SERVERS),
        "authority": (*WORDS["authority"], *_HOSTS),
        "url": (*WORDS["url"], "url", "cs-uri"),
        "sent": (*WORDS["sent"], "srcBytes", *_SENT),
        "received": (*WORDS["received"], "dstBytes", *_RECEIVED),
        "total": (*WORDS["total"], *_TOTALS),
        "count": WORDS["count"],
    }
    texts: ClassVar[Mapping[str, Sequence[str]]] = {
        "user": (*TEXTS["user"][:-1], "usrName", *_USERS),
        "device": (*TEXTS["device"], *_DEVICES),
        "time": (*TEXTS["time"], "devTime", *_TIMES),
        "action": (*TEXTS["action"], "action", *_ACTIONS),
        "day": ("date",),
        "clock": ("time",),
        "category": ("cat",),
        "outcome": ("status",),
    }

    def _mapped(self, rows: pl.DataFrame) -> pl.DataFrame:
        names = [key for keys in (*self.words.values(), *self.texts.values()) for key in keys]
        return super()._mapped(_respelt(rows, "text", names))

    def _corrected(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Join date and time; use the category or outcome as the action if it says that the request was blocked."""
        said = pl.concat_str("category", "outcome", separator=" ", ignore_nulls=True)
        blocked = pl.when(said.str.contains(BLOCK)).then(said)
        return rows.with_columns(pl.coalesce("action", blocked).alias("action"), _with_day())


class AliasedLeef(Leef):
    """Read LEEF with the standard keys or their aliases."""

    fields: ClassVar[Mapping[str, Field]] = {
        **Leef.fields,
        "time": text("devTime", "rt", "start", "end", *_TIMES),
        "user": (*Leef.fields["user"], *text("suser", *_USERS)),
        "source": word("src", *_SOURCES),
        "device": (*Leef.fields["device"], *text("shost", "sourceHostName", *_DEVICES)),
        "server": word("dst", "destinationAddress", *_SERVERS),
        "authority": word("dhost", "destinationHostName", *_HOSTS),
        "url": word("url", "request", "requestUrl", "cs-uri"),
        "day": text("date"),
        "clock": text("time"),
        "action": text("action", "act", *_ACTIONS, "status"),
        "sent": word("srcBytes", "bytesOut", "out", *_SENT),
        "received": word("dstBytes", "bytesIn", "recv", "in", *_RECEIVED),
        "total": word("totalBytes", *_TOTALS),
    }

    def _attributes(self, rows: pl.DataFrame) -> pl.DataFrame:
        names = [key.name for field in self.fields.values() for key in field]
        return super()._attributes(_respelt(rows, "attributes", names))

    def _transactions(self, rows: pl.DataFrame) -> pl.DataFrame:
        return super()._transactions(rows.with_columns(_with_day()))


def _respelt(rows: pl.DataFrame, column: str, names: Sequence[str]) -> pl.DataFrame:
    """Rewrite the keys in ``column`` that differ from ``names`` only in case."""
    texts, meant = rows[column], {name.lower(): name for name in names}
    sample = texts.gather_every(max(len(texts) // _SAMPLED, 1)).drop_nulls()
    written = Counter(key for text in sample for key in _KEY.findall(text) if key.lower() in meant)
    odd = [key for key, _ in written.most_common() if key not in names]
    for key in odd[:_MOST_SPELLINGS]:
        rows = rows.with_columns(_renamed(column, key, meant[key.lower()]))
    return rows


def _renamed(column: str, key: str, name: str) -> pl.Expr:
    """Rename ``key`` to ``name``, except in lines that already have ``name``."""
    renamed = pl.col(column).str.replace(rf"({_BEFORE}){re.escape(key)}=", f"${{1}}{name}=")
    return pl.when(pl.col(column).str.contains(rf"(?:{_BEFORE}){re.escape(name)}=")).then(column).otherwise(renamed)


def _with_day() -> pl.Expr:
    """Return ``time``, joined from date and time if logged separately."""
    return pl.coalesce("time", pl.col("day") + " " + pl.col("clock")).alias("time")
