"""The connection file (.pbids) that opens the feed in Power BI Desktop."""

from __future__ import annotations

import msgspec


def document(base: str) -> bytes:
    """Return the file for a server at ``base``; it holds no credentials, so Power BI asks for them."""
    feed = {"protocol": "odata", "address": {"url": f"{base}/odata/v1/"}}
    connection = {"details": feed, "options": {}, "mode": "Import"}
    return msgspec.json.format(msgspec.json.encode({"version": "0.1", "connections": [connection]})) + b"\n"
