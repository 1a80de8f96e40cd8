"""Shared by the authorization server's pages: the signed-in user, and forms protected against forgery."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from opencasb.api.login.exchange import NOT_STORED, Call, Reply
from opencasb.identity.errors import OAuthError
from opencasb.identity.forms import parse_form
from opencasb.identity.identity import Identity
from opencasb.model.delegation import SignedIn, Version
from opencasb.model.permissions import Permission
from opencasb.model.registration import RequestedPermission
from opencasb.model.tenant import Tenant
from opencasb.model.user import User
from opencasb.portal.page import BROWSER_COOKIE, SESSION_COOKIE, form_token, is_own_form, render, set_cookie


def page(
    identity: Identity,
    call: Call,
    template: str,
    **values: Any,  # whatever the template shows
) -> Reply:
    """Render a page whose forms are bound to the receiving browser."""
    browser = call.cookies.get(SESSION_COOKIE) or call.cookies.get(BROWSER_COOKIE, "")
    headers = {}
    if not browser:
        browser = secrets.token_urlsafe(24)
        headers["set-cookie"] = set_cookie(BROWSER_COOKIE, browser)
    made = formless_page(template, form_token=form_token(identity.pepper, browser), **values)
    return Reply(made.content, made.status, {**made.headers, **headers})


def formless_page(template: str, status: int = 200, **values: Any) -> Reply:  # whatever the template shows
    """Render a page without a form of ours."""
    made = render(template, status, **values)
    return Reply(made.content, made.status, made.headers)


def ask_to_sign_in(
    identity: Identity,
    call: Call,
    tenant: str,
    going_to: str,
    *,
    application: str = "",
    username: str = "",
    problem: str = "",
) -> Reply:
    """Return the sign-in page of a tenant or alias; ``going_to`` is the local address to continue at."""
    return page(
        identity,
        call,
        "sign_in.html.j2",
        leads_on=True,
        tenant=tenant,
        going_to=going_to,
        application=application,
        username=username,
        problem=problem,
        external=identity.external_sign_in.label(identity.tenants.by_guid_or_domain(tenant)),
    )


def own_form(identity: Identity, call: Call) -> dict[str, str]:
    """Return the fields of a form that we issued to this browser. Raises 90013 for any other."""
    form = parse_form(call.headers.get("content-type"), call.body)
    given = form.get("form_token", "")
    cookies = (call.cookies.get(SESSION_COOKIE, ""), call.cookies.get(BROWSER_COOKIE, ""))
    if not any(is_own_form(identity.pepper, cookie, given) for cookie in cookies):
        raise OAuthError(90013, "The form has expired, or cookies are disabled. Go back and try again.")
    return form


def as_shown(permissions: Iterable[Permission | RequestedPermission]) -> str:
    """Return the permissions on a consent page, for its form to bring back."""
    return " ".join(sorted("/".join(each) for each in permissions))


def is_agreed(form: Mapping[str, str], permissions: Iterable[Permission | RequestedPermission]) -> bool:
    """Return whether a form accepts just these permissions: a registration may change while people read the page."""
    return form.get("decision") == "accept" and form.get("shown", "") == as_shown(permissions)


def signed_in(identity: Identity, call: Call, tenant: Tenant | None = None) -> tuple[User, SignedIn] | None:
    """Return the user signed in in this browser, as the tenant knows them; None if there is none."""
    cookie = call.cookies.get(SESSION_COOKIE, "")
    found = identity.sessions.of(cookie) if cookie else None
    return None if found is None else identity.guests.within(tenant, *found)


def path_of(call: Call, version: Version, name: str) -> str:
    """Return the path of one of our endpoints in the call's tenant."""
    return f"/{call.tenant}/oauth2{'/v2.0' if version == 2 else ''}/{name}"


def form_of(address: str) -> dict[str, str]:
    """Return the query parameters of an address. Raises 90013 if it is malformed."""
    try:
        return dict(parse_qsl(urlsplit(address).query, keep_blank_values=True))
    except ValueError:
        raise OAuthError(90013, "The form does not say where to go on.") from None


def see_other(address: str) -> Reply:
    """Redirect a browser, never with a status that would repeat a form submission (identity §12)."""
    return Reply(None, 303, {**NOT_STORED, "location": address})


def with_answer(redirect_uri: str, answer: Mapping[str, str], *, behind_the_hash: bool = False) -> str:
    """Add an answer to a redirect URI, in its query or fragment; an empty path becomes a slash (§5)."""
    parts, said = urlsplit(redirect_uri), urlencode(answer)
    where = {"fragment": said} if behind_the_hash else {"query": f"{parts.query}&{said}" if parts.query else said}
    return parts._replace(path=parts.path or "/", **where).geturl()
