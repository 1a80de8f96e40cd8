"""Tables of FortiGate's records, as FortiAnalyzer and searches export them."""

from __future__ import annotations

import pytest

from opencasb.discovery.formats.fortigate import FORMATS
from opencasb.discovery.recognise import UnrecognisedLog, recognise
from tests.discovery.formats.reading import ms, read, used

(KNOWN,) = FORMATS
ROW = {
    "itime": "2025-11-20 12:00:09", "date": "2025-11-20", "time": "12:00:01", "tz": "+0100", "devid": "FG100",
    "type": "traffic", "subtype": "forward", "srcip": "10.0.0.1", "dstip": "203.0.113.1", "user": "CORP\\ann",
    "action": "close", "service": "HTTPS", "sentbyte": "100", "rcvdbyte": "1000", "sessionid": "7", "app": 'a "b", c',
}  # fmt: skip


def table(*changes: dict[str, str], separator: str = ",", quote: str = '"') -> list[str]:
    """Return a header row and a row for each of these changes."""
    rows = [{name: value.replace('"', '""') for name, value in (ROW | change).items()} for change in changes]
    cells = [list(rows[0]), *(list(row.values()) for row in rows)]
    return [separator.join(f"{quote}{cell}{quote}" for cell in row) for row in cells]


@pytest.mark.parametrize(("separator", "quote"), [(",", '"'), (";", '"'), (",", "")])
def test_a_table(separator: str, quote: str) -> None:
    head, line = table({} if quote else {"app": "b"}, separator=separator, quote=quote)
    assert recognise([head, line]).source == "FORTIGATE"
    (row,) = used(KNOWN, head, line)
    assert (row["timestamp"], row["user"]) == (ms("2025-11-20T12:00:01+01:00"), "CORP\\ann")
    assert (row["source_ip"], row["action"]) == ("10.0.0.1", "allow")
    assert (row["destination_ip"], row["uploaded_bytes"], row["total_bytes"]) == ("203.0.113.1", 100, 1100)


@pytest.mark.parametrize("batches", [1, 2, 4])
def test_requests_and_sessions(batches: int) -> None:
    """The records of a table are judged and joined as those of pairs."""
    web = {"type": "utm", "subtype": "webfilter", "hostname": "files.example.com", "action": "blocked"}
    rows = read(KNOWN, *table(web | {"url": "/a"}, {}, {"subtype": "local"}), batches=batches)
    assert [row["ignored"] for row in rows] == [
        "header row",
        "counted with its session",
        None,
        "traffic that is not forwarded",
    ]
    assert (rows[2]["destination_host"], rows[2]["action"]) == ("files.example.com", "block")


def test_pairs_below_a_table() -> None:
    """In a file that was put together from several."""
    head, line = table({})
    pairs = 'date=2025-11-20 time=12:00:01 devid="FG" type="traffic" subtype="forward" srcip=10.0.0.2 dstip=203.0.113.1'
    rows = used(KNOWN, f"{pairs} sessionid=8", head, line, f"{pairs} sessionid=9", f"<189>{pairs}")
    assert [row["source_ip"] for row in rows] == ["10.0.0.2", "10.0.0.1", "10.0.0.2", "10.0.0.2"]


def test_tables_of_others() -> None:
    """The keys alone do not make a firewall's table."""
    with pytest.raises(UnrecognisedLog):
        recognise(["date,time,type,subtype,srcip,dstip", "2025-11-20,12:00:01,flow,tcp,10.0.0.1,203.0.113.1"])
