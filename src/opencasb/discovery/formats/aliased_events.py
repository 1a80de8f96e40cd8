"""CEF and LEEF of vendors that publish no keys: what other vendors call them, too (log-formats §5)."""

from __future__ import annotations

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


class AliasedCef(Cef):
    """Reads CEF whose keys are the usual ones or go by other names."""

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

    def _corrected(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Join date and time, and take what may be an action, or a category, for one where it says that it blocked."""
        said = pl.concat_str("category", "outcome", separator=" ", ignore_nulls=True)
        blocked = pl.when(said.str.contains(BLOCK)).then(said)
        return rows.with_columns(pl.coalesce("action", blocked).alias("action"), _with_day())


class AliasedLeef(Leef):
    """Reads LEEF whose keys are the usual ones or go by other names."""

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

    def _transactions(self, rows: pl.DataFrame) -> pl.DataFrame:
        return super()._transactions(rows.with_columns(_with_day()))


def _with_day() -> pl.Expr:
    """Return ``time``, of date and time where it is logged in parts."""
    return pl.coalesce("time", pl.col("day") + " " + pl.col("clock")).alias("time")
