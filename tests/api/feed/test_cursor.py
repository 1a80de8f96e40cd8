"""Feed cursors."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.api.feed.cursor import Cursors
from opencasb.api.v1.errors import BadRequest
from opencasb.identity.vault import Vault


@pytest.fixture(scope="module")
def cursors(tmp_path_factory: pytest.TempPathFactory) -> Cursors:
    """Cursors with a key for the test."""
    return Cursors(Vault(tmp_path_factory.mktemp("keys") / "vault"))


@given(st.integers(0, 2**63 - 1))
def test_a_cursor_leads_back_to_its_place(cursors: Cursors, position: int) -> None:
    """It needs no escaping in a query string."""
    text = cursors.text(1, "alerts", position)
    assert text.replace("-", "").replace("_", "").isalnum()
    assert cursors.position(1, "alerts", text) == position


@given(st.text(max_size=80) | st.binary(max_size=60).map(bytes.hex))
def test_any_other_text_is_refused(cursors: Cursors, text: str) -> None:
    """Only the rejection is raised."""
    with pytest.raises(BadRequest, match="cursor: it was not made for the alerts of this tenant, or was changed"):
        cursors.position(1, "alerts", text)


@given(st.integers(0, 47), st.sampled_from("ABCDEFGHIJ"))
def test_a_changed_cursor_is_refused(cursors: Cursors, at: int, letter: str) -> None:
    """A change at any position is detected."""
    text = cursors.text(1, "alerts", 7)
    changed = text[:at] + letter + text[at + 1 :]
    if changed != text:
        with pytest.raises(BadRequest):
            cursors.position(1, "alerts", changed)


def test_a_cursor_of_another_feed_or_server_is_refused(cursors: Cursors, tmp_path: Path) -> None:
    """It is bound to tenant, resource and key."""
    text = cursors.text(1, "alerts", 7)
    for tenant_id, resource in ((2, "alerts"), (1, "files")):
        with pytest.raises(BadRequest):
            cursors.position(tenant_id, resource, text)
    with pytest.raises(BadRequest):
        Cursors(Vault(tmp_path / "vault")).position(1, "alerts", text)
