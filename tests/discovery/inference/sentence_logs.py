"""Logs in sentences, which no separator splits."""

from __future__ import annotations

from tests.discovery.inference.traffic import Request

_CATEGORIES = ("News", "Social Networking", "File Sharing and Storage", "Mail")


def arrow(request: Request) -> str:
    """Return a line with units after sizes; some lines have no user."""
    verdict = "Denied" if request.blocked else "Allowed"
    user = f" user={request.user}" if request.n % 5 else ""
    return (
        f"{verdict} {request.ip} -> {request.host}:443{user} {request.received} bytes in {request.sent} bytes out"
        f" at {request.at('%Y-%m-%d %H:%M:%S')}"
    )


def told(request: Request) -> str:
    """Return a line with the direction before sizes, and with a different ending if it was denied."""
    end = "refused by rule 17" if request.blocked else (
        f"closed after {request.elapsed} ms, sent {request.sent} bytes, received {request.received} bytes"
    )  # fmt: skip
    return (
        f"{request.at('%d/%b/%Y:%H:%M:%S +0000')} connection from {request.ip} ({request.user}) to {request.host}"
        f" port 443 was {end}"
    )


def asked(request: Request) -> str:
    """Return a line with quotes, and a category of one or more words."""
    category = _CATEGORIES[request.n % len(_CATEGORIES)]
    return (
        f"[{request.at('%Y-%m-%dT%H:%M:%SZ')}] User '{request.user}' at {request.ip} asked for \"{request.url}\""
        f" and got {request.received} bytes, category {category}"
    )


def visited(request: Request) -> str:
    """Return a line whose sizes no word distinguishes, sometimes with an additional one at the end."""
    noise = (
        f"\n{request.at('%Y-%m-%dT%H:%M:%SZ')} cache cleaned, {request.n} entries left" if request.n % 4 == 0 else ""
    )
    return (
        f"{request.at('%Y-%m-%dT%H:%M:%SZ')} {request.user}@{request.ip} visited {request.url}"
        f" [{request.sent}/{request.received}]{noise}"
    )
