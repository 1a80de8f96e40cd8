"""Read Check Point's CEF (log-formats §5, CHECKPOINT_CEF_SYSLOG)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

import polars as pl

from opencasb.discovery.formats.base import Format
from opencasb.discovery.formats.cef import TEXTS, WORDS, Cef
from opencasb.discovery.formats.checkpoint_fields import device, login, sees_traffic, with_session
from opencasb.discovery.formats.signature import signature
from opencasb.discovery.formats.updates import Updates

_PRODUCT: Final = r"(?i)\bCheck ?Point\|([^|]*)\|"


class CheckPointCef(Cef):
    """Read the records of the blades that see connections and requests."""

    holders = (Updates,)
    vendor: ClassVar[str] = r"\|?(?i:Check ?Point)\|"
    words: ClassVar[Mapping[str, Sequence[str]]] = {
        **WORDS,
        "authority": ("dhost", "dst_domain_name", "sni"),
        "url": ("request", "resource"),
        "sent": ("out", "sent_bytes", "client_outbound_bytes"),
        "received": ("in", "received_bytes", "client_inbound_bytes"),
        "total": ("bytes",),
        "protocol": ("proto",),
    }
    texts: ClassVar[Mapping[str, Sequence[str]]] = {**TEXTS, "user": ("suser", "src_user_name")}

    def read(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Parse a batch and mark the records that update earlier ones."""
        return with_session(super().read(lines), lines["text"])

    def _judged(self, rows: pl.DataFrame) -> pl.DataFrame:
        counted = sees_traffic(pl.col("text").str.extract(_PRODUCT)).fill_null(value=False)
        read = pl.col("rejected").is_null()
        icmp = pl.col("protocol").is_in(["1", "58", "icmp"]).fill_null(value=False)
        reason = (
            pl.when(read & ~counted)
            .then(pl.lit("not a connection or request record"))
            .when(read & icmp)
            .then(pl.lit("ICMP"))
        )
        return (
            super()
            ._judged(rows)
            .with_columns(
                pl.coalesce(reason, "ignored").alias("ignored"),
                login().alias("user"),
                device(),
            )
        )


FORMATS: Final = (
    Format(
        sources=("CHECKPOINT_CEF_SYSLOG",),
        recognise=signature(r"(?:CEF: ?|^\s*)\d{1,2}\|\|?(?i:Check ?Point)\|", "CEF of Check Point"),
        open=CheckPointCef,
        rank=5,  # before the generic format of the same row
    ),
)
