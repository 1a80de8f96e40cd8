"""The limit: a bare Polars script for the same parse and roll-up, without checks, names, catalog or commit.

Run it as ``python -m bench.bare KIND FILE OUT.parquet``. It reads in batches like the product, so memory is comparable.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import polars as pl

BATCH = 32 * 1024 * 1024


def batches(path: str) -> Iterator[pl.DataFrame]:
    """Yield frames with one column, ``line``."""
    with open(path, "rb") as file:  # noqa: PTH123 -- a script as one would write it
        rest = b""
        while data := file.read(BATCH):
            cut = data.rfind(b"\n") + 1
            yield pl.read_csv(
                rest + data[:cut], separator="\x01", has_header=False, quote_char=None, new_columns=["line"]
            )
            rest = data[cut:]


def squid(lines: pl.DataFrame) -> pl.LazyFrame:
    """Parse the Squid native format."""
    part = pl.col("line").str.replace(r" +", " ").str.splitn(" ", 10).struct.field
    return (
        lines.lazy()
        .select(
            part("field_0").str.split(".").list.get(0).cast(pl.Int64).alias("t"),
            part("field_2").alias("ip"),
            part("field_4").cast(pl.Int64).alias("down"),
            part("field_6").str.extract(r"^(?:https?://)?([^/:]+)").alias("host"),
            part("field_7").alias("user"),
        )
        .with_columns(pl.lit(0, pl.Int64).alias("up"))
    )


def w3c(lines: pl.DataFrame) -> pl.LazyFrame:
    """Parse the W3C columns of the generated log."""
    part = pl.col("line").str.splitn(" ", 16).struct.field
    return (
        lines.lazy()
        .filter(~pl.col("line").str.starts_with("#"))
        .select(
            pl.concat_str(part("field_0"), part("field_1"), separator=" ")
            .str.to_datetime("%Y-%m-%d %H:%M:%S")
            .dt.epoch("s")
            .alias("t"),
            part("field_3").alias("ip"),
            part("field_4").alias("user"),
            part("field_10").alias("host"),
            part("field_14").cast(pl.Int64).alias("down"),
            part("field_15").cast(pl.Int64).alias("up"),
        )
    )


def cef(lines: pl.DataFrame) -> pl.LazyFrame:
    """Parse the CEF keys of the generated log."""

    def key(name: str) -> pl.Expr:
        return pl.col("line").str.extract(rf" {name}=(\S+)")

    return lines.lazy().select(
        (pl.col("line").str.extract(r"rt=(\d+)").cast(pl.Int64) // 1000).alias("t"),
        key("src").alias("ip"),
        key("suser").alias("user"),
        key("dhost").alias("host"),
        key("out").cast(pl.Int64).alias("up"),
        key("in").cast(pl.Int64).alias("down"),
    )


def rolled_up(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Aggregate by day, host, user and address."""
    return (
        rows.with_columns(pl.col("t") // 86_400)
        .group_by("t", "host", "user", "ip")
        .agg(pl.len().cast(pl.Int64).alias("n"), pl.col("up", "down").sum())
    )


def main() -> None:
    """Parse the file and write the roll-up."""
    kind, path, out = sys.argv[1:4]
    parse = {"squid": squid, "w3c": w3c, "cef": cef}[kind]
    parts = [rolled_up(parse(lines)).collect() for lines in batches(path)]
    whole = pl.concat(parts).group_by("t", "host", "user", "ip").agg(pl.col("n", "up", "down").sum())
    whole.write_parquet(out)


if __name__ == "__main__":
    main()
