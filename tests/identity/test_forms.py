"""Form bodies."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.identity.errors import OAuthError
from opencasb.identity.forms import FORM, LARGEST, parse_form, required

_TEXT = st.text(st.characters(exclude_characters="\0", codec="utf-8"))


@given(st.dictionaries(_TEXT.filter(bool), _TEXT, max_size=20))
def test_any_fields_survive_the_trip(fields: dict[str, str]) -> None:
    """Encoded fields are decoded unchanged, including secrets with ``+ / %`` and spaces."""
    assert parse_form(FORM, urlencode(fields).encode()) == fields


@given(st.binary(), st.one_of(st.none(), st.text(), st.just(FORM)))
def test_any_bytes_are_a_form_or_a_refusal(body: bytes, content_type: str | None) -> None:
    """They are parsed or rejected."""
    try:
        fields = parse_form(content_type, body)
    except OAuthError as refusal:
        assert refusal.code in {90013, 9002313}  # noqa: PT017 - either outcome is right
    else:
        assert all(isinstance(value, str) for value in fields.values())


@pytest.mark.parametrize("content_type", [None, "", FORM, f"{FORM}; charset=utf-8", FORM.upper()])
def test_the_content_type_may_be_absent_or_carry_a_charset(content_type: str | None) -> None:
    """Only a different content type is rejected."""
    assert parse_form(content_type, b"a=1") == {"a": "1"}


@pytest.mark.parametrize(
    ("content_type", "body", "code", "words"),
    [
        ("application/json", b"{}", 9002313, "content type"),
        (FORM, b"a=%ff", 90013, "UTF-8"),
        (FORM, b"\xff=1", 90013, "UTF-8"),
        (FORM, b"a=1&a=1", 90013, "'a' is given more than once"),
        (FORM, b"a&" * 201, 90013, "more than 200 fields"),
        (FORM, b"a" * (LARGEST + 1), 90013, "larger"),
    ],
)
def test_a_body_that_is_no_form_is_refused(content_type: str, body: bytes, code: int, words: str) -> None:
    """The error says what is wrong with the body."""
    with pytest.raises(OAuthError, match=words) as refusal:
        parse_form(content_type, body)
    assert refusal.value.code == code


def test_a_missing_field_is_named() -> None:
    """An absent or blank field is rejected by name; a present one is returned without surrounding blanks."""
    assert required({"scope": " x "}, "scope") == "x"
    for form in ({}, {"scope": ""}, {"scope": " "}):
        with pytest.raises(OAuthError, match=r"AADSTS900144.*'scope'"):
            required(form, "scope")
