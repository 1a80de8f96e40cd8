"""Made-up transactions that a test writes in a vendor's format and reads back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from hypothesis import strategies as st

from opencasb.discovery.formats.base import Format
from tests.discovery.formats.reading import used

USERS: Final = st.text(st.characters(categories=("L", "Nd"), max_codepoint=0x2FFF), max_size=12).map("user-".__add__)
SIZES: Final = st.integers(0, 10**12)
ADDRESSES: Final = st.ip_addresses().filter(lambda address: getattr(address, "ipv4_mapped", None) is None).map(str)
RECORDS: Final = st.lists(
    st.fixed_dictionaries(
        {
            "user": USERS,
            "uploaded_bytes": SIZES,
            "downloaded_bytes": SIZES,
            "source_ip": ADDRESSES,
            "destination_ip": ADDRESSES,
        }
    ),
    min_size=1,
    max_size=12,
)


def check(
    known: Format, records: list[dict[str, Any]], write: Callable[..., str], *lacking: str, head: str = ""
) -> None:
    """Assert that what ``write`` made of each record is read as the record, apart from what a format does not log."""
    lines = [write(number, **record) for number, record in enumerate(records, 1)]
    found = used(known, *([head] if head else []), *lines)
    wanted = [{name: value for name, value in record.items() if name not in lacking} for record in records]
    assert [{name: row[name] for name in record} for row, record in zip(found, wanted, strict=True)] == wanted
