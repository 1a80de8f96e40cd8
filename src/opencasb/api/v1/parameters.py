"""Parameters of a call by their names and types (api §3).

Forms and query strings have text, JSON has values; the typed accessors take either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from opencasb.api.v1.errors import BadRequest
from opencasb.api.v1.repeated_keys import joined
from opencasb.filters import values
from opencasb.model.written_line import is_name, is_written_line

Word = TypeVar("Word", bound=str)


class Several(list[str]):
    """The texts of a field that a form has several times: a list where one is wanted, else the last of them counts."""


class Parameters:
    """The parameters of one call; unknown ones are ignored. An empty text or null is the same as none."""

    def __init__(self, values: Mapping[str, Any]) -> None:  # any JSON
        self._values = values

    def value(self, *names: str) -> Any:  # any JSON
        """Return the value of the first of ``names`` that is there, or None."""
        found = (each[-1] if isinstance(each := self._values.get(name), Several) else each for name in names)
        return next((each for each in found if each is not None and each != ""), None)

    def text(self, name: str, *, longest: int = 1000) -> str | None:
        """Return a text that hides nothing, without surrounding white space, or None. Raises :class:`BadRequest`."""
        return self._line(name, longest, is_name)

    def label(self, name: str, *, longest: int = 1000) -> str | None:
        """Return a text that may have whatever people write in a line, such as no-break spaces and joined emoji.

        None if there is none. Raises :class:`BadRequest`.
        """
        return self._line(name, longest, is_written_line)

    def prose(self, name: str, *, longest: int) -> str:
        """Return a text of several lines as it is, empty if there is none. Raises :class:`BadRequest`."""
        given = self.value(name)
        if given is None:
            return ""
        if not isinstance(given, str) or len(given) > longest:
            raise BadRequest(f"{name}: text of at most {longest} characters is expected")
        return given.replace("\0", "\N{REPLACEMENT CHARACTER}")  # PostgreSQL takes no zero byte

    def required_text(self, name: str, *, longest: int = 1000) -> str:
        """Return a text. Raises :class:`BadRequest` when it is missing or no text."""
        return _required(name, self.text(name, longest=longest))

    def required_label(self, name: str) -> str:
        """Return a text as :meth:`label` does. Raises :class:`BadRequest` when it is missing or no text."""
        return _required(name, self.label(name))

    def exact_text(self, name: str) -> str | None:
        """Return a text with every character as it is, or None. Raises :class:`BadRequest`."""
        given = self.value(name)
        if given is not None and not isinstance(given, str):
            raise BadRequest(f"{name}: text is expected")
        return given

    def choice(self, name: str, allowed: Sequence[Word], usual: Word) -> Word:
        """Return which of ``allowed`` is asked for, ``usual`` if none is. Raises :class:`BadRequest`."""
        given = self.text(name) or usual
        for word in allowed:
            if word == given:
                return word
        raise BadRequest(f"{name}: {given!r} is not allowed; allowed are {', '.join(allowed)}")

    def integer(self, *names: str) -> int | None:
        """Return a whole number, also from text, or None. Raises :class:`BadRequest`."""
        given = self.value(*names)
        if given is None:
            return None
        try:
            return values.integer(given)
        except values.Unfit as error:
            raise BadRequest(f"{names[0]}: {error}") from None

    def flag(self, name: str, *, usual: bool = False) -> bool:
        """Return a boolean, also from text; ``usual`` when it is missing. Raises :class:`BadRequest`."""
        given = self.value(name)
        if given is None:
            return usual
        if isinstance(given, Mapping) and given.keys() == {"IsPresent"}:
            given = given["IsPresent"]  # what PowerShell makes of a switch
        try:
            return values.flag(given)
        except values.Unfit as error:
            raise BadRequest(f"{name}: {error}") from None

    def structure(self, name: str) -> Any:  # any JSON
        """Return an object or list, also from JSON text, or None. Raises :class:`BadRequest`."""
        given = self.value(name)
        if not isinstance(given, str):
            return given
        return decoded(given.encode(), name)

    def texts(self, name: str) -> list[str]:
        """Return a list of texts; a single one is a list of one. Raises :class:`BadRequest`."""
        found = self.members(name)
        if not all(isinstance(each, str) for each in found):
            raise BadRequest(f"{name}: a list of texts is expected")
        return found

    def members(self, name: str, *, json: str = "[") -> list[Any]:  # any JSON
        """Return the members of a list, of JSON text of one, or of a field that a form has several times.

        Anything else is the only member. JSON text begins with one of the letters of ``json``. Raises
        :class:`BadRequest`.
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
            given = int(given)  # clients that know one kind of number write 0.0
        if isinstance(given, bool) or not isinstance(given, str | int):
            raise BadRequest(f"{name}: text is expected")
        found = str(given).strip()
        if len(found) > longest or not is_fine(found):
            raise BadRequest(f"{name}: at most {longest} printable characters are allowed")
        return found or None


def _required(name: str, found: str | None) -> str:
    if found is None:
        raise BadRequest(f"{name}: this parameter is required")
    return found


def decoded(text: bytes, name: str) -> Any:  # any JSON
    """Return JSON text as a value. Raises :class:`BadRequest` naming ``name``."""
    try:
        return joined(text, msgspec.json.decode(text))
    except RecursionError:
        raise BadRequest(f"{name}: this is not JSON: it is nested too deeply") from None
    except (msgspec.MsgspecError, ValueError) as error:
        raise BadRequest(f"{name}: this is not JSON: {error}") from None
