"""Client secrets, which are shown once, and certificates."""

from __future__ import annotations

import re

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from opencasb.model.application import Application
from tests.identity.certificates import certificate, private_key
from tests.portal.site import Site


@pytest.fixture
def made(site: Site) -> Application:
    """Register an application."""
    return site.casb.identity.applications.create(site.contoso.tenant_id, "tool")


def test_a_secret_is_shown_once(site: Site, made: Application) -> None:
    """Afterwards only its first characters and its expiry are shown."""
    visitor, page = site.visitor(), f"applications/{made.client_id}"
    answer = visitor.send(page, f"{page}/secrets", secret_description="nightly", secret_days="90")
    text = visitor.done(answer)
    [value] = re.findall(r'id="new-secret">([^<]+)<', text)
    assert 'value="nightly"' not in text  # so that no second one is created by accident
    [kept] = site.casb.identity.applications.secrets(made.tenant_id, made.client_id)
    assert kept.expires - kept.created == 90 * 24 * 3600 * 1000
    text = visitor.page(page)
    assert value not in text
    assert f"<code>{value[:3]}…</code>" in text
    assert "nightly" in text
    asked = visitor.send(page, f"{page}/secrets/{kept.key_id}/remove")
    assert f"tool, secret nightly, key id {kept.key_id}" in asked.text
    assert "Removed." in visitor.done(visitor.confirm(asked))
    assert site.casb.identity.applications.secrets(made.tenant_id, made.client_id) == []


@pytest.mark.parametrize("days", ["0", "731", "", "x", "-1", "9" * 30])
def test_a_secret_is_good_for_one_to_730_days(site: Site, made: Application, days: str) -> None:
    """Another number remains in the field, with the error next to it."""
    visitor, page = site.visitor(), f"applications/{made.client_id}"
    refused = visitor.send(page, f"{page}/secrets", secret_description="nightly", secret_days=days)
    assert refused.status_code == 400
    assert 'id="secret_days-problem"' in refused.text
    assert not days or "is not a whole number from 1 to 730." in refused.text
    assert 'value="nightly"' in refused.text
    assert site.casb.identity.applications.secrets(made.tenant_id, made.client_id) == []


def test_certificates_are_uploaded_or_pasted(site: Site, made: Application) -> None:
    """PEM and DER are accepted, but no private key."""
    visitor, page = site.visitor(), f"applications/{made.client_id}"
    first, second = certificate(), certificate()
    pem = first.public_bytes(Encoding.PEM).decode()
    visitor.done(visitor.send(page, f"{page}/certificates", certificate_text=pem))
    token = visitor.page(page).partition('name="form_token" value="')[2].partition('"')[0]
    upload = {"certificate": ("client.der", second.public_bytes(Encoding.DER))}
    data = {"form_token": token, "certificate_description": "from a file"}
    both = visitor._send("POST", f"/portal/{page}/certificates", data={**data, "certificate_text": pem}, files=upload)
    assert "Choose a file or paste its text, not both." in both.text  # neither is dropped silently
    visitor.done(visitor._send("POST", f"/portal/{page}/certificates", data=data, files=upload))
    kept = site.casb.identity.registrations.certificates(made)
    assert {each.description for each in kept} == {"", "from a file"}
    assert all(each.sha256 in visitor.page(page) for each in kept)
    for text in (private_key().decode(), "nothing", "", pem):
        refused = visitor.send(page, f"{page}/certificates", certificate_text=text, certificate_description="d")
        assert refused.status_code == 400
        assert 'id="certificate-problem"' in refused.text
    asked = visitor.send(page, f"{page}/certificates/{kept[0].key_id}/remove")
    assert f"{kept[0].description or kept[0].sha1}, key id {kept[0].key_id}" in asked.text
    visitor.done(visitor.confirm(asked))
    assert site.casb.identity.registrations.certificates(made) == kept[1:]


def test_what_ends_soon_is_marked(site: Site, made: Application) -> None:
    """The mark appears a month before expiry, and changes after it."""
    site.casb.identity.credentials.new_client_secret(made.tenant_id, made.client_id, days=40)
    page = f"applications/{made.client_id}"
    assert "expires soon" not in site.visitor().page(page)
    assert "A secret" not in site.visitor().page(page)
    for days, mark in ((11, "expires soon"), (30, "expired")):
        site.clock.now += days * 24 * 3600 * 1000
        text = site.sign_in(site.user()).page(page)
        assert f"<strong>{mark}</strong>" in text
        assert ("A secret expires soon:" in text, "A secret has expired:" in text) == (days == 11, days == 30)


def test_what_ends_is_told_above_all_else(site: Site, made: Application) -> None:
    """The banner has its description or first characters, and what to do; also for certificates."""
    credentials = site.casb.identity.credentials
    credentials.new_client_secret(made.tenant_id, made.client_id, description="nightly <job>", days=20)
    content = certificate(days=3, at=site.clock()).public_bytes(Encoding.PEM)
    site.casb.identity.registrations.add_certificate(made, content, by="test")
    text = site.visitor().page(f"applications/{made.client_id}")
    assert "A secret expires soon:</strong>\n  nightly &lt;job&gt;" in text
    assert "A certificate expires soon:</strong>" in text
    assert "Add a new one, update every program" in text
