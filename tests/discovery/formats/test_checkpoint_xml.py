"""Check Point in XML."""

from __future__ import annotations

import pytest

from opencasb.discovery.formats.checkpoint_xml import record_element
from tests.discovery.formats.parsed import RECEIVED, row, rows
from tests.discovery.formats.vendor_lines import CHECKPOINT_XML

FOUND = {
    "timestamp": RECEIVED, "user": "alee", "source_ip": "10.0.0.1", "destination_ip": "203.0.113.9", "action": "allow",
    "transactions": 1,
}  # fmt: skip
ATTRIBUTES = '<log orig="fw" date="20Nov2025" time="12:00:00" src="10.0.0.1" dst="203.0.113.9"/>'
XML_FORMS = [
    ATTRIBUTES,
    "<r><date>20Nov2025</date><time>12:00:00</time><src>10.0.0.1</src><dst>203.0.113.9</dst><user>alee</user></r>",
    '<e><f name="time">2025-11-20T12:00:00Z</f><f name="src">10.0.0.1</f><f name="dst">203.0.113.9</f></e>',
    '<e><f name="time" value="1763640000"/><f name="src" value="10.0.0.1"/><f name="dst" value="203.0.113.9"/></e>',
]


@pytest.mark.parametrize("record", XML_FORMS)
def test_xml(record: str) -> None:
    """Fields may be attributes, elements, or elements with a name attribute, on one or several lines."""
    for lines in ([record], record.replace("><", ">\n<").split("\n")):
        found = rows("CHECKPOINT_XML", ['<?xml version="1.0"?>', "<logs>", *lines, "</logs>"])
        assert {**FOUND, **next(one for one in found if "ignored" not in one), "line": 0} == {**FOUND, "line": 0}
        assert {one["ignored"] for one in found if "ignored" in one} <= {
            "markup around the records",
            "part of the record above",
        }


@pytest.mark.parametrize(
    "user", ['user="o\'hara"', "user='o\"hara'", "user='o&apos;hara'", 'user="o&apos;hara" note="it\'s"']
)
def test_quotes_in_values(user: str) -> None:
    """A value ends at the same kind of quote that it begins with."""
    found = row("CHECKPOINT_XML", ATTRIBUTES.replace("/>", f" {user}/>"))
    assert found["user"] == ('o"hara' if 'o"hara' in user else "o'hara")


def test_xml_that_is_not_ours() -> None:
    """Text is rejected, as are several records on one line."""
    assert row("CHECKPOINT_XML", "nothing")["rejected"] == "not a record in XML"
    assert row("CHECKPOINT_XML", XML_FORMS[0] * 2)["rejected"] == "several records in one line"
    assert [found.get("ignored") for found in rows("CHECKPOINT_XML", CHECKPOINT_XML[:3])].count(None) == 1


def test_the_element_of_a_record() -> None:
    """It is the element with the source address; text without one has none."""
    assert record_element("<a><b><src>1</src></b></a>") == "b"
    assert record_element('<a><head/><c src="1"/></a>') == "c"
    assert record_element("<a></b><c>x</c>") is None
    assert record_element("<" * 1000) is None


WHEN = 'date="20Nov2025" time="12:00:00"'
RECORDS = [
    f'<log {WHEN} action="drop" product="Firewall" src="10.0.0.1" dst="203.0.113.9" user="O&apos;Hara &lt;x&gt;"/>',
    f'<log {WHEN} action="drop" product="VPN-1 &amp; FireWall-1" src="10.0.0.2" dst="203.0.113.9" user=""/>',
    f'<log Src="10.0.0.3" destination="203.0.113.9" {WHEN} ifname="a > b" user="c > d" />',
    f'<log {WHEN} action="drop" src="10.0.0.4" dst="203.0.113.9" proto="icmp" user="x" more="y"></log>',
    f'<log {WHEN} src="10.0.0.5" dst="203.0.113.9"><user>eve</user></log>',
]


@pytest.mark.parametrize("first", range(len(RECORDS)))
def test_records_that_are_alike_are_read_as_others_are(first: int) -> None:
    """Only records with double-quoted values are parsed by position; others do not affect them."""
    lines = [*RECORDS[first:], *RECORDS[:first], *RECORDS]
    found = rows("CHECKPOINT_XML", ["<logs>", *lines, "</logs>"])
    others = rows("CHECKPOINT_XML", ["<logs>", *(line.replace('"', "'") for line in lines), "</logs>"])
    assert found == others
    used = {one.get("source_ip"): one.get("user") for one in found if "ignored" not in one}
    assert used == {"10.0.0.1": "O'Hara <x>", "10.0.0.2": None, "10.0.0.3": "c > d", "10.0.0.5": "eve"}
