"""The authorization endpoint: sign in, consent, and return to the application with a code (identity §5, §9, §12)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from opencasb.api.login.exchange import Call, Reply
from opencasb.api.login.pages import (
    as_shown,
    ask_to_sign_in,
    form_of,
    formless_page,
    is_agreed,
    own_form,
    page,
    path_of,
    see_other,
    signed_in,
    with_answer,
)
from opencasb.identity.authorizations import AuthorizationRequest
from opencasb.identity.consent_flow import Consent
from opencasb.identity.errors import ABOUT_THE_USER, OAuthError
from opencasb.identity.forms import parse_form
from opencasb.identity.identity import Identity
from opencasb.model.delegation import Version
from opencasb.model.user import User
from opencasb.portal.page import new_nonce

_ERRORS: Final = {50020: "access_denied", 50105: "access_denied", 65001: "consent_required", 65004: "access_denied"}
"""Refusals that go by another name in a redirect."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A browser request: its parameters, and the address that repeats it."""

    call: Call
    version: Version
    given: Mapping[str, str]

    def again(self, *done: str) -> str:
        """Return the address that continues this visit, without what is ``done``: prompts or parameters."""
        words = [word for word in self.given.get("prompt", "").split() if word.lower() not in done]
        given = {name: value for name, value in self.given.items() if name not in {"prompt", *done}}
        return f"{path_of(self.call, self.version, 'authorize')}?{urlencode({**given, 'prompt': ' '.join(words)})}"


def authorize(identity: Identity, version: Version, call: Call) -> Reply:
    """Answer a browser sent by an application; errors in client or redirect are shown on a page."""
    given = call.query if call.method != "POST" else parse_form(call.headers.get("content-type"), call.body)
    visit = Visit(call, version, given)
    request = identity.authorizations.read(call.tenant, version, given)
    try:
        identity.authorizations.check(request)
        return _answer(identity, visit, request)
    except OAuthError as refusal:
        if refusal.code in ABOUT_THE_USER and "none" not in request.prompt:
            raise
        return _refused(identity, request, refusal)


def consent(identity: Identity, version: Version, call: Call) -> Reply:
    """Process a user's decision on the consent page."""
    form = own_form(identity, call)
    visit = Visit(call, version, form_of(form.get("continue", "")))
    request = identity.authorizations.read(call.tenant, version, visit.given)
    found = signed_in(identity, call)
    if found is None:
        return see_other(visit.again())
    user, _ = identity.guests.within(request.tenant, *found) or found
    if form.get("decision") != "accept":
        refusal = OAuthError(65004, "The user declined to consent.")
        return _refused(identity, request, refusal)
    asked = identity.authorizations.consent(request, user)
    if asked.allowed and not is_agreed(form, asked.of_tenant or asked.wanted):
        return see_other(visit.again())
    try:
        identity.consent_flow.agree(request.application, user, asked, everybody=form.get("everybody") == "yes")
    except OAuthError as refusal:
        return _refused(identity, request, refusal)
    return see_other(visit.again("consent", "admin_consent"))


def _answer(identity: Identity, visit: Visit, request: AuthorizationRequest) -> Reply:
    found = signed_in(identity, visit.call, request.tenant)
    if found is None or request.prompt & {"login", "select_account"}:
        return _sign_in(identity, visit, request)
    user, session = found
    if identity.authorizations.is_too_old(request, session) or request.names_another(user):
        return _sign_in(identity, visit, request)
    asked = identity.authorizations.consent(request, user)
    if asked.missing or request.prompt & {"consent", "admin_consent"}:
        return _consent(identity, visit, request, user, asked)
    return _redirect(request, identity.authorizations.answer(request, user, session))


def _sign_in(identity: Identity, visit: Visit, request: AuthorizationRequest) -> Reply:
    if "none" in request.prompt:
        return _redirect(request, identity.authorizations.refusal(request, "login_required", "Nobody is signed in."))
    return ask_to_sign_in(
        identity,
        visit.call,
        visit.call.tenant,
        visit.again("login", "select_account", "max_age", "login_hint"),
        application=request.application.name,
        username=request.login_hint,
    )


def _consent(identity: Identity, visit: Visit, request: AuthorizationRequest, user: User, asked: Consent) -> Reply:
    if "none" in request.prompt:
        text = "The user has not consented yet."
        return _redirect(request, identity.authorizations.refusal(request, "consent_required", text))
    return page(
        identity,
        visit.call,
        "admin_consent.html.j2" if asked.of_tenant else "consent.html.j2",
        leads_on=True,
        action=path_of(visit.call, visit.version, "consent"),
        application=request.application,
        user=user,
        tenant=identity.consent_flow.tenant_of(user),
        asked=asked,
        wanted=asked.of_tenant,
        shown=as_shown(asked.of_tenant or asked.wanted),
        allowed=asked.for_everybody,
        going_to=visit.again(),
    )


def _refused(identity: Identity, request: AuthorizationRequest, refusal: OAuthError) -> Reply:
    error = _ERRORS.get(refusal.code, refusal.error)
    return _redirect(request, identity.authorizations.refusal(request, error, str(refusal)))


def _redirect(request: AuthorizationRequest, answer: Mapping[str, str]) -> Reply:
    if request.response_mode == "form_post":
        return _form_post(request, answer)
    return see_other(with_answer(request.redirect_uri, answer, behind_the_hash=request.response_mode == "fragment"))


def _form_post(request: AuthorizationRequest, answer: Mapping[str, str]) -> Reply:
    return formless_page(
        "form_post.html.j2",
        leads_on=True,
        nonce=new_nonce(),
        address=request.redirect_uri,
        answer=answer,
    )
