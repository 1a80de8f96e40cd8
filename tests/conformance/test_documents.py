"""Filters match the parts of a record named by the contract, read from the documents instead of columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest

from tests.conformance.conftest import Shop

Document = Mapping[str, Any]  # JSON
Part = Callable[[Document], Any]
"""Returns the value or values of a record; None means no value."""


def at(*path: str) -> Part:
    """Return the value at a path of keys."""

    def part(document: Document) -> Any:
        found: Any = document
        for name in path:
            found = found.get(name) if isinstance(found, Mapping) else None
        return found

    return part


def objects(key: str, **wanted: Any) -> Part:
    """Return a key of an activity's event objects that match ``wanted``."""

    def part(document: Document) -> Any:
        given = (at("mainInfo", "eventObjects")(document) or []) if isinstance(document, Mapping) else []
        fitting = [each for each in given if all(each.get(name) == value for name, value in wanted.items())]
        return [each.get(key) for each in fitting]

    return part


def of(kind: str, key: str = "id") -> Part:
    """Return a key of an alert's entities of one type."""
    return lambda alert: [each.get(key) for each in alert["entities"] if each["type"] == kind]


def several(*parts: Part) -> Part:
    """Return the values of several parts combined."""
    return lambda document: [value for part in parts for value in values(part, document)]


def addresses(activity: Document) -> list[str]:
    """Return the addresses of an activity, IPv4-mapped ones without the prefix."""
    texts = values(several(at("device", "clientIP"), at("internals", "otherIPs")), activity)
    return [text.removeprefix("::ffff:") for text in texts]


def values(part: Part, document: Document) -> list[Any]:
    """Return the values of a part as a list."""
    given = part(document)
    listed = given if isinstance(given, list) else [given]
    return [each for each in listed if each is not None and each != ""]


MEANINGS: Final[list[tuple[str, str, Part]]] = [
    ("activities", "service", several(at("appId"), at("saasId"))),
    ("activities", "activity.eventActionType", at("eventTypeValue")),
    ("activities", "activity.eventType", at("eventTypeName")),
    ("activities", "actionType", at("mainInfo", "rawOperationName")),
    ("activities", "activity.id", at("_id")),
    ("activities", "activity.type", lambda each: bool(at("eventRouting", "adminEvent")(each))),
    ("activities", "activity.takenAction", at("takenAction")),
    ("activities", "device.type", at("userAgent", "deviceType")),
    ("activities", "device.tags", at("device", "tags")),
    ("activities", "userAgent.tags", at("userAgent", "tags")),
    ("activities", "location.country", at("location", "countryCode")),
    ("activities", "location.organizations", at("location", "organizationSearchable")),
    ("activities", "ip.address", addresses),
    ("activities", "ip.category", at("location", "category")),
    ("activities", "ip.tags", at("location", "ipTags")),
    ("activities", "fileId", objects("id", serviceObjectType="file")),
    ("activities", "activityObject", objects("id")),
    ("activities", "user.username", at("user", "userName")),
    ("activities", "user.orgUnit", at("user", "orgUnit")),
    ("activities", "user.tags", at("user", "userTags")),
    ("activities", "created", at("created")),
    ("alerts", "entity.service", several(of("service"), of("account", "saas"))),
    ("alerts", "entity.policy", of("policyRule")),
    ("alerts", "entity.file", of("file")),
    ("alerts", "entity.ip", of("ip")),
    ("alerts", "severity", at("severityValue")),
    ("alerts", "resolutionStatus", at("resolutionStatusValue")),
    ("alerts", "alertOpen", lambda alert: alert["resolutionStatusValue"] == 0),
    ("alerts", "read", lambda alert: alert["statusValue"] >= 1),
    ("alerts", "risk", at("stories")),
    ("alerts", "alertType", at("idValue")),
    ("alerts", "ID", at("_id")),
    ("entities", "type", at("type")),
    ("entities", "isAdmin", at("isAdmin")),
    ("entities", "isExternal", at("isExternal")),
    ("entities", "affiliation", at("isExternal")),
    ("entities", "domain", at("domain")),
    ("entities", "organization", at("organization")),
    ("entities", "status", at("status")),
    ("entities", "displayName", at("displayName")),
    ("entities", "userGroups", lambda entity: [each["_id"] for each in entity["userGroups"]]),
    ("files", "service", at("appId")),
    ("files", "fileType", at("ftype")),
    ("files", "filename", at("name_l")),
    ("files", "collaborators.domains", at("domains")),
    ("files", "collaborators.withDomain", at("domains")),
    ("files", "collaborators.groups", at("groupIds")),
    ("files", "owner.username", at("ownerAddress")),
    ("files", "owner.orgUnit", at("ownerOrgUnit")),
    ("files", "sharing", at("facl")),
    ("files", "fileId", several(at("id"), at("_id"))),
    ("files", "fileLabels", at("fTags")),
    ("files", "extension", at("fileExtension")),
    ("files", "mimeType", at("mimeType")),
    ("files", "trashed", lambda file: file["fstat"] == 1),
    ("files", "folder", at("isFolder")),
    ("files", "parentFolder", at("parentId")),
    ("subnet", "category", at("category")),
    ("subnet", "name", at("name")),
    ("subnet", "tags", lambda each: [tag["id"] for tag in each["tags"]]),
    ("policies", "type", at("policyType")),
    ("policies", "enabled", at("enabled")),
    ("user_tags", "app", at("appId")),
    ("user_tags", "name", at("name")),
    ("governance", "taskName", at("taskName")),
    ("governance", "type", at("taskName")),
    ("governance", "status", at("status", "isSuccess")),
    ("governance", "appId", at("appId")),
    ("discovery/discovered_apps", "category", at("category")),
    ("discovery/discovered_apps", "score", at("score")),
    ("discovery/discovered_apps", "users", at("usersCount")),
    ("discovery/discovered_apps", "traffic", at("trafficTotalBytes")),
    ("discovery/discovered_apps", "tag", at("tags")),
    ("discovery/discovered_apps", "domain", at("domains")),
]


ALSO: Final[dict[tuple[str, str], dict[str, Any]]] = {("entities", "displayName"): {"type": {"eq": [1, 2]}}}
"""Additional filters without which another finds less: a user is found by name without the accounts."""


@pytest.mark.parametrize(("path", "name", "part"), MEANINGS, ids=[f"{path} {name}" for path, name, _ in MEANINGS])
def test_a_filter_means_its_part_of_the_record(show: Shop, path: str, name: str, part: Part) -> None:
    """Each value finds exactly the records that have it."""
    whole = show.mine.post(f"{path}/")["data"]
    given = {each["_id"]: values(part, each) for each in whole}
    distinct = {str(value): value for each in given.values() for value in each}
    assert distinct
    for value in distinct.values():
        filters = {name: {"eq": [value]}, **ALSO.get((path, name), {})}
        answer = show.client.call("POST", f"{path}/", json={"filters": filters}).json()
        assert {each["_id"] for each in answer["data"]} == {key for key, each in given.items() if value in each}, value
