"""One application: settings, redirects, disabling, deleting."""

from __future__ import annotations

import pytest

from opencasb.model.application import Application
from tests.portal.site import Site


@pytest.fixture
def made(site: Site) -> Application:
    """Register an application."""
    return site.casb.identity.applications.create(site.contoso.tenant_id, "tool", public_client=True)


def now(site: Site, made: Application) -> Application:
    """Return the application's current record."""
    found = site.casb.identity.applications.get(made.tenant_id, made.client_id)
    assert found is not None
    return found


def test_settings_are_changed(site: Site, made: Application) -> None:
    """A box that is not ticked turns its setting off."""
    visitor, page = site.visitor(), f"applications/{made.client_id}"
    assert 'id="public_client" name="public_client" value="yes" checked' in visitor.page(page)
    answer = visitor.send(page, f"{page}/change", name="Tool 2", public_client=[], assignment_required="yes")
    assert "Saved." in visitor.done(answer)
    after = now(site, made)
    assert (after.name, after.public_client, after.assignment_required) == ("Tool 2", False, True)
    refused = visitor.send(page, f"{page}/change", name="")
    assert (refused.status_code, now(site, made).name) == (400, "Tool 2")


def test_redirects_are_added_and_removed(site: Site, made: Application) -> None:
    """The error is next to the field, and an invalid value remains in it."""
    visitor, page = site.visitor(), f"applications/{made.client_id}"
    answer = visitor.send(page, f"{page}/redirects", redirect="https://app.example/back", redirect_kind="spa")
    assert "https://app.example/back" in visitor.done(answer)
    refused = visitor.send(page, f"{page}/redirects", redirect="http://app.example/x", redirect_kind="web")
    assert refused.status_code == 400
    assert 'value="http://app.example/x"' in refused.text
    assert "must begin with https://" in refused.text
    assert visitor.send(page, f"{page}/redirects", redirect="https://x.example", redirect_kind="y").status_code == 400
    gone = visitor.send(page, f"{page}/redirects/remove", uri="https://app.example/back")
    assert "Removed." in visitor.done(gone)
    assert site.casb.identity.registrations.redirects(made) == []


def test_disabling_and_deleting_ask_first(site: Site, made: Application) -> None:
    """Nothing happens before confirmation; enabling needs none."""
    visitor, page = site.visitor(), f"applications/{made.client_id}"
    asked = visitor.send(page, f"{page}/disable")
    assert "Disable the application?" in asked.text
    assert '<strong class="any">tool</strong>' in asked.text
    assert f'href="/portal/{page}">Cancel' in asked.text
    assert now(site, made).disabled is None
    assert "disabled" in visitor.done(visitor.confirm(asked))
    assert now(site, made).disabled is not None
    visitor.done(visitor.send(page, f"{page}/enable"))
    assert now(site, made).disabled is None
    asked = visitor.send(page, f"{page}/delete")
    assert "Deleted." in visitor.done(visitor.confirm(asked))
    assert site.casb.identity.applications.get(made.tenant_id, made.client_id) is None


def test_an_application_of_elsewhere_is_changed_there(site: Site) -> None:
    """This tenant can disable it and require assignment; its secrets and redirects are not shown."""
    identity, elsewhere = site.casb.identity, site.tenants[1].tenant_id
    home = identity.applications.create(elsewhere, "guest", multitenant=True)
    identity.credentials.new_client_secret(elsewhere, home.client_id, description="not yours")
    identity.registrations.add_redirect(home, "web", "https://home.example/", by="test")
    known = identity.consents.enter(site.contoso, home, "test")
    visitor, page = site.visitor(), f"applications/{known.client_id}"
    text = visitor.page(page)
    assert "not yours" not in text
    assert "home.example" not in text
    visitor.done(visitor.send(page, f"{page}/change", assignment_required="yes"))
    assert now(site, known).assignment_required
    for action, values in (
        ("redirects", {"redirect": "https://x.example", "redirect_kind": "web"}),
        ("secrets", {"secret_days": "5"}),
        ("permissions", {}),
        ("certificates", {"certificate_text": "x"}),
    ):
        token = text.partition('name="form_token" value="')[2].partition('"')[0]
        refused = visitor.post(f"/portal/{page}/{action}", {"form_token": token, **values})
        assert refused.status_code == 400, action
