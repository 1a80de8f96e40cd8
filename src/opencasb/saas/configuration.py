"""Configuration of an integration: validation of what is given, and the record shown."""

from __future__ import annotations

import re
import ssl
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

import msgspec

from opencasb.identity.vault import Vault
from opencasb.model.guarded import Guarded
from opencasb.model.id_forms import is_guid
from opencasb.model.saas import AUTHORITY, GRAPH_HOST, MICROSOFT, PERIODS, Integration
from opencasb.outbound import demand_public
from opencasb.saas.schedule import USUAL, checked

SECRET: Final = "client secret of a SaaS integration"  # noqa: S105 -- a label
LONGEST_SECRET: Final = 1_000
LARGEST_CA: Final = 256 * 1024
NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_ADDRESS: Final = re.compile(r"[!-~]{1,250}")
_ADDRESSES: Final = ("authority", "graph_url")
_SOURCE: Final = ("directory_id", "client_id", "authority", "graph_url")
"""The fields that say who reads what: a change to any of them requires a new authorisation."""


class Given(Guarded, frozen=True, kw_only=True):
    """User input for an integration; None leaves a field unchanged."""

    GUARDED: ClassVar = ("secret",)

    directory_id: str | None = None
    client_id: str | None = None
    secret: str | None = None
    authority: str | None = None
    graph_url: str | None = None
    ca: str | None = None
    period_days: int | None = None
    schedule: str | None = None
    anywhere: bool = False
    """Whether the addresses given here need not be public."""


def made(tenant_id: int, name: str, given: Given, vault: Vault) -> Integration:
    """Return a new integration. Raises ``ValueError`` naming the field, its value and what is allowed."""
    if not NAME.fullmatch(name):
        raise ValueError(f"name {name[:100]!r} must have 1 to 63 lower-case letters, digits and hyphens")
    needed = {"directory_id": given.directory_id, "client_id": given.client_id, "client_secret": given.secret}
    missing = [each for each, value in needed.items() if not value]
    if missing:
        raise ValueError(f"{missing[0]}: a value is needed")
    blank = Integration(
        tenant_id=tenant_id,
        name=name,
        directory_id="",
        client_id="",
        sealed_secret=b"",
        schedule=USUAL,
        anywhere=given.anywhere,
    )
    whole = changed(blank, given, vault)
    if given.authority or urlsplit(whole.graph_url).netloc in MICROSOFT:
        return whole
    return msgspec.structs.replace(whole, authority=whole.graph_url)  # an OpenCASB is both


def changed(integration: Integration, given: Given, vault: Vault) -> Integration:
    """Return an integration updated with what is given. Raises ``ValueError`` as :func:`made` does."""
    values: dict[str, Any] = {}
    if given.directory_id is not None:
        values["directory_id"] = _guid("directory_id", given.directory_id)
    if given.client_id is not None:
        values["client_id"] = _guid("client_id", given.client_id)
    if given.secret is not None:
        values["sealed_secret"] = vault.seal(_secret(given.secret).encode(), _label(integration))
    if given.authority is not None:
        values["authority"] = _base("authority", given.authority or AUTHORITY, "")
    if given.graph_url is not None:
        values["graph_url"] = _base("graph_url", given.graph_url or GRAPH_HOST, "/beta")
    if given.ca is not None:
        values["ca"] = _ca(given.ca)
    if given.period_days is not None:
        values["period_days"] = _period(given.period_days)
    if given.schedule is not None:
        values["schedule"] = checked(given.schedule)
    after = _allowed(integration, msgspec.structs.replace(integration, **values), given)
    if any(getattr(after, name) != getattr(integration, name) for name in _SOURCE):
        after = msgspec.structs.replace(after, state="new", state_message="", roles=None, authorized=None)
    return after


def _allowed(before: Integration, after: Integration, given: Given) -> Integration:
    """Return ``after`` with ``anywhere`` as its addresses may have it. Raises ``ValueError``."""
    addresses = {name: getattr(after, name) for name in _ADDRESSES}
    if given.anywhere:
        chosen = given.authority is not None or given.graph_url is not None
        return msgspec.structs.replace(after, anywhere=before.anywhere or chosen)
    if before.anywhere and all(getattr(before, name) == url for name, url in addresses.items()):
        return after
    for name, url in addresses.items():
        demand_public(name, url, urlsplit(url).hostname)
    return msgspec.structs.replace(after, anywhere=False)


def secret_of(integration: Integration, vault: Vault) -> str:
    """Return the client secret. Raises ``ValueError`` if it was sealed with another key file."""
    found = vault.open(integration.sealed_secret, _label(integration))
    if found is None:
        raise ValueError("the client secret was sealed with another key file; give it again")
    return found.decode()


def record(integration: Integration) -> dict[str, Any]:  # JSON
    """Return an integration as shown to people, without its secret."""
    names = ("name", "directory_id", "client_id", "authority", "graph_url", "period_days", "schedule", "state")
    facts = {name: getattr(integration, name) for name in names}
    return facts | {
        "own_ca": bool(integration.ca),
        "private_addresses": integration.anywhere,
        "problem": integration.state_message or None,
        "authorized": integration.authorized,
        "roles": integration.roles,
        "created": integration.created,
        "current_run": integration.current_run,
    }


def _label(integration: Integration) -> str:
    # Bound to its owner: a sealed secret copied to another row of the database cannot be opened.
    return f"{SECRET}: {integration.tenant_id}/{integration.name}"


def _guid(field: str, text: str) -> str:
    found = text.strip().lower()
    if not is_guid(found):
        raise ValueError(f"{field} {text[:100]!r} must be a guid, as 00000000-0000-0000-0000-000000000000")
    return found


def _secret(text: str) -> str:
    found = text.strip()
    if not 1 <= len(found) <= LONGEST_SECRET or not found.isprintable():
        raise ValueError(f"secret: 1 to {LONGEST_SECRET} printable characters are allowed")
    return found


def _base(field: str, text: str, ending: str) -> str:
    """Return the https address of a host, without the ending that people copy along."""
    found = text.strip().rstrip("/").removesuffix(ending)
    try:
        parts = urlsplit(found)
        plain = parts.port is None or parts.port > 0
    except ValueError:
        plain = False
    if not (plain and _ADDRESS.fullmatch(found)) or not (parts.scheme == "https" and parts.hostname):
        raise ValueError(f"{field} {text[:200]!r} must be an address that begins with https://")
    if parts.path or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError(f"{field} {text[:200]!r} must be https:// and a host, with nothing after it")
    return f"https://{parts.netloc.lower()}"


def _ca(text: str) -> str:
    if not text.strip():
        return ""
    if not text.isascii() or "\0" in text:
        raise ValueError("ca: a file of CA certificates in PEM is expected")
    if len(text) > LARGEST_CA:
        raise ValueError(f"ca: at most {LARGEST_CA} bytes are allowed")
    if "PRIVATE KEY" in text:
        raise ValueError("ca: it holds a private key; give the certificates only")
    try:
        context = ssl.create_default_context(cadata=text)
    except (ssl.SSLError, ValueError):
        context = None
    if context is None or not context.get_ca_certs():
        raise ValueError("ca: a file of CA certificates in PEM is expected")
    return text


def _period(days: int) -> int:
    if days not in PERIODS:
        raise ValueError(f"period_days {days} is not one of: {', '.join(map(str, PERIODS))}")
    return days
