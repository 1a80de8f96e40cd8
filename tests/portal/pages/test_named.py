"""Ids in URLs: only well-formed ones reach the database."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opencasb.portal.pages.named import id_in
from opencasb.portal.visit import NotFound, Visit
from tests.portal.site import Site


@settings(max_examples=50)
@given(text=st.text(min_size=1))
def test_ids_are_ids(text: str) -> None:
    """Hex digits and hyphens; upper case is accepted."""
    visit = Visit(None, None, None, None, "", "", {"x": text}, {})  # type: ignore[arg-type]  # only the path is used
    if set(text.lower()) <= set("0123456789abcdef-") and len(text) <= 36:
        assert id_in(visit, "x") == text.lower()
    else:
        with pytest.raises(NotFound):
            id_in(visit, "x")


@pytest.mark.parametrize("text", ["\0", "x", "é", "0" * 37, "' or 1=1 --"])
def test_other_texts_are_not_found(site: Site, text: str) -> None:
    """They are neither users nor applications."""
    for area in ("users", "applications"):
        assert site.visitor().open(f"{area}/{quote(text)}").status_code == 404
