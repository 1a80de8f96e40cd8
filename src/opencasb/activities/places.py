"""Look up location and provider of an address in databases supplied by the operator (connectors §6.2)."""

from __future__ import annotations

import struct
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from opencasb.activities.wire_parts import object_at, text_at

if TYPE_CHECKING:
    from maxminddb import Reader

_Stamp = tuple[tuple[str, int, int, int], ...] | None
"""None if the database path does not exist."""
_Json = Mapping[str, Any]

_ISP_NAMES: Final = ("isp", "organization", "autonomous_system_organization", "as_name")
_ANONYMOUS: Final = ("is_anonymous", "is_anonymous_proxy", "is_tor_exit_node")
_BROKEN: Final = (
    OSError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    RuntimeError,
    struct.error,
)
"""The reader's errors on damaged bytes: its own, plus whatever invalid lengths and types lead to."""

_PLACE_NAMES: Final = ("country_code", "city", "region", "region_code", "postal_code", "latitude", "longitude")


@dataclass(frozen=True, slots=True)
class Place:
    """What the databases say about an address; unknown texts are empty."""

    country_code: str = ""
    city: str = ""
    region: str = ""
    region_code: str = ""
    postal_code: str = ""
    latitude: float | None = None
    longitude: float | None = None
    isp: str = ""
    is_anonymous: bool = False
    is_satellite: bool = False


NOWHERE: Final = Place()


class Places:
    """Databases in mmdb format: a single file, or all ``*.mmdb`` files of a folder, whose answers are merged.

    Supports the fields of GeoLite2 and GeoIP2 (City, Country, ASN, ISP, Anonymous IP), DB-IP Lite and IPinfo Lite. A
    changed file is reloaded on the next look-up; if it cannot be read, the previous data stays in use. Databases are
    loaded into memory, because overwriting a memory-mapped file in place would crash the process.
    """

    def __init__(self, path: Path | None) -> None:
        """Take the path of the databases; None means that no address is ever found."""
        self._path = path
        self._stamp: _Stamp = ()
        self._readers: tuple[Reader, ...] = ()
        self._lock = threading.Lock()

    def find(self, address: str) -> Place:
        """Return what is known about a canonical address; for an unknown one, all fields are empty."""
        place = NOWHERE
        for reader in self._current():
            place = _merged(place, _answer(reader, address))
        return place

    def _current(self) -> tuple[Reader, ...]:
        if self._path is None:
            return ()
        stamp = _stamp(self._path)
        if stamp != self._stamp:
            with self._lock:
                if stamp != self._stamp:
                    self._readers = _opened(self._path, stamp, self._readers)
                    self._stamp = stamp
        return self._readers


def _stamp(path: Path) -> _Stamp:
    """Return the existing files, each with metadata that changes when the file does."""
    try:
        found = sorted(path.glob("*.mmdb")) if path.is_dir() else [path]
        stats = [(str(each), each.stat()) for each in found]
    except OSError:  # missing, or removed meanwhile
        return None
    return tuple((name, stat.st_mtime_ns, stat.st_size, stat.st_ino) for name, stat in stats)


def _opened(path: Path, stamp: _Stamp, before: tuple[Reader, ...]) -> tuple[Reader, ...]:
    """Return readers of all files, or the previous ones if any file cannot be read."""
    import maxminddb
    import structlog

    if stamp is None:
        structlog.get_logger().warning("places_unreadable", files=[str(path)], error="there is no such file")
        return ()
    try:
        return tuple(maxminddb.open_database(name, maxminddb.MODE_MEMORY) for name, *_ in stamp)
    except _BROKEN as error:
        structlog.get_logger().warning("places_unreadable", files=[name for name, *_ in stamp], error=str(error))
        return before


def _answer(reader: Reader, address: str) -> Place:
    try:
        found = reader.get(address)
    except _BROKEN:  # includes invalid addresses, and IPv6 look-ups in IPv4 files
        return NOWHERE
    return _place(found) if isinstance(found, Mapping) else NOWHERE


def _place(found: _Json) -> Place:
    traits, location = object_at(found, "traits"), object_at(found, "location")
    code = text_at(found, "country_code") or text_at(found, "country")
    divisions = found.get("subdivisions")
    division = divisions[0] if isinstance(divisions, list) and divisions else {}
    city = found.get("city")
    isps = (text_at(part, name) for part in (found, traits) for name in _ISP_NAMES)
    return Place(
        country_code=(text_at(object_at(found, "country"), "iso_code") or (code if len(code) == 2 else "")).upper(),
        city=city if isinstance(city, str) else _english(object_at(found, "city")),
        region=_english(division) or text_at(found, "region"),
        region_code=text_at(division, "iso_code"),
        postal_code=text_at(object_at(found, "postal"), "code"),
        latitude=_number(location, "latitude"),
        longitude=_number(location, "longitude"),
        isp=next(filter(None, isps), ""),
        is_anonymous=any(part.get(name) is True for part in (found, traits) for name in _ANONYMOUS),
        is_satellite=traits.get("is_satellite_provider") is True,
    )


def _merged(first: Place, second: Place) -> Place:
    """Return the first place, with its gaps filled from the second."""
    if second == NOWHERE:
        return first
    if first == NOWHERE:
        return second
    here = first.country_code in {"", second.country_code}  # never mix in a city of another country
    names = _PLACE_NAMES if here else ()
    filled = {name: getattr(second, name) for name in names if getattr(first, name) in {"", None}}
    return replace(
        first,
        **filled,
        isp=first.isp or second.isp,
        is_anonymous=first.is_anonymous or second.is_anonymous,
        is_satellite=first.is_satellite or second.is_satellite,
    )


def _number(given: _Json, name: str) -> float | None:
    found = given.get(name)
    return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None


def _english(given: Any) -> str:  # any JSON
    return text_at(object_at(given, "names"), "en")
