"""``python -m bench``: everything, medians, into ``bench/results.md``. ``--quick`` skips the ten-million-line logs."""

from __future__ import annotations

import argparse
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from bench import ingest, report

HERE = Path(__file__).parent


def main() -> None:
    """Run the benchmarks and write the table."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one million lines only")
    parser.add_argument("--runs", type=int, default=3, help="counted runs of each command")
    parser.add_argument("--work", type=Path, default=HERE / "work", help="where logs and lakes are kept between runs")
    chosen = parser.parse_args()
    sizes = (1_000_000,) if chosen.quick else (1_000_000, 10_000_000)
    parts = [
        f"Measured {datetime.now(UTC):%Y-%m-%d} on {platform.machine()}, Python {platform.python_version()}. Medians.",
        ingest.table(ingest.run(chosen.work, sizes, chosen.runs)),
        report.run(chosen.work, 1_000_000 if chosen.quick else 10_000_000, chosen.runs),
    ]
    text = "\n\n".join(parts) + "\n"
    (HERE / "results.md").write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
