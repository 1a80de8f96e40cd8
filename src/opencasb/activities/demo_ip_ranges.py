"""IP ranges of the demo company, and one suspicious range that it watches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

IP_RANGES: Final[tuple[Mapping[str, Any], ...]] = (
    {
        "name": "Head office",
        "category": 1,
        "subnets": ["198.51.100.0/25"],
        "tags": ["Office"],
        "organization": "Lindgren Logistics AB",
        "location": {
            "name": "Gothenburg, Sweden",
            "latitude": 57.71,
            "longitude": 11.97,
            "countryCode": "SE",
            "countryName": "Sweden",
        },
    },
    {
        "name": "Remote access",
        "category": 4,
        "subnets": ["198.51.100.128/26", "2001:db8:20::/48"],
        "tags": ["VPN"],
        "location": {"name": "Stockholm, Sweden", "latitude": 59.33, "longitude": 18.07, "countryCode": "SE"},
    },
    {
        "name": "Reported hosts",
        "category": 3,
        "subnets": ["203.0.113.64/26"],
        "tags": ["Watch list"],
        "location": {"name": "Singapore", "latitude": 1.35, "longitude": 103.82, "countryCode": "SG"},
    },
)
"""The ranges to create (:class:`opencasb.store.ip_range_documents.RangeRule`)."""
