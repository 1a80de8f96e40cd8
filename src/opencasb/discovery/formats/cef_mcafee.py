"""Read CEF records of McAfee's Web Gateway, which differ from other vendors' (log-formats §5, MCAFEE_SWG).

Its default template counts bytes as a proxy does: ``in`` came from the client, ``out`` went to it.
"""

from __future__ import annotations

from typing import Final

import polars as pl

_HEADER: Final = "|McAfee|Web Gateway|"

BLOCK_REASON: Final = r"\|McAfee\|Web Gateway\|.* (cn1=0) (?:.* )?cn1Label=Block Reason"
"""Says that the gateway blocked nothing; the name in its header is that of the last rule evaluated."""


def with_directions(rows: pl.DataFrame) -> pl.DataFrame:
    """Exchange the sizes ``sent`` and ``received`` of the gateway's records."""
    ours = pl.col("text").str.contains(_HEADER, literal=True).fill_null(value=False)
    if not rows.select(ours.any()).item():
        return rows
    return rows.with_columns(
        pl.when(ours).then("received").otherwise("sent").alias("sent"),
        pl.when(ours).then("sent").otherwise("received").alias("received"),
    )
