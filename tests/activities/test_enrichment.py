"""Enrichment of activities."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.activities.enrichment import ANONYMOUS_PROXY, CATEGORY_VALUES, SATELLITE, TOR, Enrichment
from opencasb.activities.invalid import Invalid
from opencasb.activities.ip_ranges import Range
from opencasb.activities.normalised import to_wire
from opencasb.activities.places import NOWHERE, Place
from opencasb.activities.readers import is_normalised
from opencasb.activities.user_agents import OUTDATED_BROWSER
from opencasb.activities.wire import complete
from tests.activities.anything import damaged
from tests.activities.example import TENANT, wire
from tests.activities.normalised_example import normalised
from tests.activities.required import check, colliding
from tests.conftest import NOW

AWS = "000000290000000000000000"
PORTO = Place("PT", "Porto", "Porto District", "13", "4000", 41.15, -8.61, "Example Telecom")
OFFICE = Range("Office", 1, ("own-tag",))
HEAD_OFFICE = {"name": "Gothenburg", "countryCode": "SE", "latitude": 57.7, "longitude": 12.0, "countryName": "Sweden"}


def enrichment(known: Range | None, place: Place) -> Enrichment:
    """Return an enrichment with the same result for every address."""
    return Enrichment(lambda _: known, lambda _: place)


def enriched(known: Range | None = None, place: Place = NOWHERE, **changes: Any) -> dict[str, Any]:
    """Return the enriched normalised example with changes."""
    document = to_wire(normalised(**changes), TENANT, NOW)
    return enrichment(known, place).enrich(document)


def test_a_place() -> None:
    """For an address in a database, all its fields are added."""
    found = enriched(place=PORTO)
    assert found["location"] == {
        "countryCode": "PT",
        "city": "Porto",
        "region": "Porto District",
        "regionCode": "13",
        "postalCode": "4000",
        "latitude": 41.15,
        "longitude": -8.61,
        "organizationSearchable": "Example Telecom",
        "carrier": "example telecom",
        "category": 0,
        "categoryValue": "NONE",
        "ipTags": [],
        "anonymousProxy": False,
        "isSatelliteProvider": False,
    }
    assert found["device"]["countryCode"] == "PT"


def test_no_location_is_guessed() -> None:
    """Without ranges and locations, country and city are empty strings."""
    found = enriched()
    check(found)
    assert (found["location"]["countryCode"], found["location"]["city"]) == ("", "")
    assert found["location"]["latitude"] is None


@pytest.mark.parametrize("ip", ["10.0.0.1", "::1", "169.254.0.1", "fd00::1", None, "service.example"])
def test_an_address_inside_a_house_has_no_place(ip: str | None) -> None:
    assert enriched(place=PORTO, ip=ip)["location"]["countryCode"] == ""


def test_a_private_address_is_corporate_if_a_range_says_so() -> None:
    assert enriched(OFFICE, PORTO, ip="10.0.0.1")["location"]["category"] == 1
    assert enriched(None, PORTO, ip="10.0.0.1")["location"]["category"] == 0


def test_what_the_vendor_states_stays() -> None:
    """Its country is kept, without a city of another country; so is its device type."""
    found = enriched(place=PORTO, country="ES", deviceType="MOBILE")
    assert (found["location"]["countryCode"], found["location"]["city"]) == ("ES", "")
    assert found["device"]["countryCode"] == "ES"
    assert found["userAgent"]["deviceType"] == "MOBILE"
    assert enriched(place=PORTO, country="PT")["location"]["city"] == "Porto"
    lisbon = enriched(place=PORTO, country="PT", city="Lisbon")["location"]
    assert (lisbon["city"], lisbon["region"], lisbon["latitude"]) == ("Lisbon", "", None)
    assert lisbon.keys() == enriched(place=PORTO)["location"].keys()


@pytest.mark.parametrize(
    ("known", "category", "value"),
    [
        (None, 0, "NONE"),
        (Range("Office", 1, ()), 1, "CORPORATE"),
        (Range("Office", 1, (TOR,)), 1, "CORPORATE"),
        (Range("", 3, (TOR,)), 3, "RISKY"),
        (Range("", 3, (AWS, ANONYMOUS_PROXY)), 3, "RISKY"),
        (Range("", 5, (AWS,)), 5, "CLOUD_PROXY_NETWORK_IP"),
        (Range("", 0, (SATELLITE,)), 0, "NONE"),
        (Range("Unsorted", 0, (AWS,)), 5, "CLOUD_PROXY_NETWORK_IP"),
    ],
)
def test_categories(known: Range | None, category: int, value: str) -> None:
    """A range of the tenant decides first, then risky tags, then providers (connectors §6.1)."""
    found = enriched(known)["location"]
    assert (found["category"], found["categoryValue"]) == (category, value)


def test_a_range_replaces_provider_and_place() -> None:
    """It replaces those in the activity, too."""
    known = replace(OFFICE, organization="Lindgren AB", location=HEAD_OFFICE)
    for changes in ({}, {"country": "ES", "city": "Madrid", "isp": "Otra"}):
        found = enriched(known, PORTO, **changes)
        location = found["location"]
        assert (location["countryCode"], location["city"], location["latitude"]) == ("SE", "Gothenburg", 57.7)
        assert (location["region"], location["postalCode"]) == ("", "")
        assert (location["organizationSearchable"], location["carrier"]) == ("Lindgren AB", "lindgren ab")
        assert found["device"]["countryCode"] == "SE"


def test_tags_of_a_range_are_added_to_those_of_the_record() -> None:
    found = enrichment(Range("Office", 1, ("own", AWS)), NOWHERE).enrich(complete(wire(), TENANT, NOW))
    assert found["location"]["ipTags"] == [AWS, "own"]


@pytest.mark.parametrize(
    ("tags", "place", "anonymous", "satellite"),
    [
        ((TOR,), NOWHERE, True, False),
        ((ANONYMOUS_PROXY,), NOWHERE, True, False),
        ((SATELLITE,), NOWHERE, False, True),
        ((), Place(is_anonymous=True), True, False),
        ((), Place(is_satellite=True), False, True),
        ((), NOWHERE, False, False),
    ],
)
def test_flags_follow_tags_and_databases(
    tags: tuple[str, ...],
    place: Place,
    anonymous: bool,
    satellite: bool,
) -> None:
    found = enriched(Range("", 0, tags), place)["location"]
    assert (found["anonymousProxy"], found["isSatelliteProvider"]) == (anonymous, satellite)
    assert not place.is_anonymous or found["category"] == 3


@pytest.mark.parametrize(
    ("isp", "tags"),
    [
        ("AMAZON-02", [AWS]),
        ("Amazon.com, Inc.", [AWS]),
        ("GOOGLE-CLOUD-PLATFORM", ["000000280000000000000000"]),
        ("MICROSOFT-CORP-MSN-AS-BLOCK", ["0000001e0000000000000000"]),
        ("Amazonas Telecom", []),
        ("Example Telecom", []),
    ],
)
def test_the_name_of_a_network_can_tell_its_provider(isp: str, tags: list[str]) -> None:
    """It is used if no provider's list contains the address."""
    assert enriched(place=Place(isp=isp))["location"]["ipTags"] == tags
    assert enriched(Range("", 3, (TOR,)), Place(isp=isp))["location"]["ipTags"] == [TOR]


def test_a_wire_record_keeps_what_it_says() -> None:
    """Exports are already enriched: their location, category, client and tags are those at the time of the event."""
    given_record = complete(wire(), TENANT, NOW)
    found = enrichment(None, replace(PORTO, city="Gaia", isp="Other")).enrich(given_record)
    assert found["location"].items() >= given_record["location"].items()
    assert found["userAgent"].items() >= given_record["userAgent"].items()
    assert found["location"]["categoryValue"] == "CORPORATE"
    assert {**given_record, **{name: found[name] for name in ("device", "location", "userAgent")}} == found


def test_the_client_is_read_from_the_user_agent() -> None:
    found = enriched()["userAgent"]
    assert (found["family"], found["deviceType"], found["tags"]) == ("FIREFOX", "DESKTOP", [OUTDATED_BROWSER])


@pytest.mark.parametrize(
    "stated",
    [{}, {"deviceType": None}, {"operatingSystem": None, "name": None}, {"operatingSystem": {"name": None}}],
)
def test_no_text_of_an_unknown_client_is_null(stated: dict[str, Any]) -> None:
    """Clients index them unconditionally (api §18, 16)."""
    document = to_wire(normalised(userAgent=None), TENANT, NOW)
    found = enrichment(None, NOWHERE).enrich({**document, "userAgent": stated})["userAgent"]
    assert found["deviceType"] == enriched(userAgent=None)["userAgent"]["deviceType"] == ""
    assert None not in [*found.values(), *found["operatingSystem"].values()]
    assert found["operatingSystem"].keys() == {"name", "family", "version"}


def test_what_is_stated_of_an_operating_system_stays() -> None:
    """What is missing is filled in as far as the client string tells it (api §7.4)."""
    document = to_wire(normalised(userAgent="Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Firefox/126.0"), TENANT, NOW)
    stated = {"operatingSystem": {"name": "Debian", "kernel": "6"}}
    found = enrichment(None, NOWHERE).enrich({**document, "userAgent": stated})["userAgent"]["operatingSystem"]
    assert found == {"name": "Debian", "kernel": "6", "family": "Linux", "version": ""}


def test_the_document_is_not_changed() -> None:
    document = to_wire(normalised(), TENANT, NOW)
    before = msgspec.json.encode(document)
    enrichment(OFFICE, PORTO).enrich(document)
    assert msgspec.json.encode(document) == before


def test_a_batch_asks_once_for_an_address() -> None:
    """Each activity is the same as when enriched alone."""
    asked = []

    def counting(address: str) -> Range:
        asked.append(address)
        return OFFICE

    batch = Enrichment(counting, lambda _: PORTO)
    given_records = [normalised(), normalised(country="ES"), normalised(userAgent="curl/8.0"), normalised()]
    documents = [to_wire(each, TENANT, NOW) for each in given_records]
    alone = [enrichment(OFFICE, PORTO).enrich(each) for each in documents]
    assert [batch.enrich(each) for each in documents] == alone
    assert asked == ["192.0.2.10"] * 2  # once for each stated location


texts = st.sampled_from(["", "PT", "ES", "Porto", "AMAZON-02", "Example Telecom"])
tag_lists = st.lists(st.sampled_from([AWS, TOR, SATELLITE, ANONYMOUS_PROXY, "own"]), max_size=3).map(tuple)
ranges = st.none() | st.builds(
    Range,
    name=st.sampled_from(["", "Office"]),
    category=st.integers(0, 6),
    tags=tag_lists,
    organization=st.none() | texts,
    location=st.none() | st.dictionaries(st.sampled_from(sorted(HEAD_OFFICE)), texts | st.none() | st.floats(0, 9)),
)
found_places = st.builds(
    Place,
    country_code=st.sampled_from(["", "PT", "ES"]),
    city=texts,
    region=texts,
    isp=texts,
    is_anonymous=st.booleans(),
)


@given(damaged(wire()) | damaged(normalised()), ranges, found_places)
def test_twice_is_once(record: dict[str, Any], known: Range | None, place: Place) -> None:
    """Nothing is raised, fields that clients rely on are present, and enriching again changes nothing."""
    try:
        document = (to_wire if is_normalised(record) else complete)(record, TENANT, NOW)
    except Invalid:
        return
    once = enrichment(known, place).enrich(document)
    check(once)
    assert not colliding(once["location"])
    assert once["location"]["category"] not in CATEGORY_VALUES or once["location"]["categoryValue"]
    assert enrichment(known, place).enrich(once) == once
