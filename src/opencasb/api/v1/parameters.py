"""Typed access to the parameters of a call (api §3).

Forms and query strings carry text, JSON carries values; the accessors accept either.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec

from opencasb.api.v1.errors import BadRequest
from opencasb.api.v1.repeated_keys import joined
from opencasb.filters import values
from opencasb.filters.errors import shown
from opencasb.model.written_line import is_name, is_written_line

MOST_COUNTED: Final = 2**53
"""More records than any list has."""

_COUNTLESS: Final = re.compile(r"[0-9]{17,}")

Word = TypeVar("Word", bound=str)
Number = TypeVar("Number", int, bool)


class Several(list[str]):
    """The values of a repeated form field: a list if one is wanted, else the last one counts."""


class Parameters:
    """The parameters of one call; unknown ones are ignored. Empty text and null count as missing."""

    def __init__(self, values: Mapping[str, Any]) -> None:  # any JSON
        self._values = values

    def value(self, *names: str) -> Any:  # any JSON
        """Return the value of the first of ``names`` that is present, or None."""
        found = (each[-1] if isinstance(each := self._values.get(name), Several) else each for name in names)
        return next((each for each in found if each is not None and each != ""), None)

    def text(self, name: str, *, longest: int = 1000) -> str | None:
        """Return text without hidden characters, stripped of white space, or None. Raises :class:`BadRequest`."""
        return self._line(name, longest, is_name)

    def label(self, name: str, *, longest: int = 1000) -> str | None:
        """Return a single line of free text, which may have no-break spaces and joined emoji.

        None if missing. Raises :class:`BadRequest`.
        """
        return self._line(name, longest, is_written_line)

    def prose(self, name: str, *, longest: int) -> str:
        """Return multi-line text unchanged, empty if missing. Raises :class:`BadRequest`."""
        given = self.value(name)
        if given is None:
            return ""
        if not isinstance(given, str) or len(given) > longest:
            raise BadRequest(f"{name}: text of at most {longest} characters is expected")
        return given.replace("\0", "\N{REPLACEMENT CHARACTER}")  # PostgreSQL rejects NUL

    def required_text(self, name: str, *, longest: int = 1000) -> str:
        """Return text. Raises :class:`BadRequest` if it is missing or not text."""
        return _required(name, self.text(name, longest=longest))

    def required_label(self, name: str) -> str:
        """Return text as :meth:`label` does. Raises :class:`BadRequest` if it is missing or not text."""
        return _required(name, self.label(name))

    def exact_text(self, name: str) -> str | None:
        """Return text with every character unchanged, or None. Raises :class:`BadRequest`."""
        given = self.value(name)
        if given is not None and not isinstance(given, str):
            raise BadRequest(f"{name}: text is expected")
        return given

    def choice(self, name: str, allowed: Sequence[Word], usual: Word) -> Word:
        """Return the requested one of ``allowed``, by default ``usual``. Raises :class:`BadRequest`."""
        given = self.text(name) or usual
        for word in allowed:
            if word == given:
                return word
        raise BadRequest(f"{name}: {given!r} is not allowed; allowed: {', '.join(allowed)}")

    def integer(self, *names: str) -> int | None:
        """Return an integer, also from text, or None. Raises :class:`BadRequest`."""
        given = self.value(*names)
        if given is None:
            return None
        return _fitted(names[0], values.integer, given)

    def count(self, name: str) -> int:
        """Return a number of records, 0 if missing; larger ones count as :data:`MOST_COUNTED` (api §3.3).

        Raises :class:`BadRequest`.
        """
        given = self.value(name)
        is_countless = isinstance(given, str) and _COUNTLESS.fullmatch(given.strip())
        if is_countless or (isinstance(given, int | float) and given > MOST_COUNTED):
            return MOST_COUNTED
        found = self.integer(name) or 0
        if found < 0:
            raise BadRequest(f"{name}: {found} is negative")
        return found

    def flag(self, name: str, *, usual: bool = False) -> bool:
        """Return a boolean, also from text; ``usual`` if missing. Raises :class:`BadRequest`."""
        given = self.value(name)
        if given is None:
            return usual
        if isinstance(given, Mapping) and given.keys() == {"IsPresent"}:
            given = given["IsPresent"]  # how PowerShell serialises a switch
        return _fitted(name, values.flag, given)

    def structure(self, name: str) -> Any:  # any JSON
        """Return an object or list, also from JSON text, or None. Raises :class:`BadRequest`."""
        given = self.value(name)
        if not isinstance(given, str):
            return given
        return decoded(given.encode(), name)

    def texts(self, name: str) -> list[str]:
        """Return a list of texts; a single text becomes a list of one. Raises :class:`BadRequest`."""
        found = self.members(name)
        if not all(isinstance(each, str) for each in found):
            raise BadRequest(f"{name}: a list of texts is expected")
        return found

    def members(self, name: str, *, json: str = "[") -> list[Any]:  # any JSON
        """Return the members of a list, of a list in JSON text, or of a repeated form field.

        Anything else becomes the only member. Text is parsed as JSON if it begins with one of the characters of
        ``json``. Raises :class:`BadRequest`.
        """
        several = self._values.get(name)
        if isinstance(several, Several):
            return [each for each in several if each]
        given = self.value(name)
        if isinstance(given, str) and given.lstrip()[:1] in tuple(json):
            given = self.structure(name)
        return given if isinstance(given, list) else [] if given is None else [given]

    def _line(self, name: str, longest: int, is_fine: Callable[[str], bool]) -> str | None:
        given = self.value(name)
        if given is None:
            return None
        if isinstance(given, float) and given.is_integer():
            given = int(given)  # clients with a single number type write 0.0
        if isinstance(given, bool) or not isinstance(given, str | int):
            raise BadRequest(f"{name}: text is expected, not {shown(given)}")
        found = str(given).strip()
        if len(found) > longest or not is_fine(found):
            raise BadRequest(f"{name}: at most {longest} printable characters are allowed")
        return found or None


def _fitted(name: str, read: Callable[[Any], Number], given: Any) -> Number:  # any JSON
    try:
        return read(given)
    except values.Unfit as error:
        raise BadRequest(f"{name}: {error}, not {shown(given)}") from None


def _required(name: str, found: str | None) -> str:
    if found is None:
        raise BadRequest(f"{name}: this parameter is required")
    return found


def decoded(text: bytes, name: str) -> Any:  # any JSON
    """Decode JSON text. Raises :class:`BadRequest` naming ``name``."""
    try:
        return joined(text, msgspec.json.decode(text))
    except RecursionError:
        raise BadRequest(f"{name}: this is not JSON: it is nested too deeply") from None
    except (msgspec.MsgspecError, ValueError) as error:
        raise BadRequest(f"{name}: this is not JSON: {error}") from None
