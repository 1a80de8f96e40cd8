"""The gold set: well-known apps with verified values.

Its values were collected independently of the build's sources, each with a link for checking. What was read there is
also in the catalog, under a source of its own that the measurement ignores.
"""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Final, Literal

import msgspec

MFA: Final = "is_multi_factor_authentication"
SSO: Final = "is_supports_saml"


class Claim(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Whether an app has something, and the page that says so.

    ``origin`` says how far the page was checked: read by somebody, or only named by the open data from which the
    catalog is built.
    """

    page: str
    origin: Literal["read", "open-data"]
    has: bool = True

    @property
    def independent(self) -> bool:
        """Whether it was checked independently of the catalog's sources."""
        return self.origin != "open-data"


class GoldApp(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A well-known app. If there are several names, categories, vendors or countries, each is right.

    ``page`` is the app's own. The page ``about`` says what the app is (names, domains, category), ``company`` who runs
    it and from which country; both have been read by somebody, or are None. ``mfa`` and ``sso`` say whether it has
    multi-factor authentication and single sign-on (SAML or OpenID Connect); None if that is uncertain.
    """

    names: tuple[str, ...]
    domains: tuple[str, ...]
    categories: tuple[str, ...]
    page: str
    vendors: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    about: str | None = None
    company: str | None = None
    mfa: Claim | None = None
    sso: Claim | None = None


class GoldSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The apps, and the date (ISO) of the last review."""

    reviewed: str
    app: tuple[GoldApp, ...]


WELL_KNOWN: Final = "well-known-apps"
"""Id of the catalog source with what was read for the gold set."""

NO_GOLD: Final = GoldSet(reviewed="", app=())
"""A set without apps."""


def gold_set() -> GoldSet:
    """Return the shipped gold set."""
    text = files("opencasb.catalog").joinpath("data/gold.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), GoldSet)
