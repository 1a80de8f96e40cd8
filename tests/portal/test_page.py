"""Rendering: headers of every page, and protection against forged forms (see also the tests of pages)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from opencasb.identity.pepper import Pepper
from opencasb.portal.page import form_token, is_own_form, new_nonce, render, set_cookie


def test_values_are_escaped_and_missing_ones_are_bugs() -> None:
    """A value missing from a template is an error."""
    page = render("done.html.j2", title="<b>", text='"&')
    assert "<h1>&lt;b&gt;</h1>" in page.content
    assert "&#34;&amp;" in page.content


def test_a_form_goes_to_us_unless_its_page_leads_on() -> None:
    """A page that leads to an application does not limit form targets; scripts need the page's nonce."""
    policies = {
        on: render("done.html.j2", title="", text="", leads_on=on).headers["content-security-policy"]
        for on in (False, True)
    }
    assert "; form-action 'self'; frame-ancestors 'none'; base-uri 'none'" in policies[False]
    assert "form-action" not in policies[True]
    for policy in policies.values():
        assert "default-src 'none'" in policy
        assert "script-src 'none'" in policy
        assert "frame-ancestors 'none'; base-uri 'none'" in policy
    nonce = new_nonce()
    assert (
        f"script-src 'nonce-{nonce}'"
        in render("done.html.j2", title="", text="", nonce=nonce).headers["content-security-policy"]
    )


def test_a_form_belongs_to_one_browser(tmp_path: Path) -> None:
    """The form's token belongs to the cookie; without a cookie no token is valid."""
    pepper = Pepper(tmp_path / "pepper")
    token = form_token(pepper, "one")
    assert is_own_form(pepper, "one", token)
    assert not is_own_form(pepper, "two", token)
    assert not is_own_form(pepper, "", form_token(pepper, ""))
    assert not is_own_form(pepper, "one", "")
    assert not is_own_form(pepper, "one", "\u00e9")


def test_cookies_are_for_us_alone() -> None:
    """Scripts and other sites cannot read them; setting an empty value deletes one."""
    assert set_cookie("a", "b") == "a=b; Path=/; Secure; HttpOnly; SameSite=Lax"
    assert set_cookie("a", "").endswith("; Max-Age=0")


def test_a_secret_is_shown_to_cameras() -> None:
    """The QR code is an inline image made only from the text, without script or style."""
    hostile = '<script>"&</script>'
    empty: dict[str, Any] = dict.fromkeys(("tenant", "ticket", "going_to", "problem", "form_token"), "")
    shown = render("second_factor_enrol.html.j2", otpauth=hostile, **empty).content
    picture = shown.partition("<svg ")[2].partition("</svg>")[0]
    assert 'aria-label="QR code of the secret"' in picture
    assert "script" not in picture
    assert "style" not in picture
    assert "<script" not in shown
