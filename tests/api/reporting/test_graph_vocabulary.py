"""``app_info`` and the vocabulary of the Graph API."""

from __future__ import annotations

from opencasb.api.graph.app_info import STATES
from opencasb.api.graph.entities import APP_INFO
from opencasb.api.reporting.graph_vocabulary import GraphVocabulary
from opencasb.reporting.schema import Type
from tests.api.v1.installation import BOX, DROPBOX
from tests.reporting.house import House


def test_app_info_has_every_property_and_states_twice() -> None:
    """States are given as Boolean and as text; no column is a list."""
    table = GraphVocabulary().app_info
    names = {name for name in APP_INFO.properties if name != "id"}
    assert set(table.by_name) == {"AppId"} | names | {f"{name}Text" for name in STATES}
    assert all(table.by_name[name].type is Type.BOOLEAN for name in STATES)


def test_facts_are_those_of_the_graph_api(filled: House) -> None:
    """Unknown facts are null or unknown, never false."""
    rows = {row["AppId"]: row for row in filled.rows("app_info")}
    box, dropbox = rows[BOX], rows[DROPBOX]
    assert (box["isHipaaCompliant"], box["isHipaaCompliantText"]) == (True, "true")
    assert (dropbox["isHipaaCompliant"], dropbox["isHipaaCompliantText"]) == (False, "false")
    assert (box["isSoc2Compliant"], box["isSoc2CompliantText"]) == (None, "unknown")
    assert (box["headquarters"], dropbox["founded"], box["founded"]) == ("United States", 2007, None)
    assert box["domainRegistrationDateTime"] == "1995-08-11T00:00:00.000Z"
    assert filled.get("/odata/v1/app_info(10489)?$select=vendor").json()["vendor"] is None
    assert len(filled.rows("app_info?$filter=isHipaaCompliant eq true")) == 1
