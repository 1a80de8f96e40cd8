"""Names of people as sources write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.activities.names import Name, read_name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" Ana@Example.ORG ", Name("ana@example.org")),
        ("root", Name("root")),
        ("NT AUTHORITY\\SYSTEM (Microsoft.Exchange)", Name("NT AUTHORITY\\SYSTEM (Microsoft.Exchange)")),
        ("urn:spo:guest#Ana@Example.org", Name("ana@example.org", is_external=True)),
        ("ana_lu_example.org#EXT#@contoso.example", Name("ana_lu@example.org", is_external=True)),
        ("#EXT#@contoso.example", Name("#ext#@contoso.example", is_external=True)),
        ("app@sharepoint", Name("app@sharepoint", is_application=True)),
        (
            "ServicePrincipal_3b0f4c3e-0000-4000-8000-0000000000aa",
            Name("ServicePrincipal_3b0f4c3e-0000-4000-8000-0000000000aa", is_application=True),
        ),
        ("i:0#.f|membership|Ana@example.org", Name("ana@example.org")),
        ("i:0#.f|membership|ana_example.org#ext#@contoso.example", Name("ana@example.org", is_external=True)),
        ("i:0i.t|00000003-0000-0ff1-ce00-000000000000|app@sharepoint", Name("app@sharepoint", is_application=True)),
        ("i:0#.f|membership|", Name("i:0#.f|membership|")),
        ("urn:spo:anon#0123", Name(None)),
        ("urn:spo:tenantanon#0123", Name(None)),
        ("Anonymous", Name(None)),
        ("Unknown", Name(None)),
        ("Not Available", Name(None)),
        ("", Name(None)),
        (None, Name(None)),
    ],
)
def test_names(text: str | None, expected: Name) -> None:
    """All spellings of a person give one name; placeholders give none (connectors §3.2)."""
    assert read_name(text) == expected


@given(
    st.text(max_size=60)
    | st.from_regex(r"[a-z_.@]*#EXT#@[a-z.]*", fullmatch=True)
    | st.from_regex(r"(i:0[#h.]{1,3}\|[a-z|]*\|?){1,2}[a-z@#| :]*", fullmatch=True)
)
def test_reading_a_name_again_changes_nothing(text: str) -> None:
    once = read_name(text).user
    assert once is None or once
    assert read_name(once).user == once
