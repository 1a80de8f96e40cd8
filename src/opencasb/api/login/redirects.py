"""Sending browsers on: to addresses of ours, and back to applications (identity §5)."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from opencasb.api.login.exchange import NOT_STORED, Reply


def see_other(address: str) -> Reply:
    """Send a browser to an address; never with a status that would repeat a form (identity §12)."""
    return Reply(None, 303, {**NOT_STORED, "location": address})


def with_answer(redirect_uri: str, answer: Mapping[str, str], *, behind_the_hash: bool = False) -> str:
    """Return a redirect with an answer in its query, or in its fragment; one without a path gets a slash (§5)."""
    parts, said = urlsplit(redirect_uri), urlencode(answer)
    where = {"fragment": said} if behind_the_hash else {"query": f"{parts.query}&{said}" if parts.query else said}
    return parts._replace(path=parts.path or "/", **where).geturl()
