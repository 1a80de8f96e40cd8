"""Base64url."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.model.base64url import decoded, unpadded


@given(st.binary(max_size=20))
def test_what_was_written_is_read(content: bytes) -> None:
    """The text has only characters valid in URLs; padding is accepted."""
    text = unpadded(content)
    assert text.replace("-", "").replace("_", "").isalnum() or not content
    assert decoded(text) == decoded(text + "=" * (-len(text) % 4)) == content


@pytest.mark.parametrize("text", ["a", "ab c", "\u00e9\u00e9"])
def test_anything_else_is_refused(text: str) -> None:
    """This includes characters that decoders usually skip."""
    with pytest.raises(ValueError, match=r"base64|padding|characters"):
        decoded(text)
