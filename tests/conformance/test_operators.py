"""Every operator of every filter, over HTTP, on records delivered over HTTP (api §6, and the tables of §7 to §15)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest

from tests.conformance.columns import TABLES, Row, found, operands, path_of, stored, wrong
from tests.conformance.conftest import Shop

CASES: Final = [
    (resource, field.name, operator)
    for resource, table in TABLES.items()
    for field in table.values()
    for operator in sorted(field.operators)
]
UNIFORM: Final = {
    ("discovered_apps", "devices"),
    ("app_catalog", "listed"),
    ("user_groups", "status"),  # nothing is known of any group yet
}
"""Fields for which all records have the same value, or none."""

KEYS: Final = {"discovered_apps": "appId", "app_catalog": "appId"}


@pytest.fixture(scope="module")
def rows(show: Shop) -> Mapping[str, list[Row]]:
    """The columns of all stored records, by resource."""
    return stored(show)


def ids(resource: str, page: Mapping[str, Any]) -> set[Any]:
    """Return the ids of a complete list."""
    shown = [each[KEYS.get(resource, "_id")] for each in page["data"]]
    assert page["total"] == len(shown) == len(set(shown))
    assert not page["hasNext"]
    return set(shown)


@pytest.mark.parametrize(("resource", "name", "operator"), CASES)
def test_a_filter_finds_what_the_columns_say(
    show: Shop, rows: Mapping[str, list[Row]], resource: str, name: str, operator: str
) -> None:
    """An operand taken from the columns finds exactly the matching records: some, but not all."""
    stock, field = rows[resource], TABLES[resource][name.lower()]
    for operand in operands(resource, stock, field, operator):
        expected = found(resource, stock, name, operator, operand) if field.column else None
        if expected is None or (resource, name) in UNIFORM or 0 < len(expected) < len(stock):
            break
    else:
        pytest.fail(f"the stock has no value that tells records apart by {name}")
    answer = show.client.call("POST", path_of(resource), json={"filters": {name: {operator: operand}}})
    if expected is None:  # users of a report are looked up
        expected = {10489} if operator == "eq" else {row["record_id"] for row in stock} - {10489}
    assert ids(resource, answer.json()) == expected, operand


@pytest.mark.parametrize(("resource", "name"), dict.fromkeys((resource, name) for resource, name, _ in CASES))
def test_a_wrong_value_is_named(show: Shop, resource: str, name: str) -> None:
    """400 with filter, operator and value, in both forms that clients read (api §6.2)."""
    field = TABLES[resource][name.lower()]
    given = {operator: wrong(resource, field, operator) for operator in sorted(field.operators)}
    filters = {name: {operator: operand for operator, (operand, _) in given.items()}}
    answer = show.client.call("POST", path_of(resource), json={"filters": filters})
    assert answer.status_code == 400, answer.text
    body = answer.json()
    assert body["error"] is True
    for (operator, (_, said)), problem, recorded in zip(given.items(), body["errors"], body["filters"], strict=True):
        assert all(f"{each!r}" in problem["error"] for each in (name, operator)), problem
        assert said in problem["error"]
        assert recorded == {
            "error": f"{said} is not valid",
            "errorMessageCode": "CONSOLE_FORMS_NOT_VALID_VALUE",
            "errorMessageParams": {"value": said},
        }


UNKNOWN: Final = [
    ({"banana": {"eq": 1}}, "banana"),
    ({"banana": {"eq": 1}, "nonsense": {"gt": 2}}, "banana"),
]


@pytest.mark.parametrize("resource", TABLES)
def test_an_unknown_filter_or_operator_is_named_or_empty(
    show: Shop, open_shop: Callable[..., Shop], resource: str
) -> None:
    """400 by default; if so configured, an empty list, as observed upstream (api §6.2)."""
    first = next(iter(TABLES[resource].values())).name
    given = [*UNKNOWN, ({first: {"near": 1}}, f"{first}.near"), ({first: {"": 1}}, f"{first}.")]
    for filters, said in given:
        answer = show.client.call("POST", path_of(resource), json={"filters": filters})
        assert answer.status_code == 400, filters
        recorded = answer.json()["filters"][0]
        assert recorded["errorMessageCode"] == "CONSOLE_FORMS_NOT_VALID_FILTER"
        assert recorded["errorMessageParams"] == {"filter": said}
    imitating = open_shop(unknown_filters="empty")
    for filters, _ in given:
        page = imitating.mine.post(path_of(resource), {"filters": filters})
        assert (page["data"], page["total"], page["hasNext"]) == ([], 0, False)
    operator = min(TABLES[resource][first.lower()].operators)
    mixed = {first: {operator: wrong(resource, TABLES[resource][first.lower()], operator)[0]}, "banana": {"eq": 1}}
    assert imitating.client.call("POST", path_of(resource), json={"filters": mixed}).status_code == 400
