"""Generated connections that tests write as log lines and read back."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

_USERS: Final = st.text(st.characters(categories=("L", "Nd"), max_codepoint=0x2FFF), max_size=12).map("user-".__add__)
_SIZES: Final = st.integers(0, 10**12)
_ADDRESSES: Final = st.ip_addresses().filter(lambda address: getattr(address, "ipv4_mapped", None) is None).map(str)
RECORDS: Final = st.lists(
    st.fixed_dictionaries(
        {
            "user": _USERS,
            "uploaded_bytes": _SIZES,
            "downloaded_bytes": _SIZES,
            "source_ip": _ADDRESSES,
            "destination_ip": _ADDRESSES,
        }
    ),
    min_size=1,
    max_size=12,
)
