"""Rendering of pages: templates, security headers, CSRF tokens (identity §12)."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from opencasb.identity.pepper import Pepper

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

BROWSER_COOKIE: Final = "__Host-opencasb-browser"
"""The cookie that forms are bound to while nobody is signed in."""
SESSION_COOKIE: Final = "__Host-opencasb-session"
TENANT_COOKIE: Final = "__Host-opencasb-tenant"
"""The tenant that a guest works in; their account there is looked up each time."""
_FORM: Final = "form of a page"


@dataclass(frozen=True, slots=True)
class Page:
    """A rendered page; ``headers`` include its content security policy."""

    content: str
    status: int
    headers: dict[str, str]


def render(
    template: str,
    status: int = 200,
    *,
    leads_on: bool = False,
    nonce: str = "",
    **values: Any,  # whatever the template shows
) -> Page:
    """Render a template from ``portal/templates``; all values are escaped.

    ``leads_on``: a form on the page may take the browser to an application. ``nonce`` allows the one script that
    carries it.
    """
    content = _environment().get_template(template).render(nonce=nonce, **values)
    return Page(content, status, {**HEADERS, "content-security-policy": _policy(nonce, leads_on=leads_on)})


def new_nonce() -> str:
    """Return a CSP nonce for one page."""
    return secrets.token_urlsafe(16)


def form_token(pepper: Pepper, key: str) -> str:
    """Return the CSRF token of a form; ``key`` is a browser cookie plus whatever else the form is bound to."""
    return pepper.digest(_FORM, key)


def is_own_form(pepper: Pepper, key: str, given: str) -> bool:
    """Return whether a form carries our CSRF token for this key."""
    return bool(key) and hmac.compare_digest(form_token(pepper, key).encode(), given.encode())


def see_other(address: str, **headers: str) -> Page:
    """Redirect a browser to an address of ours (status 303)."""
    return Page("", 303, {"location": address, "cache-control": "no-store", **headers})


def set_cookie(name: str, value: str, *, seconds: int | None = None) -> str:
    """Return the header value that sets a cookie, by default until the browser closes; an empty value removes it."""
    age = seconds if value else 0
    ending = "" if age is None else f"; Max-Age={age}"
    return f"{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax{ending}"


HEADERS: Final = {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store, no-cache",
    "pragma": "no-cache",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


def _policy(nonce: str, *, leads_on: bool) -> str:
    # Browsers apply form-action to every redirect that follows the form, too. A page that leads to an application
    # cannot know where that application redirects next, so it sends no form-action.
    forms = "" if leads_on else "form-action 'self'; "
    script = f"'nonce-{nonce}'" if nonce else "'none'"
    return (
        f"default-src 'none'; style-src 'self'; img-src 'self'; script-src {script}; {forms}"
        "frame-ancestors 'none'; base-uri 'none'"
    )


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

    loader = PackageLoader("opencasb.portal", "templates")
    made = Environment(
        loader=loader, autoescape=select_autoescape(default=True), undefined=StrictUndefined, trim_blocks=True
    )
    made.filters["time"] = _time
    made.filters["qr_code"] = _qr_code
    made.filters["detail"] = _detail
    return made


def _detail(value: Any, name: str) -> str:  # any JSON
    """Return a detail of an audit log entry: text as it is, an expiry as a time, anything else as JSON."""
    import msgspec

    if name == "expires" and isinstance(value, int):
        return _time(value)
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _qr_code(text: str) -> Markup:
    """Return text as a QR code (SVG), dark on light whatever the page's theme."""
    import segno
    from markupsafe import Markup

    picture = segno.make(text, micro=False).svg_inline(scale=4, dark="#000", light="#fff", svgclass="qr", lineclass="")
    # Safe: the SVG consists of numbers and contains nothing of the text itself.
    return Markup(picture).replace("<svg ", Markup('<svg role="img" aria-label="QR code of the secret" '), 1)  # noqa: S704


def _time(milliseconds: int) -> Markup:
    from markupsafe import Markup

    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return Markup('<time datetime="{}">{}</time>').format(
        moment.isoformat(timespec="seconds"), f"{moment:%Y-%m-%d %H:%M} UTC"
    )
