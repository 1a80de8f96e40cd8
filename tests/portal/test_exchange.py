"""Pages over HTTP: sign-in, forged forms, methods, malformed requests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import escape

from opencasb.model.roles import Role
from opencasb.portal.form_body import LARGEST
from opencasb.portal.page import SESSION_COOKIE
from tests.portal.site import PASSWORD, Site


def test_who_is_not_signed_in_signs_in_and_comes_back(site: Site) -> None:
    """They return to the requested page, including its query."""
    user, guest = site.user(), site.guest()
    sent = guest.get("/portal/audit-log?before=" + "0" * 24 + "&x=a%20b")
    assert sent.status_code == 303
    page = guest.get(sent.headers["location"])
    answer = guest.fill_in(page, username=user.upn, password=PASSWORD)
    assert answer.headers["location"] == "/portal/audit-log?before=" + "0" * 24 + "&x=a%20b"
    assert user.upn in guest.page("")


def test_the_only_tenant_is_the_one_to_sign_in_to(tmp_path: Path) -> None:
    """With several tenants, the user name or the URL determines which."""
    site = Site(tmp_path, tenants=("Contoso",))
    assert site.guest().open("").headers["location"].startswith(f"/{site.contoso.guid}/login?")
    other = site.casb.tenants.create("Fabrikam", domain="fabrikam.example")
    assert site.guest().open("").headers["location"].startswith("/organizations/login?")
    named = site.guest().open("?tenant=fabrikam.example").headers["location"]
    assert named.startswith(f"/{other.guid}/login?")
    site.casb.close()


ODD = ["//evil.example", "\\evil.example", "nothing/here", "?x=//evil.example", "?x=%0d%0ay:z", "users/\\evil.example"]


def test_nobody_is_sent_elsewhere(site: Site) -> None:
    """For any URL, sign-in continues at a page of the portal."""
    for path in ODD:
        sent = site.guest().open(path)
        assert sent.status_code == 303
        assert urlsplit(sent.headers["location"])[:2] == ("", "")
        [going_to] = parse_qs(urlsplit(sent.headers["location"]).query)["going_to"]
        assert going_to.startswith("/portal/")
        assert site.guest().get(sent.headers["location"]).status_code == 200


def test_a_form_that_is_not_ours_does_nothing(site: Site) -> None:
    """Its token is missing, empty, or that of another session."""
    visitor, other = site.visitor(), site.visitor(Role.SECURITY_ADMINISTRATOR)
    foreign = other.page("applications/new").partition('name="form_token" value="')[2].partition('"')[0]
    for token in ({}, {"form_token": ""}, {"form_token": "0" * 64}, {"form_token": foreign}):
        answer = visitor.post("/portal/applications", {"name": "forged", **token})
        assert answer.status_code == 403
        assert "too old" in answer.text
        assert '<a href="/portal/applications">Reload the page</a>' in answer.text
    assert site.casb.identity.applications.all(site.contoso.tenant_id) == []


def test_an_ended_session_is_asked_to_sign_in_for_forms_too(site: Site) -> None:
    """What was typed is not sent on; after sign-in the page says that it was not saved."""
    visitor, user_id = site.visitor(), site.user(Role.SECURITY_READER).user_id
    site.casb.identity.sessions.close(visitor.cookies[SESSION_COOKIE])
    role = f"users/{user_id}/role"
    for form, page in (("applications", "applications"), (role, f"users/{user_id}"), ("sign-out", "")):
        answer = visitor.post(f"/portal/{form}", {"name": "late"})
        assert answer.status_code == 303
        assert "late" not in answer.headers["location"]
        [going_to] = parse_qs(urlsplit(answer.headers["location"]).query)["going_to"]
        assert going_to == f"/portal/{page}" + ("?done=lost" if page else "")
    assert "was not saved" in site.sign_in(site.user()).page("applications?done=lost")


def test_other_methods_and_addresses_are_told(site: Site) -> None:
    """The errors are pages."""
    visitor = site.visitor()
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
        answer = visitor._send(method, "/portal/applications")
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, POST")
    for path in ("nothing", "applications/x/y", "users/" + "0" * 36, "users/%00", "applications/%00/delete"):
        assert visitor.open(path).status_code == 404
    assert visitor._send("HEAD", "/portal/applications").status_code == 200


def test_damaged_and_huge_forms_are_told(site: Site) -> None:
    """Nothing is read from them."""
    visitor = site.visitor()
    urlencoded, multipart = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
    for content, kind in (
        (b"x" * (LARGEST + 1), urlencoded),
        (b"broken", multipart),
    ):
        answer = visitor.raw("applications", content, kind)
        assert answer.status_code == 400
        assert "cannot be read" in answer.text
        assert "larger than 131 kB" in answer.text
        assert '<a href="/portal/applications">Reload the page</a>' in answer.text


def test_a_strict_policy_stands_on_every_page(site: Site) -> None:
    """No scripts, no frames, no caching."""
    for path in ("", "applications/new", "users", "audit-log", "account", "nothing"):
        headers = site.visitor().open(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "form-action 'self';" in policy
        assert "no-store" in headers["cache-control"]
        assert headers["referrer-policy"] == "no-referrer"


def test_files_that_pages_refer_to_are_there(site: Site) -> None:
    """They need no sign-in."""
    assert site.guest().open("assets/style.css").status_code == 200
    assert 'rel="icon" type="image/svg+xml" href="/portal/assets/icon.svg"' in site.visitor().page("")
    assert site.guest().open("assets/icon.svg").headers["content-type"] == "image/svg+xml"
    assert site.guest().open("assets/style.css").headers["cache-control"] == "no-cache"
    assert site.guest().open("assets/style.css").headers["x-content-type-options"] == "nosniff"
    assert site.guest().open("assets/../app.py").status_code != 200


def test_a_bug_is_a_page_and_a_broken_database_too(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page reveals no internals."""
    visitor = site.visitor()

    def break_down(*_: object) -> None:
        raise RuntimeError("a secret detail")

    monkeypatch.setattr(site.casb.identity.applications, "all", break_down)
    answer = visitor.open("applications")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text

    def away(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(site.casb.identity.applications, "all", away)
    answer = visitor.open("applications")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Open an installation shared by many examples."""
    made = Site(tmp_path_factory.mktemp("portal"))
    yield made
    made.casb.close()


URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
KINDS = [URLENCODED, f"{MULTIPART}; boundary=x", MULTIPART, "text/plain", ""]


@settings(max_examples=25)
@given(content=st.binary(max_size=300), kind=st.sampled_from(KINDS))
def test_any_bytes_are_answered(kept: Site, content: bytes, kind: str) -> None:
    """The server never fails."""
    assert kept.visitor().raw("users", content, kind).status_code in {400, 403}


@settings(max_examples=25)
@given(text=st.text(max_size=60))
def test_any_text_is_answered(kept: Site, text: str) -> None:
    """It may be a path, a value or a name; an accepted name is shown as typed."""
    visitor = kept.visitor()
    assert visitor.open("applications/" + quote(text, safe="")).status_code in {200, 404}
    assert visitor.open(f"audit-log?before={quote(text)}").status_code in {200, 404}
    answer = visitor.send("applications/new", "applications", name=text)
    assert answer.status_code in {303, 400}
    if answer.status_code == 303:
        assert escape(text.strip()) in visitor.done(answer)
