"""The sign-in form (identity §12)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from opencasb.api.login.exchange import NOT_STORED, Call, Reply
from opencasb.api.login.pages import ask_to_sign_in, own_form, page
from opencasb.identity.errors import OAuthError
from opencasb.identity.identity import Identity
from opencasb.identity.passwords import LONGEST, SHORTEST
from opencasb.identity.refusals import InvalidValue
from opencasb.identity.token_endpoint import find_tenant
from opencasb.model.user import User
from opencasb.portal.page import SESSION_COOKIE, new_nonce, set_cookie
from opencasb.portal.visit import ROOT

OWN: Final = re.compile(r"/[A-Za-z0-9._-]+(/[A-Za-z0-9._/-]*)?(\?[!-\"$-\[\]-~]*)?")
"""Where a sign-in may continue: an address of this server, in ASCII, that no browser takes for another host."""
_WRONG: Final = frozenset({50126, 50053, 50057, 90055})


def sign_in(identity: Identity, call: Call) -> Reply:
    """Check name and password, and continue to the original destination; a GET shows the form.

    The bare address leads to the portal: it is what the browser shows after a wrong password, and what gets bookmarked.
    """
    form = own_form(identity, call) if call.method == "POST" else {"going_to": ROOT, **call.query}
    going_to = going_to_of(form)
    if call.method != "POST":
        find_tenant(identity.tenants, call.tenant)
        return ask_to_sign_in(identity, call, call.tenant, going_to)
    try:
        tenant = find_tenant(identity.tenants, call.tenant) or identity.sign_in.tenant_of(form.get("username", ""))
        user = identity.sign_in.check(tenant, form.get("username", ""), form.get("password", ""), call.address)
    except OAuthError as refusal:
        if refusal.code == 50055:
            return _ask_for_password(identity, call, form, "")
        if refusal.code not in _WRONG:
            raise
        name = form.get("username", "")
        return ask_to_sign_in(identity, call, call.tenant, going_to, username=name, problem=refusal.text)
    return enter(identity, call, user, ("pwd",), going_to)


def going_to_of(given: Mapping[str, str]) -> str:
    """Return where on this server to continue. Raises 90013."""
    if OWN.fullmatch(going_to := given.get("going_to", "")):
        return going_to
    raise OAuthError(90013, "The request does not say where on this server to go after the sign-in.")


def new_password(identity: Identity, call: Call) -> Reply:
    """Replace an expired password and continue; with a second factor, only after that."""
    form = own_form(identity, call)
    going_to, name, present = going_to_of(form), form.get("username", ""), form.get("password", "")
    tenant = find_tenant(identity.tenants, call.tenant) or identity.sign_in.tenant_of(name)
    try:
        if form.get("new_password", "") != form.get("repeated_password", ""):
            return _ask_for_password(identity, call, form, "The two new passwords differ.")
        user = identity.sign_in.check(tenant, name, present, call.address, expired_too=True)
        renewed = identity.own_account.renewed(present, form.get("new_password", ""))
    except OAuthError as refusal:
        if refusal.code not in _WRONG:
            raise
        return _ask_for_password(identity, call, form, refusal.text)
    except InvalidValue as problem:
        return _ask_for_password(identity, call, form, str(problem))
    if identity.second_factors.is_required(user):
        return _ask_for_more(identity, call, user, going_to, "", renewed)
    identity.own_account.renew_password(user, renewed)
    return enter(identity, call, user, ("pwd",), going_to)


def enrol(identity: Identity, call: Call) -> Reply:
    """Activate the second factor that a tenant demands, on its first valid code."""
    form = own_form(identity, call)
    user, going_to = identity.second_factors.user_of(form.get("ticket", "")), form.get("going_to", "")
    if user is None or identity.second_factors.is_required(user) or not OWN.fullmatch(going_to):
        raise OAuthError(90013, "The sign-in took too long. Start again.")
    try:
        identity.sign_in.check_enrolment(user, form["ticket"], form.get("code", ""), call.address)
    except OAuthError as refusal:
        return _ask_to_enrol(identity, call, user, going_to, refusal.text, form["ticket"])
    return enter(identity, call, user, ("pwd", "mfa"), going_to)


def security_key(identity: Identity, call: Call) -> Reply:
    """Check a security key's answer, after the password."""

    def check(user: User, form: Mapping[str, str]) -> None:
        identity.sign_in.check_key(user, form.get("challenge", ""), form.get("answer", ""), call.address)

    return _checked(identity, call, check, ("pwd", "hwk", "mfa"))


def second_factor(identity: Identity, call: Call) -> Reply:
    """Check an authenticator app's code, after the password."""

    def check(user: User, form: Mapping[str, str]) -> None:
        identity.sign_in.check_code(user, form.get("code", ""), call.address)

    return _checked(identity, call, check, ("pwd", "mfa"))


def _checked(
    identity: Identity, call: Call, check: Callable[[User, Mapping[str, str]], None], amr: tuple[str, ...]
) -> Reply:
    form = own_form(identity, call)
    user = identity.second_factors.user_of(form.get("ticket", ""))
    if user is None or not OWN.fullmatch(form.get("going_to", "")):
        raise OAuthError(90013, "The sign-in took too long. Start again.")
    renewed = identity.second_factors.renewed_of(user, form["ticket"])
    try:
        check(user, form)
    except OAuthError as refusal:
        return _ask_for_more(identity, call, user, form["going_to"], refusal.text, renewed)
    if renewed:
        identity.own_account.renew_password(user, renewed)
    return enter(identity, call, user, amr, form["going_to"])


def enter(identity: Identity, call: Call, user: User, amr: tuple[str, ...], going_to: str) -> Reply:
    """Open a session, first asking for a second factor if the user needs one and ``amr`` has none."""
    if "mfa" not in amr and identity.second_factors.is_required(user):
        return _ask_for_more(identity, call, user, going_to, "")
    tenant = identity.tenants.get(user.tenant_id)
    if "mfa" not in amr and tenant is not None and tenant.second_factor:
        return _ask_to_enrol(identity, call, user, going_to, "")
    cookie = identity.sessions.open(user, amr, call.address)
    headers = {"location": going_to, "set-cookie": set_cookie(SESSION_COOKIE, cookie)}
    return Reply(None, 303, {**NOT_STORED, **headers})


def _ask_for_more(identity: Identity, call: Call, user: User, going_to: str, problem: str, renewed: str = "") -> Reply:
    """Ask for a code or a security key, whichever the user has."""
    factors = identity.second_factors
    return page(
        identity,
        call,
        "second_factor.html.j2",
        leads_on=True,
        nonce=new_nonce(),
        tenant=call.tenant,
        ticket=factors.ticket(user, renewed),
        has_app=factors.has_app(user),
        challenge=factors.keys.ask(user) if factors.keys.of(user) else None,
        going_to=going_to,
        problem=problem,
    )


def _ask_to_enrol(identity: Identity, call: Call, user: User, going_to: str, problem: str, ticket: str = "") -> Reply:
    offered, otpauth = identity.second_factors.offer(user, ticket)
    return page(
        identity,
        call,
        "second_factor_enrol.html.j2",
        leads_on=True,
        tenant=call.tenant,
        ticket=offered,
        otpauth=otpauth,
        going_to=going_to,
        problem=problem,
    )


def _ask_for_password(identity: Identity, call: Call, form: Mapping[str, str], problem: str) -> Reply:
    return page(
        identity,
        call,
        "password_expired.html.j2",
        leads_on=True,
        tenant=call.tenant,
        username=form.get("username", ""),
        going_to=form.get("going_to", ""),
        shortest=SHORTEST,
        longest=LONGEST,
        problem=problem,
    )
