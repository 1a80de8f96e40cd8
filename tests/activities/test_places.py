"""Locations of IP addresses, from databases created here."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mmdb_writer import MMDBWriter
from netaddr import IPSet  # type: ignore[import-untyped]
from structlog.testing import capture_logs

from opencasb.activities.places import NOWHERE, Place, Places

PORTO = {
    "country": {"iso_code": "PT"},
    "city": {"names": {"en": "Porto", "pt": "Porto"}},
    "subdivisions": [{"iso_code": "13", "names": {"en": "Porto District"}}],
    "postal": {"code": "4000"},
    "location": {"latitude": 41.15, "longitude": -8.61},
}
PORTO_PLACE = Place("PT", "Porto", "Porto District", "13", "4000", 41.15, -8.61)


def write(path: Path, networks: Mapping[str, Any], when: int = 1) -> Path:
    """Write a database; ``when`` is the file's time, since two may be written within one tick."""
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True)
    for network, record in networks.items():
        writer.insert_network(IPSet([network]), record)
    fresh = path.with_suffix(".new")
    writer.to_db_file(str(fresh))
    os.utime(fresh, (when, when))
    fresh.replace(path)
    return path


def test_addresses_are_found_in_a_city_database(tmp_path: Path) -> None:
    places = Places(write(tmp_path / "city.mmdb", {"192.0.2.0/24": PORTO, "2001:db8::/32": PORTO}))
    assert places.find("192.0.2.7") == places.find("2001:db8::7") == PORTO_PLACE
    assert places.find("198.51.100.7") == places.find("no address") == NOWHERE


@pytest.mark.parametrize(
    ("record", "place"),
    [
        ({"autonomous_system_organization": "AMAZON-02", "autonomous_system_number": 16509}, Place(isp="AMAZON-02")),
        ({"isp": "Example Telecom", "organization": "Example"}, Place(isp="Example Telecom")),
        (
            {"traits": {"isp": "Example Telecom", "is_satellite_provider": True}},
            Place(isp="Example Telecom", is_satellite=True),
        ),
        ({"is_anonymous": True, "is_tor_exit_node": True}, Place(is_anonymous=True)),
        (
            {"country_code": "PT", "country": "Portugal", "as_name": "Example Telecom"},
            Place("PT", isp="Example Telecom"),
        ),
        ({"country": "PT", "country_name": "Portugal"}, Place("PT")),
        ({"country": "Portugal", "city": "Porto", "region": "Norte"}, Place(city="Porto", region="Norte")),
        ({"country": {"iso_code": 5}, "subdivisions": {}, "location": {"latitude": "x"}, "city": []}, Place()),
        ("only text", Place()),
    ],
)
def test_other_databases(tmp_path: Path, record: Any, place: Place) -> None:
    """Fields of other vendors are recognised; a value of another type is ignored."""
    assert Places(write(tmp_path / "db.mmdb", {"192.0.2.0/24": record})).find("192.0.2.7") == place


def test_a_folder_is_put_together(tmp_path: Path) -> None:
    """The first file by name takes precedence; a city in another country is not used."""
    write(tmp_path / "1-asn.mmdb", {"192.0.2.0/24": {"autonomous_system_organization": "Example Telecom"}})
    write(tmp_path / "2-country.mmdb", {"192.0.2.0/25": {"country": {"iso_code": "ES"}}})
    write(tmp_path / "3-city.mmdb", {"192.0.2.0/24": PORTO})
    places = Places(tmp_path)
    assert places.find("192.0.2.200").city == "Porto"
    assert places.find("192.0.2.200").isp == "Example Telecom"
    assert places.find("192.0.2.7") == Place("ES", isp="Example Telecom")


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "city.mmdb"
    places = Places(path)
    assert places.find("192.0.2.7") == NOWHERE
    write(path, {"192.0.2.0/24": PORTO})
    assert places.find("192.0.2.7") == PORTO_PLACE
    write(path, {"192.0.2.0/24": {"country": {"iso_code": "ES"}}}, when=2)
    assert places.find("192.0.2.7") == Place("ES")
    path.unlink()
    assert places.find("192.0.2.7") == NOWHERE


def test_a_damaged_file_leaves_what_was_known(tmp_path: Path) -> None:
    path = write(tmp_path / "city.mmdb", {"192.0.2.0/24": PORTO})
    places = Places(path)
    places.find("192.0.2.7")
    path.write_bytes(b"half a database")
    with capture_logs() as logs:
        assert places.find("192.0.2.7") == PORTO_PLACE
        assert places.find("192.0.2.7") == PORTO_PLACE
    assert [log["event"] for log in logs] == ["places_unreadable"]


def test_a_place_without_a_file_is_told_once(tmp_path: Path) -> None:
    """It is reported each time it disappears; a folder may be empty."""
    path = tmp_path / "city.mmdb"
    places = Places(path)
    with capture_logs() as logs:
        assert [places.find("192.0.2.7") for _ in range(2)] == [NOWHERE] * 2
        assert Places(tmp_path).find("192.0.2.7") == NOWHERE
    assert [(log["event"], log["files"]) for log in logs] == [("places_unreadable", [str(path)])]
    write(path, {"192.0.2.0/24": PORTO})
    assert places.find("192.0.2.7") == PORTO_PLACE
    path.unlink()
    with capture_logs() as logs:
        places.find("192.0.2.7")
    assert [log["error"] for log in logs] == ["there is no such file"]


def test_a_database_of_ipv4_knows_no_other(tmp_path: Path) -> None:
    writer = MMDBWriter(ip_version=4)
    writer.insert_network(IPSet(["192.0.2.0/24"]), PORTO)
    writer.to_db_file(str(tmp_path / "city.mmdb"))
    assert Places(tmp_path / "city.mmdb").find("2001:db8::7") == NOWHERE


def test_without_a_database_nothing_is_known() -> None:
    assert Places(None).find("192.0.2.7") == NOWHERE


@given(damage=st.tuples(st.integers(0, 5000), st.integers(0, 255)))
def test_a_damaged_entry_raises_nothing(tmp_path_factory: pytest.TempPathFactory, damage: tuple[int, int]) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    path = write(folder / "city.mmdb", {"192.0.2.0/24": PORTO})
    content = bytearray(path.read_bytes())
    content[damage[0] % len(content)] = damage[1]
    path.write_bytes(content)
    with capture_logs():
        assert isinstance(Places(path).find("192.0.2.7"), Place)
