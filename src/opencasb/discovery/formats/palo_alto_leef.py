"""Read Palo Alto Networks firewalls in LEEF: TRAFFIC and THREAT/url records (log-formats §5, PALO_ALTO_LEEF)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

import polars as pl

from opencasb.discovery.formats.base import Format
from opencasb.discovery.formats.forwarded import forwarded_client
from opencasb.discovery.formats.keyvalue import Field, text, word
from opencasb.discovery.formats.leef import Leef
from opencasb.discovery.formats.palo_alto import COUNTED, blocking
from opencasb.discovery.formats.sessions import RECORD, SESSION, Sessions
from opencasb.discovery.formats.signature import signature


class PaloAltoLeef(Leef):
    """Read records and join them by session."""

    holders = (Sessions,)
    vendor: ClassVar[str] = r"(?i)^Palo Alto Networks\|"
    # the second spellings are those of Strata Logging Service and Prisma Access
    fields: ClassVar[Mapping[str, Field]] = {
        "time": text("devTime", "ReceiveTime", "TimeReceived"),
        "form": text("devTimeFormat"),
        "type": word("Type", "cat"),
        "subtype": word("Subtype", "SubType"),
        "user": text("usrName", "SourceUser"),
        "source": word("src"),
        "server": word("dst"),
        "url": text("Miscellaneous", "url", "URL"),
        "app": word("Application"),
        "port_of_server": word("dstPort"),
        "source_port": word("srcPort"),
        "session_id": word("SessionID"),
        "action": text("action", "Action"),
        "sent": word("srcBytes"),
        "received": word("dstBytes"),
        "total": word("totalBytes", "Bytes"),
        "count": word("RepeatCount"),
    }

    def _transactions(self, rows: pl.DataFrame) -> pl.DataFrame:
        parsed = super()._transactions(rows)
        counted = parsed["rejected"].is_null() & parsed[RECORD].is_not_null()
        named = rows["session_id"].str.contains(r"[1-9]").fill_null(value=False)
        key = pl.struct(rows["session_id"], parsed["source_ip"], rows["source_port"]).hash()
        return parsed.with_columns(pl.when(counted & named).then(key).alias(SESSION))

    def _judged(self, rows: pl.DataFrame) -> pl.DataFrame:
        kind, subtype = pl.col("type").str.to_uppercase(), pl.col("subtype").str.to_lowercase()
        session = (kind == "TRAFFIC") & subtype.is_in(COUNTED)
        web = (kind == "THREAT") & (subtype == "url")
        plain = (pl.col("app") == "web-browsing") & (pl.col("port_of_server") == "80")
        reason = (
            pl.when(kind == "TRAFFIC").then(pl.lit("no session end")).otherwise(pl.lit("not a traffic or URL record"))
        )
        return rows.with_columns(
            pl.when(session).then(pl.lit("end")).when(web).then(pl.lit("web")).alias(RECORD),
            pl.when(~(session | web).fill_null(value=False)).then(reason).alias("ignored"),
            pl.when(session).then(pl.col("sent", "received", "total")),
            pl.when(web).then(pl.col("url").str.strip_chars('"')).alias("url"),
            *forwarded_client(),
            pl.when(plain).then(pl.lit("http")).otherwise(pl.lit("https")).alias("scheme"),
            blocking(pl.coalesce("action", pl.when(session).then("event"))).alias("blocked"),
        )


FORMATS: Final = (
    Format(
        sources=("PALO_ALTO_LEEF", "PALO_ALTO_LEEF_SYSLOG"),
        recognise=signature(r"(?i)LEEF: ?[\d.]+\|Palo Alto Networks\|", "LEEF of Palo Alto Networks"),
        open=PaloAltoLeef,
        rank=6,  # before the generic format of the same row
    ),
)
