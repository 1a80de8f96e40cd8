"""Validation of catalog corrections: one rule per kind; refusals name the field."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Mapping
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import msgspec

from opencasb.model.correction import UNKNOWN, Kind, Statement
from opencasb.model.factor import Kind as FactorKind
from opencasb.model.factor_value import checked_value
from opencasb.model.factors import FACTORS
from opencasb.model.host_name import host_name

if TYPE_CHECKING:
    from opencasb.catalog.catalog import Catalog
    from opencasb.model.factor import Factor

LONGEST_TEXT: Final = 2000
LONGEST_NAME: Final = 200
_CATEGORY: Final = re.compile(r"SAASDB_CATEGORY_[A-Z_]{1,60}")
_LINK: Final = re.compile(r"https?://[^\s/\"<>]+[^\s\"<>]*")


class InvalidStatement(ValueError):
    """An invalid statement; the message names the field, its value and what is allowed."""


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """A statement as submitted; see :class:`Statement` for the fields. ``value`` is text, or any JSON."""

    kind: str
    app_id: int | None = None
    key: str = ""
    value: Any = None
    link: str = ""
    remark: str = ""
    attested_by: str = ""
    attested_on: str = ""
    expires: str | None = None


def checked(given: Given, catalog: Catalog, custom: Collection[int], *, by: str, today: str) -> Statement:
    """Validate a statement and return its normalised form. Raises :class:`InvalidStatement`.

    ``custom`` are the ids of custom apps. A missing attestation defaults to ``by`` and ``today`` (ISO date).
    """
    kind = _kind(given.kind)
    app_id = _app_id(given, kind, catalog, custom)
    key, value = _KINDS[kind](given, custom)
    attested_on = _day("attested_on", given.attested_on) if given.attested_on else today
    expires = _day("expires", given.expires) if given.expires else None
    if attested_on > today:
        raise InvalidStatement(f"attested_on {attested_on!r} must not be later than today, {today}")
    if kind is Kind.FACT:
        _check_past(FACTORS[key], value, attested_on)
    if expires is not None and expires < attested_on:
        raise InvalidStatement(f"expires {expires!r} must not be before attested_on, {attested_on}")
    said = Statement(
        kind=kind,
        app_id=app_id,
        key=key,
        value=value,
        link=_link(given.link),
        remark=_text("remark", given.remark, LONGEST_TEXT, empty=True),
        attested_by=_text("attested_by", given.attested_by, LONGEST_NAME, empty=True) or by[:LONGEST_NAME],
        attested_on=attested_on,
        expires=expires,
    )
    if kind is Kind.FACT and not said.link and not said.remark:
        raise InvalidStatement("link: a fact needs a link to where it is said, or a remark that says how it is known")
    return said


def plain_value(said: Statement) -> Any:  # any JSON
    """Return the value of a statement; for a fact, in the factor's type."""
    if said.kind is not Kind.FACT or said.value == UNKNOWN:
        return said.value
    return msgspec.json.decode(said.value.encode())


def _kind(text: str) -> Kind:
    try:
        return Kind(text.strip().lower())
    except ValueError:
        raise InvalidStatement(f"kind {text[:100]!r} must be one of {', '.join(Kind)}") from None


def _app_id(given: Given, kind: Kind, catalog: Catalog, custom: Collection[int]) -> int | None:
    app_id = given.app_id
    if app_id is None:
        if kind is Kind.DOMAIN:
            return None
        raise InvalidStatement(f"app_id: a {kind.value} needs an app")
    if catalog.app(app_id) is None:
        raise InvalidStatement(f"app_id {app_id} is neither an app of the catalog nor a custom app")
    if kind in {Kind.NAME, Kind.CATEGORY} and app_id in custom:
        raise InvalidStatement(f"app_id {app_id} is a custom app: change its {kind.value} itself")
    return app_id


def _fact(given: Given, _: Collection[int]) -> tuple[str, str]:
    factor = FACTORS.get(given.key.strip())
    if factor is None:
        alike = difflib.get_close_matches(given.key, FACTORS, 3)
        hint = f"; there is {', '.join(alike)}" if alike else ""
        raise InvalidStatement(f"key {given.key[:100]!r} is not a factor{hint}")
    return factor.key, _factor_value(factor, given.value)


def _factor_value(factor: Factor, value: object) -> str:
    if isinstance(value, str) and value.strip().lower() == UNKNOWN:
        return UNKNOWN
    if isinstance(value, str) and factor.kind is FactorKind.LIST and value.lstrip().startswith("["):
        value = _decoded(value)
    try:
        return msgspec.json.encode(checked_value(factor, value)).decode()
    except ValueError as error:  # BadValue, and text that cannot be JSON
        raise InvalidStatement(f"value: {error}") from None


def _check_past(factor: Factor, value: str, attested_on: str) -> None:
    """Refuse a date or year later than the attestation: factors describe only past events."""
    latest = {FactorKind.DATE: attested_on, FactorKind.YEAR: attested_on[:4]}.get(factor.kind)
    said = value.strip('"')
    if latest is not None and said[:1].isdigit() and said > latest:
        raise InvalidStatement(f"value: {factor.key} {said!r} must not be later than attested_on, {latest}")


def _decoded(text: str) -> object:
    try:
        return msgspec.json.decode(text.encode())
    except (ValueError, RecursionError):
        return text


def _domain(given: Given, _: Collection[int]) -> tuple[str, str]:
    name = host_name(given.key.strip())
    if name is None:
        raise InvalidStatement(f"key {given.key[:100]!r} must be a domain such as files.example.net, without wildcard")
    return name, ""


def _name(given: Given, _: Collection[int]) -> tuple[str, str]:
    return "", _text("value", given.value, LONGEST_NAME)


def _category(given: Given, _: Collection[int]) -> tuple[str, str]:
    text = given.value.strip() if isinstance(given.value, str) else ""
    if not _CATEGORY.fullmatch(text):
        raise InvalidStatement(f"value {str(given.value)[:100]!r} must look like SAASDB_CATEGORY_CLOUD_STORAGE")
    return "", text


def _note(given: Given, _: Collection[int]) -> tuple[str, str]:
    return "", _text("value", given.value, LONGEST_TEXT, lines=True)


_KINDS: Final[Mapping[Kind, Callable[[Given, Collection[int]], tuple[str, str]]]] = MappingProxyType(
    {
        Kind.FACT: _fact,
        Kind.NAME: _name,
        Kind.CATEGORY: _category,
        Kind.DOMAIN: _domain,
        Kind.NOTE: _note,
    }
)
"""Returns key and value for each kind."""


def _text(field: str, value: object, longest: int, *, empty: bool = False, lines: bool = False) -> str:
    text = value.strip() if isinstance(value, str) else ""
    plain = text.translate({ord("\n"): None, ord("\t"): None}) if lines else text
    if len(text) > longest or not plain.isprintable() or not (text or empty):
        least = 0 if empty else 1
        raise InvalidStatement(
            f"{field} {str(value or '')[:100]!r} must have {least} to {longest} printable characters"
        )
    return text


def _link(text: str) -> str:
    link = text.strip()
    if link and (len(link) > LONGEST_TEXT or not link.isprintable() or not _LINK.fullmatch(link)):
        raise InvalidStatement(f"link {link[:100]!r} must begin with https:// or http:// and have no blanks")
    return link


def _day(field: str, text: str) -> str:
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        raise InvalidStatement(f"{field} {text[:100]!r} must be a date such as 2026-01-31") from None
