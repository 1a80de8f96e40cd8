"""Conversion of operands, as clients send them, to values of the field's kind (api §6.1, §6.6, §6.8)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

from opencasb.filters.field import Field, Kind
from opencasb.filters.tree import Value
from opencasb.model.durations import DAY

LARGEST: Final = 2**63 - 1
"""Largest number: no store can compare more."""

LONGEST: Final = 1000
"""Maximum length of a text, in characters."""


_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE]\+?[0-9]+)?")
"""A number as in JSON, without negative exponents: those give neither a time nor a whole number."""

_LONGEST_NUMBER: Final = 30
"""Maximum length of a number's text, in characters."""

_FLAGS: Final[Mapping[int | str, bool]] = {1: True, 0: False, "1": True, "0": False, "true": True, "false": False}

_WHOLE: Final = object()

T = TypeVar("T")


class Unfit(ValueError):
    """An operand is invalid; the message says what is expected. ``value`` is the part at fault, by default all."""

    def __init__(self, text: str, value: Any = _WHOLE) -> None:  # any JSON
        super().__init__(text)
        self._value = value

    def value(self, operand: Any) -> Any:  # any JSON
        """Return the invalid part of ``operand``."""
        return operand if self._value is _WHOLE else self._value


def fitted(read: Callable[[Any], T], given: Any) -> T:  # any JSON
    """Return ``read(given)``; an :class:`Unfit` that it raises names ``given``, or the part at fault."""
    try:
        return read(given)
    except Unfit as error:
        raise Unfit(str(error), error.value(given)) from None


@dataclass(frozen=True, slots=True)
class EntityKey:
    """An entity as clients name it; a part that is None matches anything (api §6.6)."""

    id: str | None = None
    inst: int | None = None
    saas: int | None = None


def convert(field: Field, given: Any) -> Value:  # any JSON
    """Return ``given`` as a value of the field. Raises :class:`Unfit`."""
    match field.kind:
        case Kind.INTEGER:
            return str(integer(given)) if field.many else integer(given)
        case Kind.TIME:
            return time(given)
        case Kind.FLAG:
            return flag(given)
        case _:
            return _spelled(field, phrase(field, given))


def point(field: Field, given: Any) -> int:  # any JSON
    """Return ``given`` as an ordered value: a time or a number. Raises :class:`Unfit`."""
    return time(given) if field.kind is Kind.TIME else integer(given)


def phrase(field: Field, given: Any) -> str:  # any JSON
    """Return ``given`` as text to search the field for; for an entity, its id. Raises :class:`Unfit`."""
    found = entity(given).id if field.kind is Kind.ENTITY else text(given)
    if found is None:
        raise Unfit(f"{field.kind.value} is expected")
    return found.lower() if field.folded else found


def integer(given: Any) -> int:  # any JSON
    """Return a whole number, given as one or as text. Raises :class:`Unfit`."""
    number = _number(given) if isinstance(given, str) else given
    if isinstance(number, float) and number.is_integer():
        number = int(number)
    if isinstance(number, bool) or not isinstance(number, int) or not -LARGEST <= number <= LARGEST:
        raise Unfit(f"{Kind.INTEGER.value} is expected")
    return number


def time(given: Any) -> int:  # any JSON
    """Return a time in ms since the epoch UTC, from a number, its text, or ISO 8601 text. Raises :class:`Unfit`."""
    number = _number(given) if isinstance(given, str) else given
    if isinstance(number, float) and abs(number) < LARGEST:
        return math.floor(number)
    if isinstance(given, str) and number is None:
        return _parsed_iso(given)
    try:
        return integer(number)
    except Unfit:
        raise Unfit(f"{Kind.TIME.value} is expected") from None


def flag(given: Any) -> bool:  # any JSON
    """Return a boolean, given as one, as true or false in any case, or as 1 or 0. Raises :class:`Unfit`."""
    # Form data has no booleans: jQuery writes the words, PHP and Perl the numbers.
    word = given.strip().lower() if isinstance(given, str) else given
    if isinstance(word, bool | int | str) and word in _FLAGS:
        return _FLAGS[word]
    raise Unfit(f"{Kind.FLAG.value} is expected")


def text(given: Any) -> str:  # any JSON
    """Return text; a number becomes its digits. Raises :class:`Unfit`."""
    if isinstance(given, int) and not isinstance(given, bool):
        given = str(integer(given))
    if not isinstance(given, str) or len(given) > LONGEST or not _storable(given):
        raise Unfit(f"text of at most {LONGEST} characters is expected")
    return given


def entity(given: Any) -> EntityKey:  # any JSON
    """Return the entity given by ``{"id", "saas", "inst"}``, ``"<saas>|<inst>|<id>"``, or an id (api §6.6).

    Raises :class:`Unfit`.
    """
    if isinstance(given, Mapping):
        key = EntityKey(*(_present(given, name, read) for name, read in _PARTS.items()))
        if key == EntityKey():
            raise Unfit(f"{Kind.ENTITY.value} is expected")
        return key
    plain = text(given)
    saas, _, rest = plain.partition("|")
    inst, bar, name = rest.partition("|")
    with suppress(Unfit):
        return EntityKey(name, integer(inst), integer(saas)) if bar else EntityKey(plain)
    return EntityKey(plain)


def days_ago(given: Any, now: int) -> int:  # any JSON
    """Return the time ``given`` days before ``now``, both in ms; fractions are allowed. Raises :class:`Unfit`."""
    days = math.nan
    if isinstance(given, int | float) and not isinstance(given, bool):
        days = float(given) if abs(given) <= LARGEST else math.nan
    elif isinstance(given, str) and len(given) <= 30:
        with suppress(ValueError):
            days = float(given)
    if not math.isfinite(days) or abs(days * DAY) > LARGEST // 2:
        raise Unfit("a number of days is expected")
    return now - round(days * DAY)


def start_of_day(now: int) -> int:
    """Return 00:00 UTC of the day of ``now``, in ms."""
    return now - now % DAY


def is_null(field: Field, given: Any) -> bool:  # any JSON
    """Return whether ``given`` stands for *no value* in this field."""
    if not field.nulls:
        return False
    return given is None or (isinstance(given, str) and given.strip().lower() in field.nulls)


_PARTS: Final[Mapping[str, Callable[[Any], Any]]] = {"id": text, "inst": integer, "saas": integer}


def _present(given: Mapping[str, Any], name: str, read: Callable[[Any], Any]) -> Any:  # any JSON
    return None if given.get(name) is None else fitted(read, given[name])


def _spelled(field: Field, given: str) -> str:
    if field.canonical is not None:
        given = field.canonical(given)
    return given.lower() if field.folded else given


def _storable(given: str) -> bool:
    """Return whether a database can store a text: no NUL, no lone surrogates."""
    return "\0" not in given and (given.isascii() or not any("\ud800" <= each <= "\udfff" for each in given))


def _number(given: str) -> int | float | None:
    """Return the number in a text, exact if it consists of digits only; None if it is not a number."""
    stripped = given.strip() if len(given) <= _LONGEST_NUMBER else ""
    if _NUMBER.fullmatch(stripped) is None:
        return None
    digits = stripped.removeprefix("-")
    return int(stripped) if digits.isdecimal() else float(stripped)


def _parsed_iso(given: str) -> int:
    try:
        moment = datetime.fromisoformat(given.strip())
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    except (ValueError, OverflowError):
        raise Unfit(f"{Kind.TIME.value} is expected") from None
