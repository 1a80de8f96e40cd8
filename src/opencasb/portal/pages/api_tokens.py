"""API tokens: the visitor's own or, with full access, everybody's (identity §10.3)."""

from __future__ import annotations

from typing import Final

from opencasb.identity.administrators import may_have_api_tokens, visible_api_tokens
from opencasb.identity.refusals import about
from opencasb.model.api_token import ApiToken
from opencasb.portal.once import shown_once
from opencasb.portal.page import Page
from opencasb.portal.pages.named import id_in
from opencasb.portal.routes import Action, Confirmation, View
from opencasb.portal.visit import NotFound, Visit


def show(visit: Visit) -> Page:
    """List the tokens that the visitor may see, oldest first."""
    now, owners = visit.casb.clock(), {each.user_id: each.upn for each in visit.casb.users.all(visit.tenant_id)}
    tenant = visit.casb.tenants.get(visit.tenant_id)
    return visit.render(
        "api_tokens.html.j2",
        area="api-tokens",
        made=visit.once,
        tokens=[(each, each.state(now)) for each in visible_api_tokens(visit.casb.identity.api_tokens, visit.user)],
        owners=owners,
        allowed=tenant is not None and tenant.api_tokens,
        address=visit.casb.settings.effective_public_url,
    )


def create(visit: Visit) -> Page:
    """Create a token for the visitor, shown only once."""
    name = visit.form.line("name", required=True)
    with about("name"):
        made = visit.casb.identity.credentials.new_api_token(
            visit.tenant_id, visit.user.user_id, name, by=visit.user.upn
        )
    return shown_once(visit, "api-tokens", name=name, value=made.value)


def revoke(visit: Visit) -> str:
    """Revoke a token that the visitor can see, immediately and permanently."""
    visit.casb.identity.api_tokens.revoke(visit.tenant_id, _token(visit).token_id, by=visit.user.upn)
    return "api-tokens?done=revoked"


def _token(visit: Visit) -> ApiToken:
    token_id = id_in(visit, "token_id")
    for each in visible_api_tokens(visit.casb.identity.api_tokens, visit.user):
        if each.token_id == token_id:
            return each
    raise NotFound


def _called(visit: Visit) -> str:
    """Return what distinguishes a token from others of the same name: its prefix and its owner."""
    token = _token(visit)
    owner = visit.casb.users.get(visit.tenant_id, token.user_id)
    return f"{token.name}, begins with {token.prefix}…, of {token.user_id if owner is None else owner.upn}"


REVOKE: Final = Confirmation(
    "Revoke the token?",
    "Programs that use it are refused immediately. This cannot be undone.",
    "Revoke",
    _called,
)

VIEWS: Final = (View("api-tokens", may_have_api_tokens, show),)
ACTIONS: Final = (
    Action("api-tokens", may_have_api_tokens, create, show),
    Action("api-tokens/<token_id>/revoke", may_have_api_tokens, revoke, show, REVOKE),
)
