"""Exchange the sizes in CEF of products that name them from the device's point of view (log-formats §5, GENERIC_CEF).

In the templates of McAfee's Web Gateway and of PAN-OS, ``in`` came from the client and ``out`` went to it. What Palo
Alto's logging service sends is as usual.
"""

from __future__ import annotations

from typing import Final

import polars as pl

_HEADERS: Final = r"\|(?:McAfee\|Web Gateway|Palo Alto Networks\|PAN-OS)\|"


def with_directions(rows: pl.DataFrame) -> pl.DataFrame:
    """Exchange the sizes ``sent`` and ``received`` of these products' records (``text``)."""
    ours = rows.select(pl.col("text").str.contains(_HEADERS).fill_null(value=False)).to_series()
    if not ours.any():
        return rows
    return rows.with_columns(
        pl.when(ours).then("received").otherwise("sent").alias("sent"),
        pl.when(ours).then("sent").otherwise("received").alias("received"),
    )
