"""How people and programs sign in: second factors, passkeys, passwords, single sign-on, OAuth, API keys."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from opencasb.catalog.builder.facts.finding import LOW, MEDIUM, Finding, page
from opencasb.catalog.builder.json_lines import lines
from opencasb.catalog.gold import MFA

APPLE: Final = "apple-password-manager-resources"

NONE_RECORDED: Final = "the directory has the service, but no second factor of its"

_API_WORDS: Final = {"No": "none", "apiKey": "apiKey", "OAuth": "oAuth", "X-Mashape-Key": "apiKey"}
_SCHEMES: Final = {"API_KEY": "apiKey", "OAUTH2": "oAuth", "OAUTH1": "oAuth", "NO_AUTH": "none"}
_CLASSES: Final = re.compile(r"required:\s*([^;]+)")


def two_factor(root: Path) -> Iterator[Finding]:
    """Yield second factors, with their methods; of whom none is recorded may well have got one since."""
    for record in lines(root / "twofactorauth/entries.jsonl"):
        methods = tuple(record.get("tfa", ()))
        about = {"name": record["name"], "address": record["domain"], "source": "twofactorauth"}
        evidence = page(record.get("documentation"))
        if not methods:
            yield Finding(factor=MFA, value=False, confidence=LOW, method=NONE_RECORDED, evidence=evidence, **about)
        else:
            yield Finding(factor=MFA, value=True, evidence=evidence, **about)
            yield Finding(factor="mfa_methods", value=methods, evidence=evidence, **about)


def passkeys(root: Path) -> Iterator[Finding]:
    """Yield passkeys: as the only or as a second factor."""
    for record in lines(root / "passkeys/entries.jsonl"):
        about = {"name": record["name"], "address": record["domain"], "source": "passkeys"}
        evidence = page(record.get("documentation"))
        if record.get("mfa") or record.get("passwordless"):
            yield Finding(factor="passkey_support", value=True, evidence=evidence, **about)
        if record.get("mfa"):
            yield Finding(factor=MFA, value=True, evidence=evidence, **about)


def passwords(root: Path) -> Iterator[Finding]:
    """Yield rules for passwords, and the pages where they are changed; nothing follows from a rule's absence."""
    for domain, rule in _object(root / APPLE / "password-rules.json"):
        text = rule["password-rules"]
        about = {"address": domain, "source": APPLE}
        if "minlength" in text:
            yield Finding(factor="is_password_policy_password_length_limit", value=True, **about)
        if len(_CLASSES.findall(text)) > 1:
            yield Finding(factor="is_password_policy_character_combination", value=True, **about)
    for domain, address in _object(root / APPLE / "change-password-URLs.json"):
        yield Finding(factor="change_password_url", value=address, address=domain, source=APPLE)


def _object(path: Path) -> Iterable[tuple[str, Any]]:  # a document of a source: its shape is the source's own
    return msgspec.json.decode(path.read_bytes()).items() if path.exists() else ()


def single_sign_on(root: Path) -> Iterator[Finding]:
    """Yield single sign-on and provisioning; both sources only list those that have it."""
    for record in lines(root / "entra-gallery-tutorials/apps.jsonl"):
        about = {"name": record["name"], "source": "entra-gallery-tutorials", "confidence": MEDIUM}
        method = "an article of the application gallery tells how, matched by name"
        if record.get("sso_tutorial"):
            yield Finding(factor="is_supports_saml", value=True, method=method, **about)
        if record.get("provisioning_tutorial"):
            yield Finding(factor="scim_provisioning", value=True, method=method, **about)
    for record in lines(root / "sso-wall-of-shame/vendors.jsonl"):
        yield from _surcharge(record)


def _surcharge(record: dict[str, Any]) -> Iterator[Finding]:
    about = {
        "name": record["name"],
        "address": record.get("vendor_url") or "",
        "source": "sso-wall-of-shame",
        "date": record["updated_at"],
        "evidence": page(record.get("pricing_source")),
    }
    yield Finding(
        factor="is_supports_saml",
        value=True,
        confidence=MEDIUM,
        method="single sign-on is part of a paid plan",
        **about,
    )
    yield Finding(factor="sso_surcharge", value=True, **about)
    percent = re.fullmatch(r"([\d.]+)%\+?", record.get("percent_increase") or "")
    if percent:
        yield Finding(factor="sso_surcharge_percent", value=float(percent[1]), **about)


def oauth(root: Path) -> Iterator[Finding]:
    """Yield OAuth providers with their authorisation addresses."""
    for record in lines(root / "grant-oauth-providers/oauth.jsonl"):
        address = re.sub(r"\[[^\]]*\]", "", record["authorize_url"])
        about = {"name": record["provider"], "address": address, "source": "grant-oauth-providers"}
        yield Finding(factor="oauth_provider", value=True, **about)
        if address == record["authorize_url"]:
            yield Finding(factor="logon_urls", value=(address,), **about)
    for record in lines(root / "powerplatform-connectors/connectors.jsonl"):
        if record.get("oauth"):
            yield Finding(
                factor="oauth_provider",
                value=True,
                name=record["title"],
                address=record.get("website") or "",
                source="powerplatform-connectors",
            )
    for record in lines(root / "activepieces/pieces.jsonl"):
        if "oauth2" in record.get("auth", ()):
            yield Finding(
                factor="oauth_provider", value=True, name=record["name"], source="activepieces", confidence=MEDIUM
            )


def api_keys(root: Path) -> Iterator[Finding]:
    """Yield what programs have to show to use an API."""
    for source, file in (("public-apis", "apis.jsonl"), ("public-api-lists", "apis.jsonl")):
        for record in lines(root / source / file):
            word = _API_WORDS.get(record["auth"])
            if word:
                yield Finding(
                    factor="api_authentication", value=word, name=record["name"], address=record["url"], source=source
                )
    for record in lines(root / "composio-toolkits/toolkits.jsonl"):
        schemes = list(dict.fromkeys(filter(None, map(_SCHEMES.get, record["auth_schemes"]))))
        about = {"name": record["name"], "source": "composio-toolkits", "confidence": MEDIUM}
        if schemes:
            yield Finding(factor="api_authentication", value="oAuth" if "oAuth" in schemes else schemes[0], **about)
        if "oAuth" in schemes:
            yield Finding(factor="oauth_provider", value=True, **about)


def without_login(root: Path) -> Iterator[Finding]:
    """Yield services that can be used without an account; what has accounts besides is sorted out later."""
    for record in lines(root / "awesome-lists/entries.jsonl"):
        if record["list"] == "aviaryan/awesome-no-login-web-apps":
            yield Finding(
                factor="is_requires_user_authentication",
                value=False,
                name=record["name"],
                address=record["url"],
                source=record["list"],
                confidence=LOW,
                method="is in a list of services that need no account",
            )
