"""Lines whose quotes a pipeline doubled or escaped read like those of the device."""

from __future__ import annotations

import polars as pl
import pytest

from opencasb.discovery.formats.cell_quotes import with_plain_quotes
from opencasb.discovery.recognise import recognise
from tests.discovery.formats.parsed import rows
from tests.discovery.formats.vendor_lines import LINES

QUOTED = {source: lines for source, lines in LINES.items() if all('="' in line for line in lines)}


@pytest.mark.parametrize("quote", ['""', '\\"'])
@pytest.mark.parametrize("source", QUOTED)
def test_every_vendor(source: str, quote: str) -> None:
    lines = QUOTED[source]
    written = [line.replace('"', quote) for line in lines]
    assert recognise(written).source == recognise(lines).source
    assert rows(source, written) == rows(source, lines)
    assert rows(source, [*lines, *written])[: len(lines)] == rows(source, lines)


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ('a=""b"" c="""" d=1', 'a="b" c="" d=1'),
        ('[a:\\"b\\"; c:\\"\\"]', '[a:"b"; c:""]'),
        ('a="" b="" c=1', None),
        ('a="" b=""', None),
        ('1,"x?q=""b""",2', None),
        ('{"a":"b=\\"c\\""}', None),
        ('a="b \\"c\\"" d=\\"e\\"', None),
        ('a="b" c=""d', None),
        ("a=b", None),
        (None, None),
    ],
)
def test_only_if_every_quote_is_written_so(written: str | None, plain: str | None) -> None:
    texts = pl.Series([written, "x"], dtype=pl.String)
    assert with_plain_quotes(texts).to_list() == [plain or written, "x"]
