"""What PAN-OS's own records in CEF say otherwise than those of its vendor's logging service (log-formats §5).

The template that the vendor publishes for the firewall sends the bytes that a client sent as ``in``, and those that it
received as ``out``. Strata, the logging service, has them as everybody else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import polars as pl

_HEADER: Final = "|Palo Alto Networks|PAN-OS|"


def with_sides(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows (``text``, ``sent``, ``received``) in which what PAN-OS's clients sent and received is as it was."""
    import polars as pl

    turned = rows["text"].str.contains(_HEADER, literal=True).fill_null(value=False)
    if not turned.any():
        return rows
    return rows.with_columns(
        pl.when(turned).then("received").otherwise("sent").alias("sent"),
        pl.when(turned).then("sent").otherwise("received").alias("received"),
    )
