"""Strict host names."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from opencasb.model.host_name import host_name, registrable_domain


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("example.net", "example.net"),
        ("Files.Example.NET.", "files.example.net"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BU\u0308CHER.example", "xn--bcher-kva.example"),
        ("пример.испытание", "xn--e1afmkfd.xn--80akhbyknj4f"),
        ("r3---sn-5hne.video.example", "r3---sn-5hne.video.example"),
        ("wiki.corp", "wiki.corp"),
        ("user.github.io", "user.github.io"),
        ("github.io", "github.io"),
        ("a." * 120 + "example.net", "a." * 120 + "example.net"),
    ],
)
def test_a_host_name_comes_back_in_ascii(text: str, name: str) -> None:
    """Case, composition, a final dot and punycode are normalised; nothing else is changed."""
    assert host_name(text) == name


@pytest.mark.parametrize(
    "text",
    [
        *("", ".", "..", "localhost", "com", "co.uk", "CO.UK.", "foo.ck", "10.0.0.1", "::1", "[::1]", "1.2.3.4.5"),
        *("*.example.net", ".example.net", "-a.example", "a-.example", "a..example", "a_b.example", "a.example.."),
        *("example.net ", " example.net", "example.net\n", "example.net\r\ndeny", "example.net deny", "exa\tmple.net"),
        *("https://example.net", "example.net/", "example.net:443", "user@example.net", 'example.net"', "a;b.example"),
        *(
            "exam\u00adple.net",
            "exam\u200bple.net",
            "example。net",
            "\uff45xample.net",
            "\u202eten.elpmaxe",
            "💩.example",
        ),
        *("a" * 64 + ".example", "a." * 126 + "example.net", "ü" * 60 + ".example", "example.1", "x.xn--a-"),
        "example.net\u2028deny",
    ],
)
def test_anything_else_is_none(text: str) -> None:
    """Blanks, control characters, wildcards, IP addresses, look-alikes and public suffixes are no host names."""
    assert host_name(text) is None


@given(st.text() | st.from_regex(r"[a-zA-Z0-9.\-_* \n]{0,40}") | st.builds("{}.example".format, st.text()))
@settings(deadline=None)  # the first call reads the public suffix list
@example("\u0130.example")
@example("\u0627\u200cb.example")
def test_what_comes_back_is_always_a_host_name(text: str) -> None:
    """The result for any text is None or plain labels, and an accepted name is unchanged when repeated."""
    name = host_name(text)
    if name is not None:
        assert re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", name)
        assert len(name) <= 253
        assert host_name(name) == name


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("a.b.Box.co.uk", "box.co.uk"),
        ("box.com.", "box.com"),
        ("bücher.example.com", "example.com"),
        ("box.nobody-registers-below-this", None),
        ("co.uk", None),
        ("127.0.0.1", None),
        ("", None),
    ],
)
def test_the_registrable_domain_is_what_one_party_registered(host: str, domain: str | None) -> None:
    """The public suffix list decides; names that are not public have none."""
    assert registrable_domain(host) == domain
