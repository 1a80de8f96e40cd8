"""The notices."""

from __future__ import annotations

from opencasb.catalog.builder.notices import notices
from opencasb.catalog.builder.source_table import sources


def test_every_source_stands_under_its_licence_with_its_attribution() -> None:
    """The permission text required by MIT is there once."""
    table = [source for source in sources().values() if source.layer == "core"]
    text = notices("core", table)
    for source in table:
        assert source.attribution in text
        assert f"## {source.licence}\n" in text
    assert text.count("Permission is hereby granted") == 1
    assert "https://creativecommons.org/licenses/by/4.0/" in text
