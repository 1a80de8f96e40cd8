"""Find the sessions in FortiGate's CEF records, which log bytes and requests apart (log-formats §1, §5 FORTIGATE).

``externalId`` is the session id; client and id together identify a session, since several firewalls may write one log.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from opencasb.discovery.formats.sessions import RECORD, SESSION

_HEADER: Final = r"\|Fortinet\|Forti[Gg]ate[^|]*\|[^|]*\|[^|]*\|[^|]*"
_ID: Final = r"[ |](?i:externalid)=\"?0*([1-9]\d*)"
_FORWARD: Final = r"(?:traffic:forward|forward traffic)"
_WEB: Final = r"(?:webfilter|app-ctrl)"
_INTERIM: Final = r"\|Fortinet\|Forti[Gg]ate[^|]*\|[^|]*\|\d*00020\|"
"""A long session that continues: its log id ends in 20."""


def with_session(rows: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Add SESSION and RECORD to rows where ``lines`` (``text``) has FortiGate records that name their session."""
    if not lines["text"].str.contains("|Fortinet|", literal=True).any():
        return rows
    text = pl.col("text")
    interim = text.str.contains(_INTERIM)
    end = pl.when(interim).then(pl.lit("interim")).otherwise(pl.lit("end"))
    kind = (
        pl.when(text.str.contains(_HEADER + _FORWARD))
        .then(end)
        .when(text.str.contains(_HEADER + _WEB))
        .then(pl.lit("web"))
    )
    told = lines.select("line", kind.alias("_kind"), text.str.extract(_ID).alias("_id"))
    rows = rows.join(told, on="line", how="left", maintain_order="left")
    counted = pl.col("ignored").is_null() & pl.col("rejected").is_null() & pl.col("_kind").is_not_null()
    named = counted & pl.col("_id").is_not_null()
    known = pl.col(RECORD) if RECORD in rows.columns else pl.lit(None, pl.String)
    return rows.with_columns(
        pl.when(named).then(pl.struct("_id", "source_ip").hash()).alias(SESSION),
        pl.when(named).then("_kind").otherwise(known).alias(RECORD),
    ).drop("_kind", "_id")
