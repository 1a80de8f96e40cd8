"""Turn rows of Microsoft Sentinel's CEF table, ``CommonSecurityLog``, back into the CEF lines they came from.

Columns and keys follow Microsoft's published mapping.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final

_HEADER: Final = ("DeviceVendor", "DeviceProduct", "DeviceVersion", "DeviceEventClassID", "Activity", "LogSeverity")
_KEYS: Final[dict[str, str]] = {
    "ApplicationProtocol": "app",
    "CommunicationDirection": "deviceDirection",
    "DestinationIP": "dst",
    "DestinationPort": "dpt",
    "DestinationServiceName": "destinationServiceName",
    "DestinationUserName": "duser",
    "DeviceAction": "act",
    "DeviceEventCategory": "cat",
    "EndTime": "end",
    "EventCount": "cnt",
    "Message": "msg",
    "Protocol": "proto",
    "Reason": "reason",
    "ReceiptTime": "rt",
    "ReceivedBytes": "in",
    "RequestMethod": "requestMethod",
    "RequestURL": "request",
    "SentBytes": "out",
    "SourceHostName": "shost",
    "SourceIP": "src",
    "SourceMACAddress": "smac",
    "SourcePort": "spt",
    "SourceTranslatedAddress": "sourceTranslatedAddress",
    "SourceUserID": "suid",
    "SourceUserName": "suser",
    "StartTime": "start",
    **{f"DeviceCustomNumber{number}": f"cn{number}" for number in range(1, 4)},
    **{f"DeviceCustomNumber{number}Label": f"cn{number}Label" for number in range(1, 4)},
    **{f"DeviceCustomString{number}": f"cs{number}" for number in range(1, 7)},
    **{f"DeviceCustomString{number}Label": f"cs{number}Label" for number in range(1, 7)},
    **{f"DeviceCustomIPv6Address{number}": f"c6a{number}" for number in range(1, 5)},
}
_HOST: Final = ("DestinationHostName", "DestinationDnsDomain")
"""The table holds a name in two parts, or the whole name in either column."""
_MORE: Final = "AdditionalExtensions"
COLUMNS: Final = (*_HEADER, *_KEYS, *_HOST, _MORE)
"""The columns of a row that are read."""

_NEXT_PAIR: Final = re.compile(r";(?=[\w.-]+=)")
_RENAMED: Final = re.compile(r"(^|;)FortinetFortiGate(?=[\w.-]+=)")
"""The table prefixes Fortinet's own keys with the product name instead of ``FTNTFGT``."""


def is_row(names: Collection[str]) -> bool:
    """Return whether these are column names of the table."""
    return {"DeviceVendor", "DeviceProduct", "SourceIP"} <= {*names}


def cef_line(values: Mapping[str, str | None]) -> str:
    """Return the CEF line of a row; columns without a value may be absent or empty."""
    header = "|".join(["CEF:0", *(_spaced(values.get(name) or "").replace("|", r"\|") for name in _HEADER)])
    more = _NEXT_PAIR.sub(" ", _RENAMED.sub(r"\1FTNTFGT", _spaced(values.get(_MORE) or "")))
    pairs = [f"{key}={_escaped(value)}" for name, key in _KEYS.items() if (value := values.get(name))]
    host = ".".join(part for name in _HOST if (part := values.get(name)))
    return " ".join(filter(None, [header + "|" + more, *pairs, f"dhost={host}" if host else ""]))


def _escaped(value: str) -> str:
    """Escape a value for the extension; some columns still contain escapes."""
    return _spaced(value).replace(r"\=", "=").replace("\\", r"\\").replace("=", r"\=")


def _spaced(value: str) -> str:
    return re.sub(r"[\r\n]+", " ", value).strip()
