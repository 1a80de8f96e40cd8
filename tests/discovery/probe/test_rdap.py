"""The age of domains."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.discovery.probe.rdap import Registries, bases, registration_day
from opencasb.outbound import OutboundError
from tests.discovery.probe.site import Page, Site

IANA = "https://iana.example/dns.json"
LIST = {
    "services": [
        [["com", "NET"], ["http://plain.registry.example/", "https://rdap.registry.example/v1/"]],
        [["old"], ["http://plain.registry.example/"]],
        ["nonsense"],
    ]
}
RECORD = {
    "events": [
        {"eventAction": "last changed", "eventDate": "2020-01-01T00:00:00Z"},
        {"eventAction": "registration", "eventDate": "2004-03-05T06:07:08Z"},
    ]
}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Return IANA and a registry."""
    made = Site(tmp_path)
    made.pages["iana.example/dns.json"] = Page(body=json.dumps(LIST).encode())
    made.pages["rdap.registry.example/v1/domain/box.com"] = Page(body=json.dumps(RECORD).encode())
    made.pages["rdap.registry.example/v1/domain/young.com"] = Page(body=b"{}")
    made.pages["rdap.registry.example/v1/domain/odd.com"] = Page(body=b"<html>")
    return made


def test_the_registry_says_when_a_domain_was_registered(site: Site) -> None:
    """It is found in the list of registries, which is read once."""
    with site.serving("iana.example", "rdap.registry.example") as network:
        registries = Registries(network, IANA)
        said = asyncio.run(registries.registered("box.com"))
        assert said == ("2004-03-05", "https://rdap.registry.example/v1/domain/box.com")
        for domain, message in (
            ("young.com", "does not say when"),
            ("odd.com", "is not JSON"),
            ("gone.net", "answers 404"),
            ("box.old", "no registry answers for box.old"),
            ("box.xn--p1ai", "no registry answers"),
        ):
            with pytest.raises(OutboundError, match=message):
                asyncio.run(registries.registered(domain))
    assert [path for host, path, _ in site.asked if host == "iana.example"] == ["/dns.json"]


def test_only_secure_registries_are_asked() -> None:
    """The first HTTPS address is used."""
    registry = "https://rdap.registry.example/v1/"
    assert bases(LIST) == {"com": registry, "net": registry}


ANY = st.recursive(
    st.none() | st.integers() | st.text(max_size=5) | st.sampled_from(["registration", "https://a.example/"]),
    lambda each: (
        st.lists(each, max_size=3)
        | st.dictionaries(st.sampled_from(["services", "events", "eventAction", "eventDate"]), each, max_size=3)
    ),
    max_leaves=12,
)


@given(ANY, ANY)
def test_any_document_can_be_read(first: Any, second: Any) -> None:
    """Malformed parts are ignored."""
    assert all(url.startswith("https://") for url in bases({"services": first}).values())
    for document in (first, {"events": second}, {"events": [{"eventAction": "registration", "eventDate": second}]}):
        assert registration_day(document) is None or isinstance(document, dict)
