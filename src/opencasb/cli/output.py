"""Output of commands: one JSON text for machines, or text in columns for people."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from opencasb.discovery.line_counts import Counts


def echo_json(value: Any) -> None:  # any JSON
    """Print ``value`` as JSON, with escapes if the encoding of stdout is not Unicode."""
    import json

    import msgspec

    text = msgspec.json.encode(value).decode()
    is_unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    click.echo(text if is_unicode else json.dumps(json.loads(text)))


def echo_done(record: Any, said: str = "", *, as_json: bool) -> None:  # any JSON
    """Print ``record`` as JSON, or the message for people, which may be empty."""
    if as_json:
        echo_json(record)
    elif said:
        click.echo(said)


def echo_table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print ``rows`` in columns under ``headings``; nothing if there are none.

    Hidden characters are made visible, because names may come from logs and other servers.
    """
    from opencasb.model.visible_text import visible_name

    if not rows:
        return
    cells = [list(headings), *([visible_name(str(cell)) for cell in row] for row in rows)]
    widths = [max(_width(line[column]) for line in cells) for column in range(len(headings))]
    for line in cells:
        padded = (cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True))
        click.echo("  ".join(padded).rstrip())


def echo_list(
    records: Sequence[Any], headings: Sequence[str], rows: Iterable[Sequence[object]], *, as_json: bool
) -> None:  # any JSON
    """Print ``records`` as JSON, or ``rows`` in columns under ``headings`` for people."""
    if as_json:
        echo_json(records)
    else:
        echo_table(headings, list(rows))


def echo_records(records: Sequence[Mapping[str, Any]], times: Collection[str], *, as_json: bool) -> None:  # any JSON
    """Print ``records``, which share the same fields, like :func:`echo_list`, with a column per field.

    ``times`` names the fields in ms since the epoch UTC.
    """
    headings = [name.replace("_", " ") for name in records[0]] if records else []
    rows = ([moment(value) if name in times else value for name, value in each.items()] for each in records)
    echo_list(records, headings, rows, as_json=as_json)


def echo_facts(facts: Mapping[str, Any], times: Collection[str] = (), *, as_json: bool) -> None:  # any JSON
    """Print ``facts`` as JSON, or one per line for people; ``times`` names those in ms since the epoch UTC."""
    if as_json:
        echo_json(facts)
        return
    for name, value in facts.items():
        click.echo(f"{name}: {moment(value) if name in times else _plain(value)}")


def _plain(value: object) -> str:
    if isinstance(value, list | tuple):
        return " ".join(value)
    return "-" if value is None else str(value)


def _width(text: str) -> int:
    """Return the width of a text in terminal columns: East Asian letters and emoji take two, accents none."""
    import unicodedata

    if text.isascii():
        return len(text)
    kinds = ((unicodedata.category(each), unicodedata.east_asian_width(each)) for each in text)
    return sum(0 if category in {"Mn", "Me", "Cf"} else 2 if wide in {"W", "F"} else 1 for category, wide in kinds)


def moment(time: int | None, *, absent: str = "never") -> str:
    """Return ``time`` (ms since the epoch UTC) as text, to the minute."""
    return absent if time is None else datetime.fromtimestamp(time / 1000, UTC).strftime("%Y-%m-%d %H:%MZ")


def refuse_input(option: str, target: Path | None, inputs: Iterable[Path | None]) -> None:
    """Raise ``BadParameter`` if the file to write is one of the input files, also under another name."""
    for each in inputs:
        if target is not None and each is not None and target.exists() and target.samefile(each):
            raise click.BadParameter(f"{target} is read, and would be overwritten", param_hint=option)


def write_file(target: Path, content: bytes, option: str = "--out") -> None:
    """Write the file given by an option. Raises ``ClickException``."""
    try:
        target.write_bytes(content)
    except OSError as error:
        raise click.ClickException(f"{option}: {target}: {error.strerror}") from None


def tell_reasons(counts: Counts, *, err: bool) -> None:
    """Print why lines of a log gave no transactions, with samples; to stderr with ``err``."""
    for kind, counter in (("ignored", counts.ignored), ("rejected", counts.rejected)):
        for reason, number in counter.most_common():
            click.echo(f"  {kind}: {reason}: {number}", err=err)
    for sample in counts.samples:
        click.echo(f"  line {sample.line}: {sample.reason}: {sample.text!r}", err=err)


@contextmanager
def explained(option: str) -> Iterator[None]:
    """Turn a ``ValueError`` into a message that names the option, with exit code 1."""
    try:
        yield
    except ValueError as error:
        raise click.ClickException(f"{option}: {error}") from None
