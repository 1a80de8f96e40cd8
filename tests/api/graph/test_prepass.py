"""Preprocessing of filters for the parser."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.api.graph.errors import BadRequest
from opencasb.api.graph.prepass import DEEPEST, LONGEST, prepare


@pytest.mark.parametrize(
    ("text", "ready"),
    [
        ("riskScore le 4", "riskScore le 4"),
        ("  riskRating   le\t4 ", "riskRating le 4"),
        ("riskScore LE 4 AND userCount GT 1", "riskScore le 4 and userCount gt 1"),
        ("(riskScore le 4)and(userCount gt 1)", "(riskScore le 4) and (userCount gt 1)"),
        ("not(riskScore le 4)", "not (riskScore le 4)"),
        ("endsWith (displayName , 'x')", "endswith(displayName,'x')"),
        ("Contains('tags','a')", "contains('tags','a')"),
        ("tags/Any ( t : t eq 'x')", "tags/any(t:t eq 'x')"),
        ("appInfo / vendor eq 'x'", "appInfo/vendor eq 'x'"),
        ("category eq microsoft.graph.security.appCategory'marketing'", "category eq 'marketing'"),
        ("displayName eq 'x'", "displayName eq 'x'"),
        ("displayName eq'x'", "displayName eq 'x'"),
        ("lastSeenDateTime ge datetime'2024-01-01'", "lastSeenDateTime ge '2024-01-01'"),
        ("lastSeenDateTime ge 2024-01-01T00:00:00Z", "lastSeenDateTime ge '2024-01-01T00:00:00Z'"),
        (
            "lastSeenDateTime ge 0001-01-01T00:00:00.0000000+00:00",
            "lastSeenDateTime ge '0001-01-01T00:00:00.0000000+00:00'",
        ),
        ("lastSeenDateTime in (0001-01-01,2024-01-01)", "lastSeenDateTime in ('0001-01-01','2024-01-01')"),
        ("2024-01-01 le lastSeenDateTime", "'2024-01-01' le lastSeenDateTime"),
        ("a eq 2024-01-01x", "a eq 2024-01-01x"),
        ("a eq 12345678-1234-1234-1234-123456789012", "a eq 12345678-1234-1234-1234-123456789012"),
        ("id in ('1')", "id in ('1',)"),
        ("id in ('1','2')", "id in ('1','2')"),
        ("riskScore in (-1)", "riskScore in (-1,)"),
        ("(id in ('1')) and (a eq 1)", "(id in ('1',)) and (a eq 1)"),
        ("displayName eq '  a  and  CONTAINS ( b'", "displayName eq '  a  and  CONTAINS ( b'"),
        ("displayName eq 'O''Reilly (x'", "displayName eq 'O''Reilly (x'"),
    ],
)
def test_repairs_never_touch_quoted_text(text: str, ready: str) -> None:
    """Blanks, case of names, type prefixes and single-element lists are repaired outside quotes only."""
    assert prepare(text) == ready


def test_limits_are_told() -> None:
    """A filter that is too long or too deep is rejected with the limit."""
    with pytest.raises(BadRequest, match="8000"):
        prepare("x" * (LONGEST + 1))
    with pytest.raises(BadRequest, match="50"):
        prepare("(" * (DEEPEST + 1) + "a eq 1" + ")" * (DEEPEST + 1))
    assert prepare("(" * DEEPEST + "a eq 1" + ")" * DEEPEST)


@given(st.text(max_size=100))
def test_a_second_pass_changes_nothing(text: str) -> None:
    """Preprocessing is idempotent for any text."""
    with suppress(BadRequest):
        once = prepare(text)
        assert prepare(once).replace(",,", ",") == once.replace(",,", ",")
