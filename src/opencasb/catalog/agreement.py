"""How well a catalog agrees with the gold set."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
import polars as pl

from opencasb.catalog.gold import MFA, SSO, WELL_KNOWN, Claim, GoldApp
from opencasb.model.categories import PREFIX

if TYPE_CHECKING:
    from opencasb.catalog.catalog import Catalog
    from opencasb.model.app import App


class Wrong(NamedTuple):
    """A catalog value that is not among the gold set's; ``found`` is None if the catalog has none."""

    field: str
    app: str
    expected: tuple[str, ...]
    found: str | None


class Agreement(msgspec.Struct):
    """For one field: the number of values in the gold set, of those known to the catalog, and of the right ones."""

    gold: int = 0
    known: int = 0
    right: int = 0

    @property
    def coverage(self) -> float:
        """The share of the gold set's values that the catalog knows; 1 if there are none."""
        return self.known / self.gold if self.gold else 1.0

    @property
    def accuracy(self) -> float:
        """The share of right values among those that the catalog knows; 1 if it knows none."""
        return self.right / self.known if self.known else 1.0


class Measured(msgspec.Struct):
    """The agreement for each field, and the wrong values."""

    fields: dict[str, Agreement]
    wrong: list[Wrong]


INDEPENDENT: Final = "_independent"
"""Suffix of fields that count only claims whose page does not come from the catalog's own sources."""

_CLAIMS: Final = {"mfa": MFA, "sso": SSO}
"""Claim → factor."""

_FACTS: Final = {
    "headquarters": "headquarters",
    **_CLAIMS,
    **{field + INDEPENDENT: factor for field, factor in _CLAIMS.items()},
}
"""Field → factor."""

_FIELDS: Final = ("name", "domain", "category", "vendor", *_FACTS)
_OPEN: Final = frozenset({"vendor", *_FACTS})
"""Fields in which an unknown value is not wrong."""

_NAMES: Final = frozenset({"name", "vendor"})
"""Fields that are compared as names."""


def measure(catalog: Catalog, apps: Sequence[GoldApp]) -> Measured:
    """Compare a catalog with well-known apps.

    The app is the one that the first domain matches; its other domains have to match it too. A fact is judged right or
    wrong only if the catalog has it.
    """
    measured = Measured({field: Agreement() for field in _FIELDS}, [])
    for wrong in _compared(catalog, apps):
        _count(measured, wrong)
    return measured


def _compared(catalog: Catalog, apps: Sequence[GoldApp]) -> Iterator[Wrong]:
    """Yield each value of the gold set with what the catalog has, right or wrong."""
    hosts = sorted({domain for app in apps for domain in app.domains})
    leads = dict(catalog.match_hosts(pl.Series(hosts, dtype=pl.String)).select("host", "app_id").iter_rows())
    facts = _facts(catalog, {leads[app.domains[0]] for app in apps} - {None})
    for app in apps:
        app_id = leads[app.domains[0]]
        for domain in app.domains:
            there = leads[domain]
            yield Wrong("domain", domain, (str(app_id or "an app"),), None if there is None else str(there))
        yield from _identity(app, None if app_id is None else catalog.app(app_id))
        yield from _known(app, {field: facts.get((app_id, factor)) for field, factor in _FACTS.items()})


def _identity(app: GoldApp, found: App | None) -> Iterator[Wrong]:
    name = app.names[0]
    yield Wrong("name", name, app.names, found.name if found else None)
    yield Wrong("category", name, app.categories, found.category.removeprefix(PREFIX) if found else None)
    if app.vendors:
        yield Wrong("vendor", name, app.vendors, found.vendor if found else None)


def _known(app: GoldApp, facts: Mapping[str, str | None]) -> Iterator[Wrong]:
    for field, texts in (("headquarters", app.countries), *_claimed("mfa", app.mfa), *_claimed("sso", app.sso)):
        if texts:
            yield Wrong(field, app.names[0], texts, facts[field])


def _claimed(field: str, claim: Claim | None) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the fields in which a claim counts, with the text that the catalog should have."""
    if claim is None:
        return
    texts = ("true" if claim.has else "false",)
    yield field, texts
    if claim.independent:
        yield field + INDEPENDENT, texts


def _facts(catalog: Catalog, app_ids: Collection[int]) -> dict[tuple[int, str], str]:
    """Return the prevailing values as text by app and factor."""
    wanted = pl.Series(sorted(app_ids), dtype=pl.Int64)
    rows = catalog.facts.filter(pl.col("factor").is_in(set(_FACTS.values())), pl.col("app_id").is_in(wanted.implode()))
    rows = rows.filter(pl.col("source") != WELL_KNOWN)
    first = rows.unique(("app_id", "factor"), keep="first", maintain_order=True)
    return {
        (app_id, factor): value.strip('"') for app_id, factor, value in first.select("app_id", "factor", "value").rows()
    }


def _count(measured: Measured, compared: Wrong) -> None:
    field, _, expected, found = compared
    agreement = measured.fields[field]
    agreement.gold += 1
    if found is None and field in _OPEN:
        return
    agreement.known += 1
    same = same_name if field in _NAMES else str.__eq__
    if found is not None and any(same(each, found) for each in expected):
        agreement.right += 1
    else:
        measured.wrong.append(compared)


def same_name(one: str, other: str) -> bool:
    """Return whether two spellings are one name, ignoring case, accents, punctuation, legal forms and brackets."""
    return bool({_plain(one), _short(one)} & {_plain(other), _short(other)})


_ASIDE: Final = re.compile(
    r"\(.*?\)|,? (Inc|LLC|Ltd|GmbH|AG|SE|Corp|Corporation|Technologies|Software|Systems|Group|Foundation)\.?$"
)


def _short(name: str) -> str:
    return _plain(_ASIDE.sub("", name))


def _plain(name: str) -> str:
    text = unicodedata.normalize("NFKD", name.casefold())
    return "".join(sign for sign in text if sign.isalnum())
