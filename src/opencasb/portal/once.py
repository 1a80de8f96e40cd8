"""One-time display of a new secret, carried in a sealed cookie from the form that created it to the page that shows it.

That page is fetched with GET, so reloading it or coming back to it neither creates a second secret nor shows the first.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from opencasb.portal.page import Page, see_other, set_cookie
from opencasb.portal.visit import ROOT, Visit

ONCE_COOKIE: Final = "__Host-opencasb-once"
SECONDS: Final = 60
"""How long a browser may take to get from the form to the page."""


def shown_once(visit: Visit, path: str, **values: Any) -> Page:  # JSON
    """Redirect to the page at ``path`` below ``/portal/``, which gets ``values`` as ``visit.once`` one time."""
    content = msgspec.json.encode({"until": visit.casb.clock() + SECONDS * 1000, "values": values})
    sealed = visit.casb.identity.vault.seal(content, _label(visit, path))
    cookie = set_cookie(ONCE_COOKIE, urlsafe_b64encode(sealed).decode(), seconds=SECONDS)
    return see_other(ROOT + path, **{"set-cookie": cookie})


def to_show(visit: Visit, path: str, cookie: str) -> Mapping[str, Any]:  # JSON
    """Return the values a cookie holds for this visitor and page; empty if it is forged, someone else's or too old."""
    try:
        sealed = urlsafe_b64decode(cookie)
    except ValueError:
        return {}
    content = visit.casb.identity.vault.open(sealed, _label(visit, path))
    found = msgspec.json.decode(content or b'{"until": 0}', type=dict[str, Any])
    return found["values"] if found["until"] > visit.casb.clock() else {}


def shown(page: Page) -> Page:
    """Return the same page with a header that removes the cookie."""
    return Page(page.content, page.status, {**page.headers, "set-cookie": set_cookie(ONCE_COOKIE, "")})


def _label(visit: Visit, path: str) -> str:
    return f"shown once at {path} to {visit.form_key}"
