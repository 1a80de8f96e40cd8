"""Common to the built-in reports."""

from __future__ import annotations

from opencasb.api.v1.built_in_reports import REPORTS
from opencasb.api.v1.report_rows import text
from opencasb.model.principal import Principal
from opencasb.model.rights import OPERATIONS


def test_a_report_needs_every_operation_that_it_names() -> None:
    """The operations exist, and lacking one of the permissions is enough to be rejected."""
    assert {operation for report in REPORTS.values() for operation in report.operations} <= OPERATIONS.keys()
    reader = Principal(1, "x", frozenset({"investigation.read"}))
    assert all(report.is_for(reader) for report in REPORTS.values())
    only_files = Principal(1, "x", frozenset({"investigation.read"}), operations=frozenset({"files.view"}))
    assert {code for code, report in REPORTS.items() if report.is_for(only_files)} == {
        code for code, report in REPORTS.items() if report.operations == ("files.view",)
    }


def test_ids_of_reports_are_their_own_and_stay() -> None:
    """Clients store them."""
    assert len({report.report_id for report in REPORTS.values()}) == len(REPORTS) == 17
    assert REPORTS["admins"].report_id == REPORTS["admins"].report_id
    assert (text(None), text(7)) == ("", "7")
