"""Each sender's latest header is kept, and client input is not taken for one."""

from __future__ import annotations

from pathlib import Path

import pytest

from opencasb.discovery.receivers import headers as module
from opencasb.discovery.receivers.headers import NO_FIELDS, Headers, newest_header

HEADER = b"#Fields: date time c-ip cs-host\n"
OTHER = b"#Fields: date time cs-host c-ip\n"
TRAFFIC = b"2025-11-20 12:00:00 10.0.0.1 www.example.com"


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (HEADER, HEADER),
        (HEADER + b"#Date: x\n" + TRAFFIC + b"\n" + OTHER.strip() + b" \r\n", OTHER),
        (b"#fields:\tdate\ttime\n", b"#fields:\tdate\ttime\n"),
        (b"#Fields:#011date#011time\n", b"#Fields:#011date#011time\n"),
        (b'#time_stamp "auth_user" src_ip\n', b'#time_stamp "auth_user" src_ip\n'),
        (b"<13>Nov 20 10:20:30 h zeek #fields\tts\tuid\n", b"#fields\tts\tuid\n"),
        (b"<134>" + HEADER, HEADER),
        (b"<134>Nov 20 12:00:00 proxy bc[12]: " + HEADER, HEADER),
        (b"Nov 20 12:00:00 proxy bc: " + HEADER, HEADER),
        (b'<134>1 2025-11-20T12:00:00.5Z proxy bc 1 - [origin ip="10.0.0.1"] \xef\xbb\xbf' + HEADER, HEADER),
        (b"#Version: 1.0\n#Fields:\n", b""),
        (b"#Fields: " + b"x" * module.MOST_BYTES + b"\n", b""),
        (TRAFFIC + b" /" + HEADER, b""),
        (b"<134>Nov 20 12:00:00 proxy bc[12]: " + TRAFFIC + b" /" + HEADER, b""),
        (b'<134>date=2025-11-20 agent="' + HEADER, b""),
        (b"<134>CEF:0|a|b|c|d|e|5|request=" + HEADER, b""),
        (b"<134>Nov 20 12:00:00 squid squid: 1763640000.1 5 10.0.0.1 TCP_MISS/200 1 GET http://a.com/" + HEADER, b""),
    ],
)
def test_a_header_stands_at_the_beginning_or_behind_a_syslog_header(lines: bytes, found: bytes) -> None:
    """The last one counts, without what precedes it."""
    assert newest_header(lines) == found


def test_headers_are_repeated_where_they_are_not_in_force(tmp_path: Path) -> None:
    """A sender without a header ends that of another; if none is in effect there is nothing to end."""
    headers = Headers(tmp_path / "headers")
    assert (headers.note("10.0.0.1", TRAFFIC + b"\n"), headers.note("10.0.0.1", HEADER)) == (b"", HEADER)
    assert headers.lead("10.0.0.1", b"") == HEADER
    assert headers.lead("10.0.0.1", HEADER) == b""
    assert headers.lead("10.0.0.1", OTHER) == HEADER
    assert headers.lead("10.0.0.2", b"") == b""
    assert headers.lead("10.0.0.2", HEADER) == NO_FIELDS
    assert headers.lead("10.0.0.2", NO_FIELDS) == b""
    again = Headers(tmp_path / "headers")
    assert again.lead("10.0.0.1", b"") == HEADER


def test_senders_without_end_fill_neither_memory_nor_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sender whose last header is oldest is dropped first."""
    monkeypatch.setattr(module, "MOST_SENDERS", 2)
    headers = Headers(tmp_path / "headers")
    for sender, header in (("a", HEADER), ("b", HEADER), ("a", OTHER), ("c", HEADER)):
        headers.note(sender, header)
    for each in (headers, Headers(tmp_path / "headers")):
        assert [each.lead(sender, b"") for sender in "abc"] == [OTHER, b"", HEADER]
    assert len(list((tmp_path / "headers").iterdir())) == 2


def test_a_full_disk_keeps_the_header_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sender's connection is closed, and it starts again with its header."""
    headers = Headers(tmp_path / "headers")
    headers.note("a", HEADER)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", full)
        with pytest.raises(OSError, match="No space left"):
            headers.note("a", OTHER)
    assert headers.lead("a", b"") == Headers(tmp_path / "headers").lead("a", b"") == HEADER
    assert len(list((tmp_path / "headers").iterdir())) == 1
