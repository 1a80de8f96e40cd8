"""Admin consent: an administrator admits an application to the tenant, on behalf of everyone (identity §9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode, urlsplit

from opencasb.api.login.exchange import Call, Reply
from opencasb.api.login.pages import (
    as_shown,
    ask_to_sign_in,
    form_of,
    is_agreed,
    own_form,
    page,
    see_other,
    signed_in,
    with_answer,
)
from opencasb.identity.errors import OAuthError
from opencasb.identity.identity import Identity
from opencasb.identity.resources import DEFAULT_SCOPE, OIDC_SCOPES
from opencasb.identity.token_endpoint import find_tenant
from opencasb.model.application import Application
from opencasb.model.delegation import Version
from opencasb.model.registration import RequestedPermission
from opencasb.model.tenant import Tenant
from opencasb.model.user import User

DECLINED: Final[Mapping[Version, dict[str, str]]] = {
    1: {"error": "access_denied"},
    2: {"admin_consent": "True", "error": "consent_required"},
}


def admin_consent(identity: Identity, version: Version, call: Call) -> Reply:
    """Show an administrator everything that an application requests, and store the decision."""
    form = own_form(identity, call) if call.method == "POST" else {}
    given = form_of(form["continue"]) if "continue" in form else dict(call.query)
    tenant = find_tenant(identity.tenants, call.tenant)
    application = _application(identity, tenant, given)
    _check_redirect(identity, application, given)
    here = f"/{call.tenant}{'/v2.0' if version == 2 else ''}/adminconsent?{urlencode(given)}"
    found = signed_in(identity, call, tenant)
    if found is None:
        return ask_to_sign_in(identity, call, call.tenant, here)
    wanted = _wanted(identity, application, version, given)
    if form and form.get("decision") != "accept":
        text = "AADSTS65004: The administrator declined to consent."
        return _back(identity, call, given, DECLINED[version] | {"error_description": text})
    if not is_agreed(form, wanted):
        return _ask(identity, call, application, found[0], wanted, here)
    identity.consent_flow.agree_for_tenant(application, found[0], wanted)
    answer = {"admin_consent": "True", "tenant": identity.consent_flow.tenant_of(found[0]).guid}
    if version == 2:
        answer["scope"] = given.get("scope", "")
    return _back(identity, call, given, answer)


def _application(identity: Identity, tenant: Tenant | None, given: Mapping[str, str]) -> Application:
    client_id = given.get("client_id", "").strip()
    if not client_id:
        raise OAuthError(900144, "The request must contain the parameter 'client_id'.")
    home = identity.applications.home(client_id.lower())
    known = None if tenant is None or home is None else identity.applications.get(tenant.tenant_id, home.client_id)
    if home is None or (tenant is not None and known is None and not home.multitenant):
        raise OAuthError(700016, f"No application with the identifier '{client_id[:64]}' is known.")
    if home.disabled is not None or (known is not None and known.disabled is not None):
        raise OAuthError(7000112, f"The application '{home.client_id}' is disabled.")
    return home


def _check_redirect(identity: Identity, application: Application, given: Mapping[str, str]) -> None:
    redirect = given.get("redirect_uri", "")
    if redirect and identity.registrations.redirect(application, redirect) is None:
        raise OAuthError(50011, "The 'redirect_uri' of the request is not registered for the application.")


def _wanted(
    identity: Identity, application: Application, version: Version, given: Mapping[str, str]
) -> list[RequestedPermission]:
    """Return the requested permissions: all configured ones, or with v2 just the named scopes."""
    configured = identity.registrations.requested(application)
    named = [each for each in given.get("scope", "").split() if each.lower() not in OIDC_SCOPES]
    words = [each.rpartition("/")[2].lower() for each in named]
    if version == 1 or not named or DEFAULT_SCOPE in words:
        return configured
    chosen = [each for each in configured if each.name.lower() in words]
    if {each.name.lower() for each in chosen} != set(words):
        raise OAuthError(70011, "A scope of the request is not among those that the application is configured with.")
    return chosen


def _ask(
    identity: Identity,
    call: Call,
    application: Application,
    user: User,
    wanted: list[RequestedPermission],
    here: str,
) -> Reply:
    return page(
        identity,
        call,
        "admin_consent.html.j2",
        leads_on=True,
        action=urlsplit(here).path,
        application=application,
        user=user,
        tenant=identity.consent_flow.tenant_of(user),
        wanted=wanted,
        shown=as_shown(wanted),
        allowed=identity.consents.may_consent(user, wanted),
        going_to=here,
    )


def _back(identity: Identity, call: Call, given: Mapping[str, str], answer: Mapping[str, str]) -> Reply:
    redirect = given.get("redirect_uri", "")
    if not redirect:
        title = "Declined" if "error" in answer else "Consent granted"
        return page(identity, call, "done.html.j2", title=title, text="You can close this page.")
    state = {"state": given["state"]} if "state" in given else {}
    return see_other(with_answer(redirect, {**answer, **state}))
