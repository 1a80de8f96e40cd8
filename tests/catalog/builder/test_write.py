"""Writing the files."""

from __future__ import annotations

from pathlib import Path

from opencasb.catalog.builder.source_table import sources
from opencasb.catalog.builder.write import domains_frame, networks_frame, write_common, write_layer
from opencasb.catalog.networks import Prefix
from opencasb.catalog.shipped import CatalogFiles
from opencasb.catalog.suffixes import PublicSuffixes


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    """Intervals, rules and sources are read back unchanged."""
    intervals = [Prefix(5, 9, 1), Prefix((1 << 128) + 5, (1 << 128) + 9, 2)]
    frames = {"networks": networks_frame(intervals), "domains": domains_frame([])}
    write_layer(tmp_path / "core", frames, sources().values(), "notice")
    write_common(tmp_path, (["com"], ["pages.com"]), "app_id,key\n")
    files = CatalogFiles(tmp_path)
    assert files.addresses.match(["::6", "0.0.0.6", "::a"]) == [1, 2, None]
    assert files.suffixes.registrable("a.b.pages.com") == "b.pages.com"
    assert [source.id for source in files.sources] == list(sources())
    assert (tmp_path / "core/NOTICES.md").read_text("utf-8") == "notice"
    assert (tmp_path / "ids.csv").read_text("utf-8") == "app_id,key\n"


def test_the_suffix_rules_keep_their_notice(tmp_path: Path) -> None:
    """The file has its own licence and says so."""
    write_common(tmp_path, (["com"], []), "")
    text = (tmp_path / "public_suffixes.txt").read_text("utf-8")
    assert "Mozilla Public" in text
    assert PublicSuffixes.parse(text).registrable("a.com") == "a.com"
