"""Headers of a page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.discovery.probe.headers import header_facts
from opencasb.model.factors import FACTORS

PREFIX = "is_http_security_headers_"


def test_every_header_is_a_factor() -> None:
    """None is there: all are no."""
    facts = header_facts({})
    assert set(facts) <= set(FACTORS)
    assert set(facts.values()) == {False}


@pytest.mark.parametrize(
    ("name", "value", "there"),
    [
        ("strict-transport-security", "max-age=31536000; includeSubDomains", True),
        ("strict-transport-security", 'includeSubDomains; Max-Age="300"', True),
        ("strict-transport-security", "max-age=0", False),
        ("strict-transport-security", "max-age=", False),
        ("strict-transport-security", "xmax-age=1", False),
        ("content-security-policy", "default-src 'self'", True),
        ("content-security-policy", " ; ", False),
        ("x-content-type-options", "NoSniff", True),
        ("x-content-type-options", "sniff", False),
        ("x-frame-options", "SAMEORIGIN", True),
        ("x-frame-options", "deny, deny", True),
        ("x-frame-options", "allowall", False),
        ("x-xss-protection", "1; mode=block", True),
        ("x-xss-protection", "0", False),
    ],
)
def test_a_header_counts_if_it_does_something(name: str, value: str, there: bool) -> None:
    """By the values that browsers know."""
    assert header_facts({name: value})[PREFIX + name.replace("-", "_")] is there


@given(st.dictionaries(st.sampled_from(["strict-transport-security", "x-frame-options"]), st.text(max_size=30)))
def test_any_text_is_a_header(headers: dict[str, str]) -> None:
    """Never an error."""
    assert len(header_facts(headers)) == 5
