"""``python -m bench``: run all benchmarks and write medians to ``bench/results.md`` and ``bench/results-*.md``.

``python -m bench PART`` runs one part: ``logs``, ``activities``, ``identity``, ``formats``, ``syslog``, ``matching`` or
``unlisted``.
"""

from __future__ import annotations

import argparse
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from bench import activities, formats, identity, ingest, matching, report, syslog, unlisted

HERE = Path(__file__).parent


def main() -> None:
    """Run the benchmarks and write the tables."""
    chosen = _chosen()
    if chosen.part in {None, "logs"}:
        _write(chosen.out or HERE / "results.md", _logs(chosen))
    if chosen.part in {None, "activities"}:
        _write(chosen.out or HERE / "results-activities.md", _activities(chosen))
    if chosen.part in {None, "identity"}:
        _write(chosen.out or HERE / "results-identity.md", _identity(chosen))
    if chosen.part in {None, "formats"}:
        _write(chosen.out or HERE / "results-formats.md", _formats(chosen))
    if chosen.part in {None, "syslog"}:
        _write(chosen.out or HERE / "results-syslog.md", _syslog(chosen))
    if chosen.part in {None, "matching"}:
        _write(chosen.out or HERE / "results-matching.md", _matching(chosen))
    if chosen.part in {None, "unlisted"}:
        _write(
            chosen.out or HERE / "results-unlisted.md", f"# Unlisted apps\n\n{unlisted.run(samples=chosen.samples)}\n"
        )


def _chosen() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument(
        "part",
        nargs="?",
        choices=("logs", "activities", "identity", "formats", "syslog", "matching", "unlisted"),
        help="one part only, not everything",
    )
    parser.add_argument(
        "--quick", action="store_true", help="the smallest size only: a million lines, 100,000 activities"
    )
    parser.add_argument("--work", type=Path, default=HERE / "work", help="where logs, lakes and stores are kept")
    parser.add_argument("--out", type=Path, help="file of the tables of one part")
    logs = parser.add_argument_group("logs")
    logs.add_argument("--runs", type=int, default=3, help="counted runs of each command")
    stored = parser.add_argument_group("activities")
    stored.add_argument("--rows", type=int, action="append", help="activities in the store; may be given several times")
    stored.add_argument("--engine", choices=activities.ENGINES, help="one engine only")
    stored.add_argument(
        "--url", help="an empty PostgreSQL database of yours instead of a server of the benchmark's own"
    )
    stored.add_argument(
        "--seconds",
        type=float,
        default=activities.SECONDS,
        help="how long each kind of question is asked in each way, and each row of identity measured",
    )
    parser.add_argument("--samples", type=Path, help="unlisted: sample logs, one folder for each source type")
    chosen = parser.parse_args()
    if chosen.out and chosen.part is None:
        parser.error("--out is for one part")
    if chosen.url and len(chosen.rows or ()) != 1:
        parser.error("--url is for one size: give --rows once")
    if chosen.url and chosen.engine == "sqlite":
        parser.error("--url is for PostgreSQL")
    return chosen


def _logs(chosen: argparse.Namespace) -> str:
    sizes = (1_000_000,) if chosen.quick else (1_000_000, 10_000_000)
    parts = [
        _measured(),
        ingest.table(ingest.run(chosen.work, sizes, chosen.runs)),
        report.run(chosen.work, sizes[-1], chosen.runs),
    ]
    return "\n\n".join(parts) + "\n"


def _identity(chosen: argparse.Namespace) -> str:
    return f"# Identity\n\n{_measured()}\n\n{identity.run(chosen.work, chosen.seconds)}\n"


def _formats(chosen: argparse.Namespace) -> str:
    lines = formats.QUICK if chosen.quick else formats.LINES
    return f"# Formats\n\n{_measured()}\n\n{formats.run(chosen.work, lines, chosen.runs)}\n"


def _syslog(chosen: argparse.Namespace) -> str:
    seconds = 10 if chosen.quick else syslog.SECONDS
    return f"# Syslog\n\n{_measured()}\n\n{syslog.run(chosen.work, syslog.RATE, seconds)}\n"


def _matching(chosen: argparse.Namespace) -> str:
    hosts = matching.QUICK if chosen.quick else matching.HOSTS
    return f"# Matching\n\n{_measured()}\n\n{matching.run(chosen.work, hosts, 3 * chosen.runs)}\n"


def _measured() -> str:
    return (
        f"Measured {datetime.now(UTC):%Y-%m-%d} on {platform.machine()}, Python {platform.python_version()}. Medians."
    )


def _activities(chosen: argparse.Namespace) -> str:
    sizes = tuple(chosen.rows or (activities.QUICK if chosen.quick else activities.SIZES))
    engines = (chosen.engine or "postgresql",) if chosen.engine or chosen.url else activities.ENGINES
    return activities.run(chosen.work, sizes, engines, chosen.url or "", chosen.seconds)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
