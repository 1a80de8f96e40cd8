"""What the roll-up keeps of domains outside the catalog besides usage: hosts, and sign-ins that lead there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from opencasb.catalog.paths import shipped_paths
from opencasb.discovery.formats.base import Followed
from opencasb.model.trace import HOST, MOST, SIGN_IN, Trace

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
"""Suffixes of hosts that are customers' identity providers."""

_BACK: Final = r"(?i)[?&](?:redirect_uri|redirect_url|wreply|relaystate|return_to|returnto|targetresource)=([^&#]+)"

MOST_SIGN_INS: Final = 50_000
"""Most pairs of identity provider and host kept per log."""


@cache
def followed() -> Followed:
    """Return the hosts whose URLs say more than the host: those with apps by path, and identity providers."""
    return Followed(shipped_paths().hosts | PROVIDERS, ENDINGS)


class Evidence:
    """Collects traces while a log is read."""

    def __init__(self) -> None:
        self._hosts: dict[str, list[str]] = {}
        self._sign_ins: set[tuple[str, str]] = set()

    @property
    def domains(self) -> list[str]:
        """The domains of the hosts noted so far, in order of appearance."""
        return list(self._hosts)

    def note_hosts(self, unlisted: pl.DataFrame) -> None:
        """Keep some hosts (``host``) of each domain (``domain``)."""
        import polars as pl

        some = unlisted.sort("domain", "host").group_by("domain", maintain_order=True)
        for domain, hosts in some.agg(pl.col("host").head(MOST)).iter_rows():
            kept = self._hosts.setdefault(domain, [])
            kept += hosts[: MOST - len(kept)]

    def note_urls(self, hosts: pl.Series, urls: pl.Series) -> None:
        """Note where the identity providers among ``hosts`` redirect people to."""
        if len(self._sign_ins) < MOST_SIGN_INS:
            self._sign_ins.update(sign_ins(hosts, urls))

    def traces(self, match_hosts: Callable[[pl.Series], pl.DataFrame]) -> list[Trace]:
        """Return everything as traces; ``match_hosts`` is the catalog's."""
        import polars as pl

        traces = {Trace(domain, HOST, host) for domain, hosts in self._hosts.items() for host in hosts}
        pairs = sorted(self._sign_ins)
        if pairs:
            matched = match_hosts(pl.Series("back", [back for _, back in pairs], dtype=pl.String))
            found = zip(matched["app_id"], matched["domain"], pairs, strict=True)
            traces |= {Trace(domain, SIGN_IN, host) for app_id, domain, (host, _) in found if app_id is None and domain}
        return sorted(traces)


def sign_ins(hosts: pl.Series, urls: pl.Series) -> Iterator[tuple[str, str]]:
    """Yield distinct pairs of an identity provider's host and the host that it was asked to redirect to."""
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
