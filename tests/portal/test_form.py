"""Form fields: lines, numbers, boxes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.identity.refusals import InvalidValue
from opencasb.model.written_line import is_name
from opencasb.portal.form import LONGEST, Form


@given(text=st.text())
def test_a_line_is_printable_and_short_or_refused_by_name(text: str) -> None:
    """Any text is either valid or rejected."""
    form = Form({"name": (text,)})
    if 1 <= len(text.strip()) <= LONGEST and is_name(text.strip()):
        assert form.line("name", required=True) == text.strip()
    else:
        with pytest.raises(InvalidValue) as refused:
            form.line("name", required=True)
        assert refused.value.field == "name"


@given(text=st.text() | st.from_regex(r"\s*[0-9٣]{1,10}\s*") | st.integers(0, 800).map(str))
def test_a_number_has_only_digits_or_is_refused_by_name(text: str) -> None:
    """Signs and digits of other scripts are rejected."""
    form = Form({"days": (text,)})
    if re.fullmatch(r"[0-9]{1,9}", text.strip()) and 1 <= int(text.strip()) <= 730:
        assert form.number("days", 1, 730) == int(text.strip())
    else:
        with pytest.raises(InvalidValue) as refused:
            form.number("days", 1, 730)
        assert refused.value.field == "days"


def test_what_is_missing_is_empty() -> None:
    """A missing box is not ticked; other missing fields are empty."""
    form = Form()
    assert (form.raw("x"), form.line("x"), form.ticked("x"), form.all("x")) == ("", "", False, [])
    with pytest.raises(InvalidValue):
        form.line("x", required=True)
    assert Form({"x": (" a ", "b")}).all("x") == [" a ", "b"]
