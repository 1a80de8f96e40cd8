"""The contract of a format."""

from __future__ import annotations

import pytest

from opencasb.discovery.formats.base import Format, ParseContext
from opencasb.discovery.recognise import formats


@pytest.mark.parametrize("known", formats(), ids=lambda known: known.sources[0])
def test_formats_keep_the_contract(known: Format) -> None:
    """Each parser is a new object, and detection returns a share and a reason for any lines, even for none."""
    assert known.open(ParseContext(1)) is not known.open(ParseContext(1))
    for lines in ([], ["nonsense"], [""]):
        share, reason = known.recognise(lines)
        assert 0 <= share <= 1
        assert isinstance(reason, str)
