"""Rows and their records."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from opencasb.api.graph.columns import APP_COLUMNS
from opencasb.api.graph.entities import APP, APP_INFO, USER
from opencasb.api.graph.facts import lookup
from opencasb.api.graph.negotiation import Form
from opencasb.api.graph.rows import Rows, instant
from opencasb.api.graph.selection import select
from tests.api.graph.standin import ROWS, Catalog, app, catalog_frame, report

APPS = Rows(APP, report(ROWS), APP_COLUMNS, ("app_id",), lookup(Catalog(catalog_frame())))  # type: ignore[arg-type]  # a stand-in
HUB = APPS.where("id eq '20941'")


def test_a_record_has_every_property_of_its_type_in_order() -> None:
    """The type comes first, then the properties in the order of the table of types."""
    (record,) = APPS.where("id eq '10980'").records(select(APP, ""), Form())
    assert list(record) == ["@odata.type", *APP.properties]
    assert record == {
        "@odata.type": "#microsoft.graph.security.discoveredCloudAppDetail",
        "id": "10980",
        "displayName": "Okta",
        "description": "App 10980 is known.",
        "category": "security",
        "domains": ["okta.com", "okta-emea.com"],
        "tags": ["Sanctioned"],
        "riskScore": 9,
        "firstSeenDateTime": "2025-10-30T00:00:00Z",
        "lastSeenDateTime": "2025-11-19T00:00:00Z",
        "userCount": 41,
        "ipAddressCount": 2,
        "transactionCount": 10,
        "uploadNetworkTrafficInBytes": 100,
        "downloadNetworkTrafficInBytes": 200,
    }


def test_an_app_of_which_nothing_is_told_has_no_description() -> None:
    """It is null, as in the contract."""
    (record,) = HUB.records(select(APP, "description"), Form(annotated=False))
    assert record == {"id": "20941", "description": None}


def test_the_form_decides_on_annotations_long_numbers_and_late_members() -> None:
    """Each option only affects its own part."""
    chosen = select(APP, "category,userCount")
    assert HUB.records(chosen, Form(annotated=False)) == [
        {"id": "20941", "category": "unknownFutureValue", "userCount": 3}
    ]
    assert HUB.records(chosen, Form(annotated=False, long_as_text=True))[0]["userCount"] == "3"
    assert HUB.records(chosen, Form(late_members=True))[0]["category"] == "aiModelProvider"


def test_app_infos_always_have_all_83_facts() -> None:
    """An app without facts has unknown states and null values, without an error."""
    (record,) = HUB.app_infos(select(APP_INFO, ""), Form())
    assert len(record) == 85  # including @odata.type and id
    assert record["id"] == "20941"
    assert {type(value) for value in record.values()} == {str, type(None)}
    assert set(filter(None, record.values())) == {record["@odata.type"], "20941", "unknown"}
    (known,) = APPS.where("id eq '11599'").app_infos(select(APP_INFO, "encryptionProtocol,founded"), Form())
    assert known["encryptionProtocol"] == "unknownFutureValue"  # ssl3 is a late member
    assert known["founded"] == 1998


def test_where_and_order_and_page_leave_the_rows_they_were_given() -> None:
    """Each step returns new rows."""
    before = APPS.frame.clone()
    assert APPS.where("riskScore ge 1").ordered("displayName").page(1, 2).frame.height == 2
    assert APPS.page(99, 5).frame.is_empty()
    assert APPS.page(10**18, 5).frame.is_empty()
    assert APPS.frame.equals(before)


@given(st.lists(st.integers(10_000, 10_050), unique=True), st.integers(1, 7))
def test_pages_repeat_nothing_and_lose_nothing(numbers: list[int], size: int) -> None:
    """The pages of any size form the whole list in one order, whatever order they are requested in."""
    frame = report([app(number, f"app {number % 3}", score=number % 2 or None) for number in numbers])
    rows = Rows(APP, frame, APP_COLUMNS, ("app_id",)).ordered("riskScore desc,displayName")
    paged = [rows.page(skip, size).frame for skip in range(0, len(numbers) + size, size)]
    assert pl.concat(paged)["app_id"].to_list() == rows.frame["app_id"].to_list()
    assert sorted(rows.frame["app_id"]) == sorted(numbers)


def test_instants_have_fractions_only_where_there_are_any() -> None:
    """Whole seconds have none."""
    assert instant(1_763_640_000_000) == "2025-11-20T12:00:00Z"
    assert instant(1_763_640_000_007) == "2025-11-20T12:00:00.007Z"


def test_rows_that_are_no_apps_know_no_facts() -> None:
    """A user has no appInfo."""
    users = Rows(USER, pl.DataFrame({"userIdentifier": ["a"]}), {"userIdentifier": pl.col("userIdentifier")}, ())
    assert users.records(select(USER, ""), Form()) == [
        {"@odata.type": "#microsoft.graph.security.discoveredCloudAppUser", "userIdentifier": "a"}
    ]
