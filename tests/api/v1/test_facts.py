"""Facts as filters and in the app info (api §12.4, §12.6)."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from opencasb.api.v1.facts import info
from opencasb.catalog.fact import Fact
from tests.api.v1.conftest import Client
from tests.api.v1.installation import BOX, DROPBOX, OKTA, TEAMS

CATALOG = "discovery/app_catalog/"


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ('{"isSupportsSaml":{"eq":true}}', [BOX, OKTA]),
        ('{"isSupportsSaml":{"neq":"true"}}', [DROPBOX, 33626, TEAMS]),
        (
            '{"isHipaaCompliant":{"eq":"false"},"isSoc2Compliant":{"neq":true},"pciDssVersion":{"isnotset":true}}',
            [DROPBOX],
        ),
        ('{"isSoc2Compliant":{"eq":"unknown"},"isDmca":{"isset":true}}', [BOX, DROPBOX]),
        ('{"tlsEncryptionProtocol":{"eq":"TLS 1.2"}}', [OKTA]),
        ('{"encryptionProtocol":{"eq":["tls1_2","tls1_3"]}}', [OKTA]),
        ('{"dataRetentionPolicy":{"eq":"deletedwithinonemonth"}}', [BOX]),
        ('{"dataCenter":{"eq":"ie"}}', [BOX]),
        ('{"dataCenter":{"isnotset":true},"score":{"gte":9}}', [OKTA]),
        ('{"founded":{"lt":2010}}', [OKTA]),
        ('{"ssoSurchargePercent":{"eq":33}}', [BOX]),
        ('{"latestBreachDateTime":{"lt":"2013-01-01"}}', [DROPBOX]),
        ('{"latestBreachDateTime":{"gte_ndays":365}}', []),
        ('{"vendor":{"startswith":"micro"}}', [TEAMS]),
    ],
)
def test_apps_are_found_by_risk_factors(client: Client, filters: str, expected: list[int]) -> None:
    """By the names and values that clients use, in the catalog and in reports."""
    page = client.get(f"{CATALOG}?filters={quote(filters)}")
    assert [app["appId"] for app in page["data"]] == expected
    reported = client.post("discovery/discovered_apps/", {"timeframe": 90, "filters": json.loads(filters)})["data"]
    used = client.post("discovery/discovered_apps/", {"timeframe": 90, "filters": {"listed": {"eq": True}}})["data"]
    assert {app["appId"] for app in reported if app["listed"]} == set(expected) & {app["appId"] for app in used}


@pytest.mark.parametrize(
    ("filters", "told"),
    [
        ({"isSupportsSaml": {"eq": "maybe"}}, "isSupportsSaml"),
        ({"pciDssVersion": {"eq": "v9"}}, "one of v4_0_1, v4, v3_2_1"),
        ({"founded": {"eq": "long ago"}}, "a whole number is expected"),
    ],
)
def test_a_wrong_value_of_a_risk_factor_is_told(client: Client, filters: dict[str, Any], told: str) -> None:
    """With the filter, the value and what is allowed."""
    answer = client.call("POST", CATALOG, json={"filters": filters})
    assert answer.status_code == 400
    assert told in answer.text


def test_the_info_of_an_app_has_every_name_of_a_factor() -> None:
    """The first of several facts; states as words; Graph's duplicate names are both present."""
    facts = [
        Fact("is_gdpr_impact_assessment", value=True),
        Fact("is_gdpr_impact_assessment", value=False),
        Fact("is_soc2_compliant", "notApplicable"),
        Fact("founded", 2007),
    ]
    assert info(facts, "Contoso") == {
        "vendor": "Contoso",
        "isGdprImpactAssessment": "true",
        "isGdprDataProtectionImpactAssessment": "true",
        "isSoc2Compliant": "notApplicable",
        "founded": 2007,
    }
    assert info([], None) == {}
