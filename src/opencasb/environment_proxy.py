"""The environment's proxy on the way to addresses that a tenant's administrator chose: for Microsoft's hosts only.

A proxy resolves names itself, so nobody could check that an address is public. These hosts need no such check, because
no tenant can make them lead elsewhere.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from opencasb.model.saas import MICROSOFT
from opencasb.model.trusted_issuer import PUBLIC_CLOUD

_SIGN_IN: Final = {PUBLIC_CLOUD, "login.microsoftonline.us", "login.partner.microsoftonline.cn", "sts.windows.net"}
HOSTS: Final = MICROSOFT | _SIGN_IN
"""Sign-in and Microsoft Graph, of the public and the national clouds."""


def proxy_for(url: str) -> str | None:
    """Return the URL of the proxy for a URL at one of :data:`HOSTS`; None at other hosts and ports, or without a proxy.

    As in other programs, ``HTTPS_PROXY`` or ``ALL_PROXY`` names it, and ``NO_PROXY`` the hosts without one.
    """
    from urllib.request import getproxies, proxy_bypass

    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    host = parts.netloc.lower().removesuffix(":443")
    if parts.scheme != "https" or host not in HOSTS or proxy_bypass(host):
        return None
    named = getproxies()
    proxy = named.get("https") or named.get("all")
    return proxy if proxy is None or "://" in proxy else f"http://{proxy}"
