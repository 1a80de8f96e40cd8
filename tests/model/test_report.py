"""The machine-readable report."""

from __future__ import annotations

import msgspec

from opencasb.model.report import MACHINE_FIELDS
from tests.discovery.reported import REPORT


def test_the_object_for_machines_has_the_agreed_names_in_order() -> None:
    """Scripts rely on them; what only the page shows is not included."""
    made = REPORT.machine()
    fields = ("source", "lines", "first_seen", "last_seen", "apps", "rejected_samples", "unlisted", "named_source")
    assert tuple(made) == MACHINE_FIELDS == fields
    assert list(made["lines"]) == ["read", "used", "ignored", "rejected"]
    names = "id name category score listed domains users ip_addresses devices transactions blocked_transactions"
    sizes = "uploaded_bytes downloaded_bytes total_bytes first_seen last_seen flags"
    assert [list(app) for app in made["apps"]] == [f"{names} {sizes}".split()] * len(REPORT.apps)


def test_the_object_for_machines_is_json() -> None:
    """An unscored app has null, an unlisted one false."""
    made = msgspec.json.decode(msgspec.json.encode(REPORT.machine()))
    odd = next(app for app in made["apps"] if app["name"] == "odd.example")
    assert (odd["score"], odd["listed"], odd["domains"]) == (None, False, ["odd.example"])


def test_apps_with_a_flag_can_be_left_out() -> None:
    """The rest of the report is unchanged."""
    first, *others = REPORT.apps
    flagged = msgspec.structs.replace(REPORT, apps=[msgspec.structs.replace(first, flags=("tracker",)), *others])
    assert flagged.without("tracker") == msgspec.structs.replace(REPORT, apps=others)
    assert flagged.without("platform") == flagged
