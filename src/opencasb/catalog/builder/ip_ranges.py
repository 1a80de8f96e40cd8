"""Address ranges of providers: which app the addresses of a provider belong to."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from types import MappingProxyType
from typing import Final

from opencasb.catalog.networks import Prefix, prefix_of

PROVIDERS: Final[Mapping[str, str]] = {
    "amazon": "aws.amazon.com",
    "apple-proxy": "mask.icloud.com",
    "cloudflare": "cloudflare.com",
    "digitalocean": "digitalocean.com",
    "facebook": "facebook.com",
    "github": "github.com",
    "google": "google.com",
    "googlebot": "google.com",
    "linode": "linode.com",
    "microsoft": "azure.com",
    "openai": "chatgpt.com",
    "oracle": "cloud.oracle.com",
    "perplexity": "perplexity.ai",
    "protonvpn": "protonvpn.com",
    "telegram": "telegram.org",
    "twitter": "x.com",
    "vultr": "vultr.com",
}
"""Provider file → a domain of the app its addresses belong to."""

_HOSTED: Final = {"github": "microsoft"}
"""A provider that also publishes its host's regions, because its build machines run there: they are the host's."""

Network = IPv4Network | IPv6Network


def read_ranges(root: Path) -> dict[str, list[Network]]:
    """Return the networks of each provider found below ``root``."""
    found: dict[str, list[Network]] = {}
    for provider in PROVIDERS:
        for version in ("ipv4", "ipv6"):
            path = root / "ipranges" / f"{provider}-{version}.txt"
            if path.exists():
                found.setdefault(provider, []).extend(map(ip_network, path.read_text("utf-8").split()))
    return found


def prefixes(
    ranges: Mapping[str, list[Network]],
    app_ids: Mapping[str, int],
    reviewed: Mapping[Network, str] = MappingProxyType({}),
) -> list[Prefix]:
    """Return the prefixes with the app of their provider; ``app_ids`` maps domains to apps.

    ``reviewed`` networks belong to the app of a domain, whichever provider publishes them too. A network that two
    providers publish belongs to the first of them by name.
    """
    chosen = {network: app_ids[domain] for network, domain in reviewed.items()}
    for provider in sorted(ranges):
        host = ranges.get(_HOSTED.get(provider, ""), [])
        app_id = app_ids.get(PROVIDERS[provider])
        if app_id is None:
            continue
        for network in ranges[provider]:
            own = network.prefixlen == network.max_prefixlen or not _within(network, host)
            if own and not network.is_private:  # a list has carried a range that is reserved for documentation
                chosen.setdefault(network, app_id)
    return [prefix_of(network, app_id) for network, app_id in chosen.items()]


def _within(network: Network, others: list[Network]) -> bool:
    first, last = int(network.network_address), int(network.broadcast_address)
    return any(
        int(other.network_address) <= first and last <= int(other.broadcast_address)
        for other in others
        if other.version == network.version
    )
