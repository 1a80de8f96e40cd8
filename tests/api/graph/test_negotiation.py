"""Content negotiation."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.api.graph.errors import BadRequest, NotAcceptable
from opencasb.api.graph.negotiation import Form, negotiate


@pytest.mark.parametrize(
    "accept",
    [
        *("", "*/*", "application/json", "application/*", "APPLICATION/JSON", "text/html, */*;q=0.1"),
        *("application/json;odata.metadata=minimal", "text/plain;q=0.9, application/json;q=0.5"),
    ],
)
def test_json_with_minimal_metadata_is_the_usual_form(accept: str) -> None:
    """Any media range that includes JSON gets it."""
    form = negotiate(accept, "", "")
    assert form == Form()
    assert form.content_type == (
        "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
    )


@pytest.mark.parametrize("accept", ["text/plain", "application/xml", "application/json;q=0", "image/*;q=1", ",", ";"])
def test_an_accept_without_json_is_not_acceptable(accept: str) -> None:
    """Clients that exclude JSON get an error."""
    with pytest.raises(NotAcceptable, match="application/json"):
        negotiate(accept, "", "")


@pytest.mark.parametrize(
    "value", ["odata.metadata=none", "metadata=none", "ODATA.METADATA=NONE", ' odata.metadata="none"']
)
def test_annotations_can_be_switched_off(value: str) -> None:
    """Both spellings of the parameter are accepted, and the content type reflects it."""
    form = negotiate(f"application/json;{value}", "", "")
    assert not form.annotated
    assert "odata.metadata=none" in form.content_type


def test_long_numbers_can_be_asked_for_as_text() -> None:
    """IEEE754Compatible is honoured and reflected."""
    form = negotiate("application/json;IEEE754Compatible=true;odata.metadata=none", "", "")
    assert form == Form(annotated=False, long_as_text=True)
    assert "IEEE754Compatible=true" in form.content_type


@pytest.mark.parametrize("option", ["json", "JSON", "application/json", "application/json;odata.metadata=none"])
def test_the_format_option_wins_over_accept(option: str) -> None:
    """$format may only be JSON, and then Accept does not matter."""
    assert negotiate("text/html", option, "").annotated == ("none" not in option)
    with pytest.raises(BadRequest, match=r"\$format"):
        negotiate("*/*", "atom", "")


@pytest.mark.parametrize(
    ("prefer", "late"),
    [
        ("include-unknown-enum-members", True),
        ("odata.maxpagesize=5, Include-Unknown-Enum-Members", True),
        ("return=minimal", False),
        ("", False),
    ],
)
def test_late_members_are_a_preference(prefer: str, late: bool) -> None:
    """Only the documented preference shows late enum members."""
    assert negotiate("", "", prefer).late_members is late


@given(st.text(st.sampled_from("aplictonjs/*;,=q0. \"'\x00é"), max_size=40), st.text(max_size=20))
def test_any_headers_are_read_or_refused(accept: str, prefer: str) -> None:
    """Only the rejections are raised."""
    with suppress(NotAcceptable):
        negotiate(accept, "", prefer)
