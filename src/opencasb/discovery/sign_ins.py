"""Identity providers and where they send people back to, as far as logs have their URLs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    import polars as pl

PROVIDERS: Final = frozenset(
    {
        "accounts.google.com",
        "appleid.apple.com",
        "github.com",
        "login.live.com",
        "login.microsoft.com",
        "login.microsoftonline.com",
        "login.windows.net",
        "sts.windows.net",
    }
)
ENDINGS: Final = (".auth0.com", ".okta.com", ".oktapreview.com", ".onelogin.com", ".pingidentity.com", ".jumpcloud.com")
"""Ends of hosts that are their customers' identity providers."""

_BACK: Final = r"(?i)[?&](?:redirect_uri|redirect_url|wreply|relaystate|return_to|returnto|targetresource)=([^&#]+)"


def sign_ins(hosts: pl.Series, urls: pl.Series) -> Iterator[tuple[str, str]]:
    """Yield distinct pairs of an identity provider's host and the host that it was asked to send somebody back to."""
    import polars as pl

    seen = pl.DataFrame({"host": hosts, "back": urls.str.extract(_BACK, 1)}).drop_nulls().unique().sort("host", "back")
    for host, back in seen.iter_rows():
        if host in PROVIDERS or host.endswith(ENDINGS):
            name = _host_of(unquote(back))
            if name is not None and name != host:
                yield host, name


def _host_of(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        name = (parts.hostname or "").rstrip(".")
    except ValueError:
        return None
    return name if parts.scheme.lower() in {"http", "https"} and "." in name and name.isascii() else None
