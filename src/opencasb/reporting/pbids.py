"""The connection file with which Power BI Desktop opens the feed."""

from __future__ import annotations

import msgspec


def document(base: str) -> bytes:
    """Return the file for a server at the address ``base``; it holds no credential, Power BI asks for one."""
    feed = {"protocol": "odata", "address": {"url": f"{base}/odata/v1/"}}
    connection = {"details": feed, "options": {}, "mode": "Import"}
    return msgspec.json.format(msgspec.json.encode({"version": "0.1", "connections": [connection]})) + b"\n"
