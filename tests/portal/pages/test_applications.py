"""The list of applications, and registration."""

from __future__ import annotations

from tests.portal.site import Site


def test_an_application_is_registered(site: Site) -> None:
    """Its settings are saved; it appears in the list."""
    visitor = site.visitor()
    assert "No application is registered yet" in visitor.page("applications")
    answer = visitor.send("applications/new", "applications", name=" Report tool ", multitenant="yes")
    assert "Created." in visitor.done(answer)
    [made] = site.casb.identity.applications.all(site.contoso.tenant_id)
    assert (made.name, made.multitenant, made.public_client, made.assignment_required) == (
        "Report tool",
        True,
        False,
        False,
    )
    assert "Report tool" in visitor.page("applications")
    entries = site.casb.identity.audit_log.latest(site.contoso.tenant_id)
    assert [each.actor for each in entries if each.action == "app.create"] == [site.user().upn]


def test_a_name_is_needed_and_nothing_typed_is_lost(site: Site) -> None:
    """The error is next to the field; ticked boxes remain ticked."""
    visitor = site.visitor()
    for name in ("", "   ", "x" * 257, "two\nlines"):
        answer = visitor.send("applications/new", "applications", name=name, public_client="yes")
        assert answer.status_code == 400
        assert 'aria-invalid="true"' in answer.text
        assert 'aria-describedby="name-hint name-problem"' in answer.text
        assert 'name="public_client" value="yes" checked' in answer.text
        assert "<title>Error: " in answer.text
    assert site.casb.identity.applications.all(site.contoso.tenant_id) == []
