"""The numbers and words of the wire are those of the contract (``enums.json``); other tests check the rest of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from opencasb.activities import entity_wire, file_sharing, file_types, file_wire, user_agents
from opencasb.activities.entity_keys import APPLICATION, PERSON
from opencasb.api.v1 import admin_access, app_tags, files
from opencasb.api.v1.built_in_reports import REPORTS
from opencasb.discovery import block_scripts, verdicts
from opencasb.governance import closing
from opencasb.model.factor import Kind
from opencasb.model.factors import FACTORS
from opencasb.model.source_types import LOG_TYPES, log_type, named_type
from opencasb.store import ip_tags, policies, user_groups
from opencasb.store.entities import ACCOUNT, USER

Enums = dict[str, Any]
UNKNOWN = "unknown"
"""The word for no value, which is not one of a factor's own."""


@pytest.fixture
def enums(shared: Path) -> Enums:
    """The enumerations of the contract."""
    found: Enums = json.loads((shared / "reference" / "enums.json").read_text("utf-8"))
    return found


def numbered(enums: Enums, name: str) -> dict[int, str]:
    """Return the members of an enumeration by number, without remarks."""
    return {int(number): text for number, text in enums[name].items() if number.isdecimal()}


def test_source_types_and_log_types(enums: Enums) -> None:
    """Each name and number of a log type names it; upload source types have the given numbers (api §12.1, §12.2)."""
    types = numbered(enums, "logTypes")
    del types[0]
    assert {named_type(name) for name in types.values()} == {named_type(str(number)) for number in types}
    assert {log_type(named_type(name)): name for name in types.values()} == types
    assert set(enums["discoverySourceTypes"]) == LOG_TYPES.keys() - {"OTHER"}
    assert {name: log_type(name) for name in enums["discoverySourceToLogType"]} == enums["discoverySourceToLogType"]
    assert {log_type(name) for name in enums["discoverySourceTypesWithoutLogTypeId"]} == {0}


def test_formats_of_block_scripts(enums: Enums) -> None:
    """Number and appliance (api §13)."""
    assert dict(block_scripts.formats()) == numbered(enums, "blockScriptFormats")


def test_codes_of_files_and_entities(enums: Enums) -> None:
    """Numbers with their words (api §9.2, §10.2)."""
    assert dict(enumerate(files.TYPE_NAMES)) == numbered(enums, "fileTypes")
    assert dict(enumerate(file_types.LABELS)) == numbered(enums, "fileTypeLabels")
    assert dict(enumerate(file_sharing.LEVELS)) == numbered(enums, "fileAccessLevelLabels")
    assert dict(enumerate(file_wire.STATES)) == numbered(enums, "fileStatus")
    words = ("UNKNOWN_STATUS", "STAGED", "ACTIVE", "SUSPENDED", "DELETED")
    assert [getattr(entity_wire, word) for word in words] == list(numbered(enums, "entityStatus"))
    assert numbered(enums, "entityTypes") == {ACCOUNT: "Account", USER: "User"}
    assert {PERSON, APPLICATION} == numbered(enums, "entityIdTypes").keys()


def test_tags_and_groups(enums: Enums) -> None:
    """Ids that are the same everywhere, and kinds of tagged objects (api §11.4, §12.5, §15)."""
    assert {ip_tags.TARGET, app_tags.TARGET} == numbered(enums, "tagTargets").keys()
    assert {ip_tags.BUILT_IN[tag_id] for tag_id in ip_tags.BUILT_IN if ip_tags.category_of([tag_id]) == 3} == set(
        enums["builtInIpTagsRisky"]
    )
    assert {user_groups.EXTERNAL_USERS, user_groups.APPLICATIONS} == enums["userGroupsBuiltIn"].keys()
    agents = ("NATIVE_CLIENT", "OUTDATED_BROWSER", "OUTDATED_SYSTEM", "ROBOT")
    assert [getattr(user_agents, name) for name in agents] == list(enums["userAgentTags"].values())


def test_reasons_of_closed_alerts(enums: Enums) -> None:
    """Numbers with their sentences (api §8.7)."""
    verdicts_by_call = {
        "close_benign": closing.BENIGN,
        "close_false_positive": closing.FALSE_POSITIVE,
        "close_true_positive": closing.TRUE_POSITIVE,
    }
    for call, reasons in enums["alertCloseReasons"].items():
        assert dict(verdicts_by_call[call].reasons) == {int(number): text for number, text in reasons.items()}


def test_policies_administrators_and_reports(enums: Enums) -> None:
    """Codes that clients send and read (api §15); one report is not offered."""
    assert sorted(policies.TYPES) == sorted(enums["policyTypes"])
    assert dict(enumerate(admin_access.NAMES)) == numbered(enums, "adminPermissionTypes")
    offered = {report.name: code for code, report in REPORTS.items()}
    missing = enums["builtInReports"].items() - offered.items()
    assert {code for _, code in missing} == {"sf_permissions"}
    assert offered.items() <= enums["builtInReports"].items()


def test_outcomes_of_a_parsed_log(enums: Enums) -> None:
    """Clients compare the templates (api §14)."""
    templates = enums["governanceParseTemplates"]
    assert verdicts.parsed(1, 1).template == templates["success"]
    assert verdicts.unsupported_log_type("").template == templates["proposed"]["unsupportedLogType"]


def test_risk_factors(enums: Enums) -> None:
    """Each is a factor under its wire name, of the same kind, with the same words but for case (api §12.6)."""
    by_name = {name: factor for factor in FACTORS.values() for name in factor.wire_names}
    for given in (each for group in enums["riskFactors"].values() for each in group):
        factor = by_name[given["key"]]
        assert (given["kind"] == "tristate") == (factor.kind is Kind.YES_NO), given
        assert (given["kind"] == "date") == (factor.kind is Kind.DATE), given
        words = {word.lower() for word in factor.allowed}  # the Graph's spelling: ``rsA``
        assert {word.lower() for word in given.get("values", ())} - {UNKNOWN} <= words, given
