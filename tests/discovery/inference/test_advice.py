"""Configuration advice for logs that lack fields."""

from __future__ import annotations

from opencasb.discovery.inference.advice import advice

SIZES = {"uploaded_bytes", "downloaded_bytes", "total_bytes"}
ASA = ["%ASA-4-106023: Deny tcp src inside:10.0.0.1/5 dst outside:1.1.1.1/80"] * 5


def test_only_what_is_missing_is_advised() -> None:
    """An appliance is recognised by its own words, and a complete log needs no advice."""
    assert [each.line for each in advice(ASA, SIZES)] == ["logging trap informational"]
    assert advice(ASA, {"user"}) == []
    assert advice(ASA, set()) == []
    assert advice(["nothing known"] * 5, SIZES) == []
    assert advice([*ASA[:1], *["x"] * 9], SIZES) == []


def test_one_header_line_is_enough() -> None:
    """For logs that identify themselves at the top."""
    found = advice(["#Software: SGOS 7", "#Fields: date time c-ip", *["x"] * 99], {"user"})
    assert {each.appliance for each in found} == {"Blue Coat ProxySG", "any with a W3C log"}
