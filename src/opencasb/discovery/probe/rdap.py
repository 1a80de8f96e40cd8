"""The registration date of a domain, from its registry (RDAP, RFC 9082 to 9224)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

import msgspec

from opencasb.discovery.probe.fetch import fetch
from opencasb.outbound import OutboundError

if TYPE_CHECKING:
    from opencasb.outbound import Network

LARGEST: Final = 2 * 1024 * 1024
"""Longest document in bytes."""


class Registries:
    """The registries of top-level domains; their list is read once."""

    def __init__(self, network: Network, bootstrap: str) -> None:
        """Use the list of registries at the URL ``bootstrap``, such as IANA's."""
        self._network = network
        self._bootstrap = bootstrap
        self._bases: dict[str, str] | None = None

    async def registered(self, domain: str) -> tuple[str, str]:
        """Return the day (ISO) on which a domain was registered, and the source URL. Raises :class:`OutboundError`."""
        if self._bases is None:
            self._bases = bases(await self._document(self._bootstrap))
        base = self._bases.get(domain.rpartition(".")[2])
        if base is None:
            raise OutboundError(f"no registry answers for {domain}")
        url = f"{base.rstrip('/')}/domain/{domain}"
        day = registration_day(await self._document(url))
        if day is None:
            raise OutboundError(f"the registry does not say when {domain} was registered")
        return day, url

    async def _document(self, url: str) -> Any:  # any JSON
        answer = await fetch(self._network, url, LARGEST)
        if answer.status != 200:
            raise OutboundError(f"{url} answers {answer.status}")
        try:
            return msgspec.json.decode(answer.body)
        except (ValueError, RecursionError):
            raise OutboundError(f"{url} is not JSON") from None


def bases(document: Any) -> dict[str, str]:  # any JSON
    """Return top-level domain → first HTTPS URL of its registry; malformed entries are left out."""
    services = document.get("services") if isinstance(document, dict) else None
    found: dict[str, str] = {}
    for service in services if isinstance(services, list) else []:
        match service:
            case [[*names], [*urls], *_]:
                secure = [url for url in urls if isinstance(url, str) and url.startswith("https://")]
                found.update({name.lower(): secure[0] for name in names if isinstance(name, str) and secure})
    return found


def registration_day(document: Any) -> str | None:  # any JSON
    """Return the day (ISO) of the ``registration`` event in a domain's record, or None."""
    events = document.get("events") if isinstance(document, dict) else None
    for event in events if isinstance(events, list) else []:
        match event:
            case {"eventAction": "registration", "eventDate": str(text)}:
                try:
                    return date.fromisoformat(text[:10]).isoformat()
                except ValueError:
                    return None
    return None
