"""All measurements of one host."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from opencasb.discovery.probe.certificates import oldest_version, shown_certificate
from opencasb.discovery.probe.page_security import LARGEST, SECURITY_TXT, header_facts, is_security_txt
from opencasb.discovery.probe.robots import Pages
from opencasb.model.host_name import registrable_domain
from opencasb.model.measurement import Fact, Measurement
from opencasb.outbound import Network, OutboundError

if TYPE_CHECKING:
    from opencasb.discovery.probe.rdap import Registries


@dataclass(slots=True)
class _Findings:
    facts: list[Fact] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def add(self, factor: str, value: bool | str, evidence: str, method: str) -> None:
        self.facts.append(Fact(factor=factor, value=value, evidence=evidence, method=method))

    def __enter__(self) -> None:
        """Begin one measurement."""

    def __exit__(self, kind: object, error: object, trace: object) -> bool:
        """Record what could not be measured, and continue with the rest."""
        if isinstance(error, OutboundError):
            self.problems.append(str(error))
        return isinstance(error, OutboundError)


async def measure(
    network: Network,
    host: str,
    now: int,
    *,
    hosted_by: Callable[[str], str | None],
    registries: Registries | None,
) -> Measurement:
    """Return what can be measured of a host at ``now`` (ms UTC).

    ``hosted_by`` names the provider of an address, ``registries`` know when domains were registered. What cannot be
    measured is listed among the problems and yields no fact.
    """
    findings, expires, address = _Findings(), None, None
    with findings:
        address = await network.address(host)
    if address is not None:
        expires = await _at(network, host, address, now, findings)
        if provider := hosted_by(address):
            findings.add("hosting_company", provider, f"https://{host}/", f"address {address}")
    domain = registrable_domain(host)
    if registries is not None and domain is not None:
        with findings:
            day, url = await registries.registered(domain)
            findings.add("domain_registration_date_time", day, url, "registry")
    return Measurement(
        host=host,
        address=address,
        measured=now,
        certificate_expires=expires,
        facts=tuple(findings.facts),
        problems=tuple(findings.problems),
    )


async def _at(network: Network, host: str, address: str, now: int, findings: _Findings) -> int | None:
    """Measure TLS and, over it, the pages; return the expiry of the certificate."""
    home, expires, believed = f"https://{host}/", None, False
    with findings:
        shown = await shown_certificate(network, host, address)
        expires, believed = shown.expires, shown.trusted and shown.named
        findings.add("is_trusted_certificate", shown.trusted, home, "TLS handshake")
        findings.add("is_valid_certificate_name", shown.named, home, "TLS handshake")
    if expires is None:
        return None
    with findings:
        oldest = await oldest_version(network, host, address)
        if oldest is not None:
            findings.add("encryption_protocol", oldest, home, "TLS handshakes, TLS 1.0 to 1.3")
    if believed:
        await _read_pages(network, host, now, findings)
    else:  # as in browsers: content without a valid certificate says nothing about the app
        findings.problems.append("headers and security.txt are not read without a valid certificate")
    return expires


async def _read_pages(network: Network, host: str, now: int, findings: _Findings) -> None:
    """Measure what the home page and ``security.txt`` say, on the host's own domain only."""
    domain = registrable_domain(host) or host

    def is_its_own(target: str) -> bool:
        return (registrable_domain(target) or target) == domain

    pages = Pages(network, is_its_own)
    with findings:
        page = await pages.get(f"https://{host}/", 0)
        if page.status >= 500:
            raise OutboundError(f"{page.url} answers {page.status}")
        for factor, there in header_facts(page.headers).items():
            findings.add(factor, there, page.url, "HTTP headers")
    with findings:
        file = await pages.get(f"https://{host}{SECURITY_TXT}", LARGEST)
        if file.status == 200 and is_security_txt(file.headers.get("content-type", ""), file.body, now):
            findings.add("security_txt", file.url, file.url, "RFC 9116")
