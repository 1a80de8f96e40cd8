"""Every value on a page is escaped, whatever it contains."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from markupsafe import escape

from opencasb.model.registration import Redirect, RequestedPermission
from opencasb.model.roles import Role
from opencasb.model.stream import StreamType
from opencasb.portal.page import form_token
from opencasb.portal.pages.table import ACTIONS, VIEWS
from opencasb.store.registrations import Registrations
from opencasb.store.sessions import Session
from opencasb.store.sessions import Sessions as SessionStore
from tests.identity.certificates import certificate
from tests.portal.site import Site
from tests.portal.test_access import filled

VARIABLES = ("report", "tenant", "client_id", "key_id", "user_id", "token_id", "session_id")
ROLES = ("App/instance admin", "Cloud Discovery report admin", "Global reader")
FIELDS = (
    *("name", "display_name", "password", "reports", "apps", "groups", "redirect", "redirect_kind", "uri"),
    *("secret_days", "secret_description", "certificate_text", "certificate_description", "permissions", "assigned"),
    *("present_password", "new_password", "repeated_password", "code"),
)


def hostile(name: str) -> str:
    """Return a value that would have an effect if a page did not escape it."""
    return f'<img/src=x/onerror=alert({name})>"&quot;{{{{7*7}}}}'


def test_hostile_values_are_text_on_every_page(site: Site) -> None:
    """Each appears somewhere, and always escaped."""
    ids, planted = _plant(site)
    pages = [site.visitor().page(filled(view.path, ids)) for view in VIEWS]
    for name in sorted(planted):
        assert any(str(escape(hostile(name))) in page for page in pages), name
    for page in pages:
        assert "<img" not in page


def test_hostile_words_in_a_form_come_back_as_text(site: Site) -> None:
    """They are escaped in the field and in its error message."""
    visitor, text = site.visitor(), hostile("typed")
    for page, action, values in (
        ("applications/new", "applications", {"name": text + "\x01"}),
        ("users/new", "users", {"name": text + " x", "role": "Security reader"}),
        ("users/new", "users", {"name": "x", "role": text}),
        ("api-tokens", "api-tokens", {"name": text * 9}),
    ):
        answer = visitor.send(page, action, **values)
        assert answer.status_code == 400
        assert "<img" not in answer.text
        assert str(escape(text)) in answer.text


def test_an_address_says_nothing_of_its_own(site: Site) -> None:
    """The message is one of ours or none."""
    visitor = site.visitor()
    assert "hacked" not in visitor.page("users?done=You+were+hacked")
    assert 'role="status">Saved.' in visitor.page("users?done=saved")


@pytest.mark.parametrize("text", ["a\0b\x01", "é\u202e' or 1=1 --", "x" * 300])
def test_no_text_is_a_fault(tmp_path: Path, database_url: str, text: str) -> None:
    """Both databases accept or reject each, in a URL or in any field of any form."""
    site = Site(tmp_path, database_url=database_url)
    visitor, ids = site.visitor(), _plant(site)[0]
    [cookie] = visitor.cookies.values()
    token = form_token(site.casb.identity.pepper, cookie)
    for view in VIEWS:
        path = filled(view.path, dict.fromkeys(VARIABLES, quote(text, safe="")))
        assert visitor.open(path).status_code in {200, 404}
    for query in (f"audit-log?before={quote(text)}", f"?tenant={quote(text)}&done={quote(text)}"):
        assert site.guest().open(query).status_code == 303
        assert visitor.open(query).status_code in {200, 404}
    for action in ACTIONS:
        if action.path.endswith(("sign-out", "everywhere", "delete")):
            continue  # these would delete what the others need
        form = {"form_token": token, **dict.fromkeys(FIELDS, text), "confirmed": "yes"}
        for role in ROLES if action.path.startswith("users") else [text]:
            path = filled(action.path, {**dict.fromkeys(VARIABLES, "0"), **ids})
            answer = visitor.post(f"/portal/{path}", {**form, "role": role})
            assert answer.status_code in {200, 303, 400, 404}, action.path
    site.casb.close()


def _plant(site: Site) -> tuple[dict[str, str], set[str]]:
    """Plant hostile values wherever a page shows one; return ids of pages to open, and the names of the values."""
    casb, tenant = site.casb, site.contoso.tenant_id
    identity, chief = casb.identity, site.user()
    identity.applications.create(tenant, hostile("application"))
    other = identity.applications.create(tenant, "other", assignment_required=True)
    registered = Registrations(casb.database, casb.clock)
    registered.add_redirect(tenant, other.client_id, Redirect("web", hostile("redirect")), limit=9, by="test")
    wanted = [RequestedPermission("graph", "delegated", hostile("permission"))]
    registered.add_requested(tenant, other.client_id, wanted, by="test")
    identity.consents.grant(other, wanted, user_id=None, by="test")
    identity.credentials.new_client_secret(tenant, other.client_id, description=hostile("secret"))
    content = certificate().public_bytes(Encoding.DER)
    identity.registrations.add_certificate(other, content, description=hostile("certificate"), by="test")
    user = casb.users.create(tenant, hostile("user"), Role.SECURITY_READER, display_name=hostile("display"))
    identity.consents.grants.assign(tenant, other.client_id, user.user_id, by="test")
    identity.credentials.new_api_token(tenant, user.user_id, hostile("token"))
    casb.user_groups.take_over(tenant, 1, "g", name=hostile("group"))
    report = casb.streams.create(tenant, hostile("stream"), StreamType.SNAPSHOT)
    log = identity.audit_log
    log.add(tenant, hostile("action"), by=hostile("actor"), target=hostile("target"), facts=hostile("detail"))
    session = Session(
        digest="0" * 64,
        session_id="1",
        user_id=chief.user_id,
        amr="pwd",
        address=hostile("address"),
        signed_in=casb.clock(),
        last_used=casb.clock(),
    )
    SessionStore(casb.database).add(tenant, session)
    planted = {
        *("application", "redirect", "permission", "secret", "certificate", "user", "display", "token", "stream"),
        "group",
    }
    ids = {"client_id": other.client_id, "user_id": user.user_id, "report": report.stream_id}
    return ids, planted | {"action", "actor", "target", "detail", "address"}
