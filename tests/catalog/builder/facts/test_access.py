"""Facts about sign-in."""

from __future__ import annotations

from pathlib import Path

from opencasb.catalog.builder.facts import access
from opencasb.catalog.gold import MFA
from tests.catalog.builder.facts.sources import document, lines, values


def test_second_factors_are_known_both_ways(tmp_path: Path) -> None:
    """Services without one are listed, too; methods have their documentation page as evidence."""
    lines(
        tmp_path,
        "twofactorauth/entries.jsonl",
        {"name": "A", "domain": "a.com", "categories": [], "tfa": ["sms", "u2f"], "documentation": "https://a.com/2fa"},
        {"name": "B", "domain": "b.com", "categories": []},
    )
    found = list(access.two_factor(tmp_path))
    assert values(found) == [(MFA, True), ("mfa_methods", ("sms", "u2f")), (MFA, False)]
    assert [finding.evidence for finding in found] == ["https://a.com/2fa", "https://a.com/2fa", None]
    assert [finding.confidence for finding in found] == ["high", "high", "low"]


def test_a_passkey_instead_of_a_password_is_no_second_factor(tmp_path: Path) -> None:
    """The directory must say so; the first of several pages is the evidence."""
    lines(
        tmp_path,
        "passkeys/entries.jsonl",
        {"name": "A", "domain": "a.com", "mfa": "allowed", "documentation": ["https://a.com/1", "https://a.com/2"]},
        {"name": "B", "domain": "b.com", "passwordless": "allowed"},
        {"name": "C", "domain": "c.com"},
    )
    found = list(access.passkeys(tmp_path))
    assert values(found) == [("passkey_support", True), (MFA, True), ("passkey_support", True)]
    assert found[0].evidence == "https://a.com/1"


def test_password_rules_only_say_what_is_demanded(tmp_path: Path) -> None:
    """A rule without a minimum is no fact about length."""
    rules = {
        "a.com": {"password-rules": "minlength: 8; required: lower; required: digit;"},
        "b.com": {"password-rules": "maxlength: 20; required: digit;"},
    }
    document(tmp_path, "apple-password-manager-resources/password-rules.json", rules)
    pages = {"a.com": "https://a.com/change"}
    document(tmp_path, "apple-password-manager-resources/change-password-URLs.json", pages)
    assert [(finding.address, finding.factor) for finding in access.passwords(tmp_path)] == [
        ("a.com", "is_password_policy_password_length_limit"),
        ("a.com", "is_password_policy_character_combination"),
        ("a.com", "change_password_url"),
    ]


def test_single_sign_on_is_of_medium_confidence(tmp_path: Path) -> None:
    """The gallery has only names, the price list only prices; an unpublished price is no number."""
    lines(tmp_path, "entra-gallery-tutorials/apps.jsonl", {"name": "A", "provisioning_tutorial": True})
    price = {
        "name": "B",
        "vendor_url": "https://b.com",
        "updated_at": "2019-10-19",
        "pricing_source": "https://b.com/p",
    }
    lines(
        tmp_path,
        "sso-wall-of-shame/vendors.jsonl",
        {**price, "percent_increase": "162.5%"},
        {**price, "percent_increase": "???"},
    )
    found = list(access.single_sign_on(tmp_path))
    assert values(found) == [
        ("scim_provisioning", True),
        ("is_supports_saml", True),
        ("sso_surcharge", True),
        ("sso_surcharge_percent", 162.5),
        ("is_supports_saml", True),
        ("sso_surcharge", True),
    ]
    assert {finding.confidence for finding in found if finding.factor == "is_supports_saml"} == {"medium"}
    assert found[1].date == "2019-10-19"


def test_oauth_addresses_with_a_place_for_the_customer_are_no_logon_addresses(tmp_path: Path) -> None:
    """The vendors are still OAuth providers."""
    lines(
        tmp_path,
        "grant-oauth-providers/oauth.jsonl",
        {"provider": "a", "authorize_url": "https://a.com/oauth"},
        {"provider": "b", "authorize_url": "https://[subdomain].b.com/oauth"},
    )
    lines(
        tmp_path,
        "powerplatform-connectors/connectors.jsonl",
        {"title": "C", "website": "https://c.com", "oauth": True},
        {"title": "D", "website": "https://d.com"},
    )
    lines(tmp_path, "activepieces/pieces.jsonl", {"name": "E", "auth": ["oauth2"]}, {"name": "F", "auth": ["secret"]})
    found = [(finding.name, finding.factor) for finding in access.oauth(tmp_path)]
    assert found == [
        ("a", "oauth_provider"),
        ("a", "logon_urls"),
        ("b", "oauth_provider"),
        ("C", "oauth_provider"),
        ("E", "oauth_provider"),
    ]


def test_api_authentication_is_one_word_of_ours(tmp_path: Path) -> None:
    """Other words are ignored; OAuth takes precedence over keys."""
    record = {"url": "https://a.com", "category": "X"}
    lines(
        tmp_path,
        "public-apis/apis.jsonl",
        {"name": "A", "auth": "No", **record},
        {"name": "B", "auth": "[advert](https://x)", **record},
    )
    lines(tmp_path, "composio-toolkits/toolkits.jsonl", {"name": "C", "auth_schemes": ["API_KEY", "OAUTH2"]})
    assert values(access.api_keys(tmp_path)) == [
        ("api_authentication", "none"),
        ("api_authentication", "oAuth"),
        ("oauth_provider", True),
    ]


def test_services_without_accounts_are_of_low_confidence(tmp_path: Path) -> None:
    """The list is old, with links to single pages; other lists have no such facts."""
    lines(
        tmp_path,
        "awesome-lists/entries.jsonl",
        {"list": "aviaryan/awesome-no-login-web-apps", "name": "A", "url": "https://a.com"},
        {"list": "cjbarber/ToolsOfTheTrade", "name": "B", "url": "https://b.com"},
    )
    (found,) = access.without_login(tmp_path)
    assert (found.value, found.confidence) == (False, "low")
