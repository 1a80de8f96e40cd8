"""Sign-out: end the browser's session and return the visitor to the application (identity §2)."""

from __future__ import annotations

from collections.abc import Mapping

from opencasb.api.login.exchange import NOT_STORED, Call, Reply
from opencasb.api.login.pages import formless_page, own_form, page, signed_in, with_answer
from opencasb.identity.forms import parse_form
from opencasb.identity.identity import Identity
from opencasb.identity.token_endpoint import find_tenant
from opencasb.model.tenant import Tenant
from opencasb.portal.page import SESSION_COOKIE, set_cookie


def sign_out(identity: Identity, call: Call) -> Reply:
    """End the browser's session, after confirmation if the request does not come from a page of ours.

    ``post_logout_redirect_uri`` is followed only if it is a registered redirect of the application, given by
    ``client_id`` or by an ID token of ours in ``id_token_hint``. Most applications send neither; then a redirect of any
    application of the tenant is accepted. Raises 90002.
    """
    tenant = find_tenant(identity.tenants, call.tenant)
    given = parse_form(call.headers.get("content-type"), call.body) if call.method == "POST" else dict(call.query)
    found = signed_in(identity, call)
    if found is not None:
        tenant = tenant or identity.consent_flow.tenant_of(found[0])
        if call.method != "POST" or "form_token" not in given:
            action = f"/{call.tenant}/oauth2/v2.0/logout"
            return page(identity, call, "sign_out.html.j2", leads_on=True, action=action, given=given)
        own_form(identity, call)
        identity.sessions.close(call.cookies.get(SESSION_COOKIE, ""))
    gone = {"set-cookie": set_cookie(SESSION_COOKIE, "")}
    address = _address(identity, given, tenant)
    if address:
        return Reply(None, 303, {**NOT_STORED, **gone, "location": address})
    made = formless_page("done.html.j2", title="Signed out", text="You can close this page.")
    return Reply(made.content, made.status, {**made.headers, **gone})


def _address(identity: Identity, given: Mapping[str, str], tenant: Tenant | None) -> str | None:
    wanted = given.get("post_logout_redirect_uri", "")
    if not wanted or not _is_registered(identity, given, tenant, wanted):
        return None
    return with_answer(wanted, {"state": given["state"]}) if "state" in given else wanted


def _is_registered(identity: Identity, given: Mapping[str, str], tenant: Tenant | None, wanted: str) -> bool:
    client_id = given.get("client_id", "") or identity.tokens.client_of(given.get("id_token_hint", ""))
    if not client_id:
        return tenant is not None and identity.registrations.is_redirect_in(tenant, wanted)
    application = identity.applications.home(client_id.lower())
    return application is not None and identity.registrations.redirect(application, wanted) is not None
