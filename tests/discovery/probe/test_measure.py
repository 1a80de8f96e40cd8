"""Complete measurement of one host."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from opencasb.discovery.probe.measure import measure
from opencasb.discovery.probe.rdap import Registries
from opencasb.model.factor_value import checked_value
from opencasb.model.factors import FACTORS
from opencasb.model.measurement import Measurement
from opencasb.outbound import Network
from tests.conftest import NOW
from tests.discovery.probe.site import Page, Site

HOST = "www.box.com"
SECURITY = b"Contact: mailto:security@box.example\nExpires: 2026-01-01T00:00:00Z\n"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Return a website with mostly good settings."""
    made = Site(tmp_path)
    made.pages["/"] = Page(headers={"Strict-Transport-Security": "max-age=1", "X-Frame-Options": "DENY"})
    made.pages["/.well-known/security.txt"] = Page(headers={"content-type": "text/plain"}, body=SECURITY)
    event = {"eventAction": "registration", "eventDate": "2004-03-05T06:07:08Z"}
    made.pages["rdap.registry.example/domain/box.com"] = Page(body=json.dumps({"events": [event]}).encode())
    services = {"services": [[["com"], ["https://rdap.registry.example/"]]]}
    made.pages["iana.example/dns.json"] = Page(body=json.dumps(services).encode())
    return made


def measured(network: Network, host: str = HOST, *, registries: bool = False) -> Measurement:
    """Return the measurement of a host."""
    ages = Registries(network, "https://iana.example/dns.json") if registries else None
    return asyncio.run(measure(network, host, NOW, hosted_by=lambda address: f"Host of {address}", registries=ages))


def test_everything_is_measured(site: Site) -> None:
    """Each fact has the type of its factor, with where and how it was measured."""
    with site.serving(HOST, "iana.example", "rdap.registry.example") as network:
        found = measured(network, registries=True)
    facts = {fact.factor: fact.value for fact in found.facts}
    assert facts == {
        "is_trusted_certificate": True,
        "is_valid_certificate_name": True,
        "encryption_protocol": "tls1_2",
        "is_http_security_headers_strict_transport_security": True,
        "is_http_security_headers_content_security_policy": False,
        "is_http_security_headers_x_content_type_options": False,
        "is_http_security_headers_x_frame_options": True,
        "is_http_security_headers_x_xss_protection": False,
        "security_txt": f"https://{HOST}/.well-known/security.txt",
        "hosting_company": "Host of 127.0.0.1",
        "domain_registration_date_time": "2004-03-05",
    }
    assert (found.problems, found.address, found.measured) == ((), "127.0.0.1", NOW)
    assert found.certificate_expires is not None
    for fact in found.facts:
        assert checked_value(FACTORS[fact.factor], fact.value) == fact.value
        assert fact.method
        assert fact.evidence.startswith("https://")


def test_without_a_valid_certificate_pages_say_nothing(site: Site) -> None:
    """As in browsers; nothing unmeasured becomes a fact."""
    with site.serving("other.example") as network:
        found = measured(network)
    assert {fact.factor for fact in found.facts} == {
        *("is_trusted_certificate", "is_valid_certificate_name", "encryption_protocol", "hosting_company")
    }
    assert found.problems == ("headers and security.txt are not read without a valid certificate",)
    assert site.asked == []


def test_a_broken_site_says_nothing(site: Site) -> None:
    """Its headers are not measured, the rest is, and an invalid security.txt gives no fact."""
    site.pages["/"] = Page(503)
    site.pages["/.well-known/security.txt"] = Page(headers={"content-type": "text/html"}, body=SECURITY)
    with site.serving(HOST) as network:
        found = measured(network)
    assert found.problems == (f"https://{HOST}/ answers 503",)
    assert "security_txt" not in {fact.factor for fact in found.facts}


@pytest.mark.parametrize(
    ("robots", "problem"),
    [
        (Page(body=b"User-agent: *\nDisallow: /"), "robots.txt asks programs not to"),
        (Page(503), f"https://{HOST}/robots.txt answers 503"),
    ],
)
def test_pages_that_a_site_wants_left_alone_are_not_read(site: Site, robots: Page, problem: str) -> None:
    """What needs no page is still measured."""
    site.pages["/robots.txt"] = robots
    with site.serving(HOST, "iana.example", "rdap.registry.example") as network:
        found = measured(network, registries=True)
    assert {fact.factor for fact in found.facts} == {
        *("is_trusted_certificate", "is_valid_certificate_name", "encryption_protocol", "hosting_company"),
        "domain_registration_date_time",
    }
    urls = (f"https://{HOST}/", f"https://{HOST}/.well-known/security.txt")
    assert found.problems == tuple(f"{url} is not read: {problem}" for url in urls)
    assert [path for host, path, _ in site.asked if host == HOST] == ["/robots.txt"]


def test_a_host_inside_the_house_is_not_visited(site: Site) -> None:
    """The result only says why."""
    with site.serving(HOST) as network:
        found = measured(Network(network.resolve, port=network.port, trust=network.trust))
    assert (found.address, found.facts) == (None, ())
    assert found.problems == (f"{HOST} has an address that is not public",)
    assert site.asked == []
