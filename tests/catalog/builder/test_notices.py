"""The notices."""

from __future__ import annotations

from opencasb.catalog.builder.notices import notices
from opencasb.catalog.builder.source_table import sources


def test_every_source_stands_under_its_licence_with_its_attribution() -> None:
    """The permission text required by MIT is there once."""
    table = [source for source in sources().values() if source.layer == "core"]
    text = notices("core", table)
    assert len(table) > 10
    assert [source.id for source in table if source.attribution not in text] == []
    assert [source.id for source in table if f"## {source.licence}\n" not in text] == []
    assert text.count("Permission is hereby granted") == 1
    assert "https://creativecommons.org/licenses/by/4.0/" in text
