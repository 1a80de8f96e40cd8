"""Filters of activities (api §7.5)."""

from __future__ import annotations

from typing import Any

import pytest

from opencasb.filters.errors import InvalidFilter
from opencasb.filters.fields import ACTIVITIES
from opencasb.filters.parse import parse
from tests.conftest import NOW
from tests.filters.found import found, lacking

DOCUMENTED = {
    "service": "eq neq",
    "instance": "eq neq",
    "user.orgUnit": "eq neq isset isnotset",
    "activity.eventActionType": "eq neq",
    "activity.eventType": "eq neq",
    "actionType": "contains eq neq isset isnotset",
    "activity.actionType": "eq neq",
    "activity.id": "eq",
    "activity.impersonated": "eq",
    "activity.type": "eq",
    "activity.takenAction": "eq neq",
    "activity.alertId": "eq",
    "activity.azureSubscriptions": "eq neq",
    "device.type": "eq neq",
    "device.tags": "eq neq",
    "userAgent.userAgent": "contains ncontains",
    "userAgent.tags": "eq neq",
    "location.country": "eq neq isset isnotset",
    "location.organizations": "eq neq isset isnotset contains",
    "ip.address": "eq neq startswith doesnotstartwith isset isnotset",
    "ip.category": "eq neq",
    "ip.tags": "eq neq",
    "fileSelector": "eq neq",
    "fileId": "eq",
    "fileLabels": "eq neq",
    "office365url": "eq startswith endswith",
    "activityObject": "eq neq",
    "text": "eq startswithsingle text",
    "date": "lte gte range lte_ndays gte_ndays",
    "created": "lte gte range gt lt eq",
    "policy": "eq neq isset isnotset",
    "source": "eq neq",
    "entity": "eq neq isset isnotset startswith",
    "user.username": "eq neq isset isnotset startswith",
    "user.tags": "eq neq isset isnotset startswith",
    "user.domain": "eq neq isset isnotset",
}

GROUP = "0000003b0000000000000000"

RECORDS: dict[str, dict[str, Any]] = {
    "a": {
        "record_id": "1_20893_Aa",
        "timestamp": NOW,
        "created": NOW + 1,
        "app_id": 20893,
        "saas_id": 11161,
        "instance_id": 0,
        "event_type": "EVENT_CATEGORY_LOGIN",
        "event_action_type": "EVENT_AAD_LOGIN",
        "action_type": "OAuth2:Authorize",
        "full_action_type": "11161:EVENT_AAD_LOGIN:OAuth2:Authorize",
        "is_admin": False,
        "is_impersonated": False,
        "device_type": "DESKTOP",
        "user_agent": "mozilla/5.0 firefox",
        "country": "pt",
        "isp": "example telecom",
        "ip_category": 1,
        "source": 2,
        "user_name": "ana@example.org",
        "user_domain": "example.org",
        "org_unit": "/sales/north",
        "search_text": "log on\nana silva\nporto",
        "ips": ["192.0.2.10"],
        "ip_keys": ["00000000000000000000ffffc000020a"],
        "user_tags": [GROUP],
        "entities": ["ana@example.org|0|11161", "guid-1|0|11161"],
        "alerts": ["66f0a1b2c3d4e5f60718293a"],
        "policies": ["66aa00000000000000000001"],
    },
    "b": {
        "record_id": "2",
        "timestamp": NOW - 86_400_000,
        "created": NOW,
        "app_id": 11770,
        "saas_id": 11770,
        "instance_id": 1059065,
        "event_type": "EVENT_CATEGORY_DOWNLOAD_FILE",
        "is_admin": True,
        "is_impersonated": True,
        "taken_action": "block",
        "source": 5,
        "stream_id": "66ae00000000000000000002",
        "search_text": "download\nplan.xlsx",
        "ips": ["2001:db8::1"],
        "ip_keys": ["20010db8000000000000000000000001"],
        "object_tags": [GROUP],
        "ip_tags": ["000000290000000000000000"],
        "device_tags": ["000000010000000000000000"],
        "user_agent_tags": ["000000020000000000000000"],
        "files": ["F1"],
        "objects": ["F1", "u7"],
        "file_labels": ["Secret"],
        "urls": ["https://x.example/plan.xlsx"],
        "azure_subscriptions": ["0b7a"],
        "entities": ["bob|1059065|11770"],
    },
}


def test_every_documented_filter_and_operator_is_there() -> None:
    """Exactly the filters and operators of the contract are allowed."""
    assert lacking(ACTIVITIES, DOCUMENTED) == []
    assert ACTIVITIES.keys() == {name.lower() for name in DOCUMENTED}


@pytest.mark.parametrize(
    ("name", "operator", "operand", "expected"),
    [
        ("service", "eq", [11161], "a"),
        ("service", "eq", 20893, "a"),
        ("service", "neq", "11161", "b"),
        ("instance", "eq", [11770, 1], "b"),
        ("instance", "eq", 1059065, "b"),
        ("instance", "eq", 0, ""),
        ("instance", "eq", "11770|1059065", "b"),
        ("instance", "eq", {"saas": 11161, "inst": "0"}, "a"),
        ("instance", "neq", {"inst": 0}, "b"),
        ("user.orgUnit", "descendantof", ["/Sales"], "a"),
        ("user.orgUnit", "isnotset", True, "b"),
        ("activity.eventActionType", "eq", ["EVENT_AAD_LOGIN"], "a"),
        ("activity.eventType", "neq", "EVENT_CATEGORY_LOGIN", "b"),
        ("actionType", "contains", ["Auth"], "a"),
        ("actionType", "contains", ["auth"], ""),
        ("activity.actionType", "eq", "11161:EVENT_AAD_LOGIN:OAuth2:Authorize", "a"),
        ("activity.id", "eq", "1_20893_Aa", "a"),
        ("activity.impersonated", "eq", True, "b"),
        ("activity.type", "eq", ["false"], "a"),
        ("activity.takenAction", "eq", None, "a"),
        ("activity.takenAction", "neq", [None], "b"),
        ("activity.alertId", "eq", "66F0A1B2C3D4E5F60718293A", "a"),
        ("activity.azureSubscriptions", "eq", "0B7A", "b"),
        ("device.type", "eq", ["desktop"], "a"),
        ("device.type", "eq", ["null"], "b"),
        ("device.tags", "eq", "000000010000000000000000", "b"),
        ("userAgent.userAgent", "contains", "FireFox", "a"),
        ("userAgent.userAgent", "ncontains", "FireFox", "b"),
        ("userAgent.tags", "eq", "000000020000000000000000", "b"),
        ("location.country", "eq", "PT", "a"),
        ("location.country", "isset", False, "b"),
        ("location.organizations", "contains", ["TELECOM"], "a"),
        ("ip.address", "eq", "::ffff:192.0.2.10", "a"),
        ("ip.address", "eq", ["2001:DB8::/32"], "b"),
        ("ip.address", "neq", ["192.0.2.0/24"], "b"),
        ("ip.address", "startswith", "192.0.", "a"),
        ("ip.address", "doesnotstartwith", ["192.0.", "2001:DB8:"], ""),
        ("ip.category", "eq", "1", "a"),
        ("ip.tags", "eq", "000000290000000000000000", "b"),
        ("fileSelector", "eq", "F1", "b"),
        ("fileId", "eq", "f1", ""),
        ("fileLabels", "eq", "Secret", "b"),
        ("office365url", "endswith", ".XLSX", "b"),
        ("office365url", "startswith", "https://x.", "b"),
        ("activityObject", "eq", "u7", "b"),
        ("text", "text", "ana porto", "a"),
        ("text", "eq", "Ana Silva", "a"),
        ("text", "eq", "ana", ""),
        ("text", "startswithsingle", "plan", "b"),
        ("text", "startswithsingle", "silva", ""),
        ("date", "gte_ndays", 0, "a"),
        ("date", "range", {"end": NOW - 1}, "b"),
        ("created", "eq", NOW, "b"),
        ("created", "gt", NOW, "a"),
        ("policy", "isset", True, "a"),
        ("source", "eq", [2], "a"),
        ("source", "eq", "t:5", "b"),
        ("source", "eq", "s:66AE00000000000000000002", "b"),
        ("source", "eq", {"t": 2, "s": "66ae00000000000000000002"}, ""),
        ("source", "neq", {"t": "5", "s": "66ae00000000000000000002"}, "a"),
        ("entity", "eq", [{"id": "Ana@example.org", "inst": 0}], "a"),
        ("entity", "eq", {"id": "bob", "saas": 11770}, "b"),
        ("entity", "eq", {"id": "bob", "saas": 11161}, ""),
        ("entity", "eq", "11161|0|guid-1", "a"),
        ("entity", "startswith", "ana", "a"),
        ("entity", "isnotset", True, ""),
        ("user.username", "startswith", "Ana@", "a"),
        ("user.tags", "eq", [GROUP], "a"),
        ("user.tags", "eq", [{"role": 1, "adv": True}, GROUP], "ab"),
        ("user.tags", "eq", [{"role": 3}, GROUP], "b"),
        ("user.tags", "neq", [{"role": "2"}, GROUP], "b"),
        ("user.tags", "startswith", ["0000003b"], "a"),
        ("user.tags", "startswith", [GROUP.upper()], "a"),
        ("user.tags", "eq", [{"role": 1}], ""),
        ("user.domain", "eq", "EXAMPLE.org", "a"),
    ],
)
def test_activities_are_found(name: str, operator: str, operand: Any, expected: str) -> None:
    """One condition per filter, in the forms that clients send."""
    assert found(ACTIVITIES, RECORDS, name, operator, operand) == expected


@pytest.mark.parametrize(
    ("name", "operand", "said"),
    [
        ("source", "x:1", "x:1 is not valid: a type such as 2"),
        ("source", {}, "an object is not valid: a type such as 2"),
        ("source", {"t": [1]}, "a list is not valid"),
        ("user.tags", [{"role": 9}], "9 is not valid: role 1 (any), 2 (actor) or 3 (object) is expected"),
        ("user.tags", [{"role": "x"}], "x is not valid: a whole number is expected"),
        ("user.tags", ["x", None], "null is not valid: text"),
        ("ip.address", ["192.0.2.1", "banana"], "banana is not valid: an IP address, or a block"),
        ("instance", ["banana"], "banana is not valid"),
        ("entity", [{}], "an object is not valid: an entity such as"),
        ("location.country", None, "null is not valid"),
    ],
)
def test_what_is_wrong_is_named(name: str, operand: Any, said: str) -> None:
    """The message names the invalid value and what is allowed."""
    with pytest.raises(InvalidFilter) as error:
        parse({name: {"eq": operand}}, ACTIVITIES, NOW)
    assert said in str(error.value)
