"""Multipart bodies (api §3.1 d)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.api.v1.multipart import Malformed, parts

KIND = 'multipart/form-data; boundary="a b"'


def test_parts_have_names_and_bytes() -> None:
    """Headers in any case, names in UTF-8, parts without a name, empty parts."""
    body = (
        '--a b\r\ncontent-disposition: form-data; name="größe"\r\nContent-Type: text/plain\r\n\r\n5\r\n'
        '--a b\r\n\r\n{"x":1}\r\n--a b\r\nContent-Disposition: form-data; name="e"\r\n\r\n\r\n--a b--\r\n'
    )
    found = [(part.name, bytes(part.data)) for part in parts(body.encode(), KIND, 3)]
    assert found == [("größe", b"5"), ("", b'{"x":1}'), ("e", b"")]


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; x=y"])
def test_a_boundary_is_needed(kind: str) -> None:
    """Without it the parts cannot be separated."""
    with pytest.raises(Malformed, match="boundary"):
        parts(b"--a b--", kind, 3)


@given(st.binary(max_size=100))
def test_any_bytes_are_parts_or_malformed(body: bytes) -> None:
    """Only that error is raised."""
    for wrapped in (body, b"--a b\r\n" + body, b"--a b\r\nContent-Disposition: " + body + b"\r\n\r\nx\r\n--a b--"):
        try:
            assert len(parts(wrapped, KIND, 3)) <= 3
        except Malformed as error:
            assert str(error)  # noqa: PT017 -- either outcome is right
