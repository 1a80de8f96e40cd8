"""Routing of messages to data sources."""

from __future__ import annotations

import pytest

from opencasb.discovery.receivers.routing import Router, Rule, header, network_of

HOST = b"<134>Nov 20 12:00:00 FW1 traffic[12]: a\n"


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (b"<134>1 2025-11-20T12:00:00.5Z fw1.example.com CEF 1 - - \xef\xbb\xbfa", ("fw1.example.com", "cef")),
        (b"<134>1 - fw1 app - - - a", ("fw1", "app")),
        (b"<134>Nov  5 12:00:00 10.0.0.1 squid: a", ("10.0.0.1", "squid")),
        (b"<134>Nov 05 2025 12:00:00 fw1 : %ASA-6-302014: a", ("fw1", "%asa-6-302014")),
        (b"<134>2025-11-20T12:00:00+01:00 fw1 sshd[1]: a", ("fw1", "sshd")),
        (b"Nov 20 12:00:00 2001:db8::1 app: a", ("2001:db8::1", "app")),
        (b"<134>Nov 20 12:00:00 app: a", ("", "app")),
        (b"<134>date=2025-11-20 devname=a", ("", "")),
        (b"CEF:0|a", ("", "")),
        (b"", ("", "")),
    ],
)
def test_host_and_application_are_those_of_the_header(line: bytes, found: tuple[str, str]) -> None:
    """Of RFC 5424, RFC 3164 and appliances' variants, in lower case."""
    assert header(line) == found


def test_the_header_decides_before_the_address_does() -> None:
    """Both names rank above the host, then the application, then none; of addresses, the narrowest wins."""
    router = Router(
        [
            Rule("both", None, "fw1", "traffic"),
            Rule("host", None, "fw1"),
            Rule("app", None, "", "traffic"),
            Rule("wide", network_of("10.0.0.0/8")),
            Rule("one", network_of("10.0.0.1")),
            Rule("rest"),
        ]
    )
    named = [HOST, HOST.replace(b"traffic", b"x"), HOST.replace(b"FW1", b"x"), HOST.replace(b"FW1 traffic", b"x x")]
    for sender, rest in (
        ("10.0.0.1", "one"),
        ("10.0.0.2", "wide"),
        ("::ffff:10.0.0.2", "wide"),
        ("fe80::1%eth0", "rest"),
    ):
        routed = dict(router.choice(sender).routed(b"".join(named)))
        assert routed == dict(zip(["both", "host", "app", rest], named, strict=True))


def test_lines_keep_their_order_and_strays_are_told() -> None:
    """Each target gets its lines together; unmatched lines are yielded, too."""
    router = Router([Rule("a", None, "fw1"), Rule("b", network_of("10.0.0.9"))])
    lines = [HOST.replace(b": a", b": %d" % n) for n in range(3)]
    stray = b"something else\n"
    routed = [*router.choice("10.0.0.1").routed(lines[0] + stray + lines[1] + lines[2])]
    assert routed == [("a", b"".join(lines)), (None, stray)]
    assert [*router.choice("10.0.0.9").routed(stray)] == [("b", stray)]


def test_a_line_ends_at_its_line_feed_alone() -> None:
    """A carriage return, or any other line separator, is content."""
    router = Router([Rule("a", None, "fw1"), Rule("b", None, "fw2")])
    odd = HOST.replace(b": a", b": a\rb\x0b\x0c\x1c\x85c\r")
    other = HOST.replace(b"FW1", b"FW2")
    assert [*router.choice("10.0.0.1").routed(odd + other)] == [("a", odd), ("b", other)]


def test_two_thousand_addresses_are_told_apart() -> None:
    """With one look-up each."""
    rules = [Rule(n, network_of(f"10.1.{n >> 8}.{n & 255}")) for n in range(2000)]
    router = Router(rules)
    assert all(router.choice(f"10.1.{n >> 8}.{n & 255}").rest == n for n in range(2000))
    assert router.choice("10.2.0.0").rest is None
