"""Random records of every resource, random operands for its filters, and a naive implementation of the special filters.

The columns are those shared by stores and filters; the meaning of filters follows the contract (api §6 to §11),
independently of the parser.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from hypothesis import strategies as st

from opencasb.filters.field import Field, Kind, Table
from opencasb.filters.fields import ACTIVITIES, ALERTS, ENTITIES, FILES, IP_RANGES, POLICIES, USER_GROUPS
from opencasb.filters.parse import NEGATIVES
from tests.conftest import NOW
from tests.filters.reference import DAY, MEANING, listed

Strategy = st.SearchStrategy[Any]
Record = Mapping[str, Any]

TABLES: Final = {
    "activities": ACTIVITIES,
    "alerts": ALERTS,
    "entities": ENTITIES,
    "files": FILES,
    "ip_ranges": IP_RANGES,
    "policies": POLICIES,
    "user_groups": USER_GROUPS,
}

NUMBERS = st.sampled_from([0, 1, 2, 7])
TIMES = st.integers(-2, 2).map(lambda days: NOW + days * DAY // 2)
FLAGS = st.booleans()
IDS = st.sampled_from(["0000004b0000000000000000", "aB", "ab", "x|ab", "%"])
WORDS = st.sampled_from(["a", "A", "ab", "b a", "a/b", "A_B", "é", "%"])
NAMES = st.lists(st.sampled_from(["a", "bc", "A", "é"]), min_size=1, max_size=3).flatmap(
    lambda words: st.sampled_from(" .-_,").map(lambda between: between.join(words))
)
PEOPLE = st.sampled_from(["ana", "an", "bob@x"])
ADDRESSES = st.sampled_from(["192.0.2.1", "192.0.2.77", "198.51.100.7", "2001:db8::1", "2001:db8:1::1"])
KEYS = st.builds("{}|{}|{}".format, PEOPLE, st.sampled_from([0, 1]), NUMBERS)
LINES = st.lists(WORDS.map(str.lower), max_size=3).map("\n".join)

FOLDED = WORDS.map(str.lower)


@dataclass(frozen=True)
class Column:
    """The type of a column's values, and how to draw one."""

    type: type
    values: Strategy


def one(names: str, values: Strategy, type_: type = str) -> dict[str, Column]:
    """Return single-valued columns, which may be missing."""
    return {name: Column(type_, st.none() | values) for name in names.split()}


def several(names: str, values: Strategy) -> dict[str, Column]:
    """Return many-valued fields."""
    return {name: Column(list, st.lists(values, max_size=3)) for name in names.split()}


COLUMNS: Final[Mapping[str, dict[str, Column]]] = {
    "activities": {
        **one("timestamp created", TIMES, int),
        **one("app_id saas_id instance_id ip_category source", NUMBERS, int),
        **one("event_type event_action_type action_type full_action_type taken_action stream_id", IDS | WORDS),
        "record_id": Column(str, IDS | WORDS),
        **one("is_admin is_impersonated", FLAGS, bool),
        **one("device_type", WORDS.map(str.upper)),
        **one("user_agent country isp user_name user_domain org_unit", FOLDED),
        **one("search_text", LINES),
        **several("ip_tags device_tags user_agent_tags user_tags object_tags objects files file_labels", IDS),
        **several("alerts policies", IDS),
        **several("urls azure_subscriptions", FOLDED),
        **several("entities", KEYS),
        **several("ips", ADDRESSES),
    },
    "alerts": {
        **one("timestamp resolved_at", TIMES, int),
        **one("severity status resolution_status alert_type", NUMBERS, int),
        **one("is_built_in", FLAGS, bool),
        "record_id": Column(str, st.sampled_from(["0" * 24, "a" * 24])),
        **several("policies files", IDS),
        **several("users", FOLDED),
        **several("entities", KEYS),
        **several("ips", ADDRESSES),
        **several("stories", NUMBERS.map(str)),
        **several("pairs", st.tuples(NUMBERS, NUMBERS)),
    },
    "entities": {
        **one("entity_type saas_id instance_id status score", NUMBERS, int),
        **one("last_seen", TIMES, int),
        **one("is_admin is_external", FLAGS, bool),
        **one("domain organization display_name", FOLDED),
        **several("entities", KEYS),
        **several("user_groups", IDS),
        **several("apps", NUMBERS.map(str)),
    },
    "files": {
        **one("modified created snapshot_modified", TIMES, int),
        **one("app_id instance_id file_type access_level", NUMBERS, int),
        **one("file_status", st.sampled_from([0, 1, 2]), int),
        **one("is_folder is_quarantined", FLAGS, bool),
        **one("mime_type owner_name owner_org_unit", FOLDED),
        **one("name", NAMES.map(str.lower)),
        **one("extension", WORDS),
        **one("owner_entity", KEYS),
        **one("parent_id", IDS),
        **several("ids groups labels policies", IDS),
        **several("scan_labels", WORDS | WORDS.map("^{}".format)),
        **several("collaborator_entities", KEYS),
        **several("collaborator_users domains", FOLDED),
    },
    "ip_ranges": {
        **one("name", FOLDED),
        **one("category", NUMBERS, int),
        **one("is_built_in", FLAGS, bool),
        **several("tags", IDS),
    },
    "policies": {**one("policy_type name", FOLDED), "record_id": Column(str, IDS), **one("is_enabled", FLAGS, bool)},
    "user_groups": {**one("name", FOLDED), **one("app_id status", NUMBERS, int)},
}
"""Column → its values; :func:`completed` adds columns derived from others."""

DERIVED: Final[Mapping[str, tuple[str, ...]]] = {
    "activities": ("ip_keys",),
    "alerts": ("ip_keys", "instances", "services"),
    "files": ("name_words",),
}


def completed(record: dict[str, Any]) -> dict[str, Any]:
    """Add the columns derived from others."""
    if "ips" in record:
        record["ip_keys"] = [f"{mapped(address):032x}" for address in record["ips"]]
    if "pairs" in record:
        pairs = record.pop("pairs")
        record["services"] = [str(app) for app, _ in pairs]
        instances = [text for app, inst in pairs for text in (str(app), f"{app}|{inst}", str(inst or app))]
        record["instances"] = instances
    if "owner_entity" in record:
        record["name_words"] = re.findall(r"[^ .,_-]+", record["name"] or "")
    return record


def mapped(address: str) -> int:
    """Return an address as a number, with IPv4 mapped into IPv6."""
    number = ipaddress.ip_address(address)
    return int(number) if number.version == 6 else int(ipaddress.ip_address(f"::ffff:{address}"))


def types(resource: str) -> dict[str, type]:
    """Return the types of all columns of a resource; many-valued fields are lists."""
    found = {name: each.type for name, each in COLUMNS[resource].items() if name != "pairs"}
    return found | dict.fromkeys(DERIVED.get(resource, ()), list)


def records(resource: str) -> Strategy:
    """Draw some records of a resource."""
    columns = {name: each.values for name, each in COLUMNS[resource].items()}
    return st.lists(st.fixed_dictionaries(columns).map(completed), min_size=3, max_size=6)


# Operands.

ENTITY_PARTS = {"id": PEOPLE | PEOPLE.map(str.upper), "inst": st.sampled_from([0, "1", None]), "saas": NUMBERS}
ENTITY = (
    st.fixed_dictionaries({}, optional=ENTITY_PARTS).filter(lambda key: any(part is not None for part in key.values()))
    | PEOPLE
    | st.builds("{}|{}|{}".format, NUMBERS, st.sampled_from([0, 1]), PEOPLE)
)
INSTANCE = (
    NUMBERS
    | NUMBERS.map(str)
    | st.builds("{}|{}".format, NUMBERS, NUMBERS)
    | st.fixed_dictionaries({"saas": NUMBERS}, optional={"inst": NUMBERS | st.none()})
)
SOURCE = (
    NUMBERS
    | NUMBERS.map("t:{}".format)
    | IDS.map("s:{}".format)
    | st.fixed_dictionaries({"t": NUMBERS}, optional={"s": IDS})
)
BLOCKS = st.sampled_from(["192.0.2.0/24", "::ffff:192.0.2.1", "2001:DB8::/32", "192.0.2.1/31", "0.0.0.0/0", "::/0"])
STARTS = st.sampled_from(["192.", "2001:DB8:", "1"])
ROLES = st.fixed_dictionaries({"adv": FLAGS}, optional={"role": st.sampled_from([1, 2, 3])})
PARTS = st.lists(NAMES | NAMES.map('"{}"'.format), max_size=3).map(" ".join)

PLAIN: Final[Mapping[Kind, Strategy]] = {
    Kind.INTEGER: NUMBERS | NUMBERS.map(str),
    Kind.TIME: TIMES | TIMES.map(str),
    Kind.FLAG: FLAGS | st.sampled_from(["true", "False"]),
    Kind.TEXT: WORDS | IDS,
    Kind.ENTITY: ENTITY,
    Kind.INSTANCE: INSTANCE,
    Kind.ADDRESS: ADDRESSES | BLOCKS,
}


def _values(resource: str, field: Field) -> Strategy:
    special = {
        ("activities", "source"): SOURCE,
        ("alerts", "source"): st.sampled_from(["built-in", "BuiltIn", "policy"]),
        ("alerts", "id"): st.sampled_from(["0" * 24, "A" * 24, "f" * 24]),
        ("entities", "type"): NUMBERS | st.sampled_from(["User", "account"]),
        ("files", "fileType"): NUMBERS | st.sampled_from(["Document", "FOLDER"]),
        ("files", "sharing"): NUMBERS | st.sampled_from(["Public", "public (internet)"]),
    }
    return special.get((resource, field.name), PLAIN[field.kind])


def operands(resource: str, field: Field, operator: str) -> Strategy:
    """Draw an operand for one condition."""
    value = _values(resource, field)
    special: dict[str, Strategy] = {
        "text": PARTS if field.name == "filename" else st.lists(WORDS, max_size=2).map(" ".join),
        **dict.fromkeys(("isset", "isnotset"), FLAGS),
        **dict.fromkeys(("gte_ndays", "lte_ndays"), st.sampled_from([0, 1, 0.5])),
        "range": st.fixed_dictionaries({}, optional={"start": value, "end": value}),
        **dict.fromkeys(("gt", "gte", "lt", "lte", "startswithsingle"), value),
    }
    if operator in special:
        return special[operator]
    if operator in {"startswith", "doesnotstartwith"}:
        value = {Kind.ENTITY: PEOPLE, Kind.ADDRESS: STARTS}.get(field.kind, value)
    if field.name == "user.tags":
        return st.builds(lambda role, tags: [role, *tags], ROLES, st.lists(IDS, max_size=2)) | st.lists(IDS, max_size=2)
    if field.nulls and operator in {"eq", "neq"}:
        value |= st.none()
    return value | st.lists(value, max_size=3)


@cache
def conditions(resource: str) -> Strategy:
    """Draw one condition of a resource: (filter, operator, operand)."""
    table: Table = TABLES[resource]
    return st.one_of(
        [
            st.tuples(st.just(field.name), st.just(operator), operands(resource, field, operator))
            for field in table.values()
            for operator in sorted(field.operators)
        ]
    )


# Meaning.


def holds(resource: str, record: Record, condition: tuple[str, str, Any]) -> bool:
    """Return whether a record passes a condition."""
    name, operator, operand = condition
    operator = "eq" if operator == "cabinetmatchedrulesequals" else operator
    field = TABLES[resource][name.lower()]
    positive = NEGATIVES.get(operator, operator)
    special = SPECIAL.get((resource, name, positive)) or SPECIAL.get((name, positive))
    if special is not None:
        each = [operand] if name == "user.tags" else listed(operand)
        return any(special(record, one) for one in each) is (positive == operator)
    value = record[field.column]
    have = [] if value is None else value if isinstance(value, list) else [value]
    return MEANING[operator](field, have, _spelled(field, operand), NOW)


def _spelled(field: Field, operand: Any) -> Any:
    """Convert ids and device types to their stored form, and flags to lower case."""
    if isinstance(operand, list):
        return [_spelled(field, each) for each in operand]
    if not isinstance(operand, str):
        return operand
    if field.name == "device.type":
        return operand.upper()
    is_id = re.fullmatch("[0-9a-fA-F]{24}", operand)
    return operand.lower() if is_id or field.kind is Kind.FLAG else operand


def _app(record: Record, given: Any) -> bool:
    return int(given) in (record["app_id"], record.get("saas_id"))


def _number(given: Any) -> int | None:
    return int(given) if str(given).isdecimal() else None


def _pair(given: Any) -> tuple[int | None, int | None]:
    pair = given if isinstance(given, dict) else dict(zip(("saas", "inst"), given.split("|"), strict=True))
    return _number(pair.get("saas")), _number(pair.get("inst"))


def _instance(record: Record, given: Any) -> bool:
    apps, number = [record.get("app_id"), record.get("saas_id")], _number(given)
    if number is not None:
        return number in apps or (number != 0 and number == record["instance_id"])
    saas, inst = _pair(given)
    return (saas is None or saas in apps) and (inst is None or inst == record["instance_id"])


def _alert_instance(record: Record, given: Any) -> bool:
    number = _number(given)
    if number is not None:
        return str(number) in record["instances"]
    saas, inst = _pair(given)
    return str(saas) in record["services"] if inst is None else f"{saas}|{inst}" in record["instances"]


def _entity(column: str) -> Callable[[Record, Any], bool]:
    def meaning(record: Record, given: Any) -> bool:
        if isinstance(given, str) and "|" in given:
            given = dict(zip(("saas", "inst", "id"), given.split("|"), strict=True))
        wanted = given if isinstance(given, dict) else {"id": given}
        value = record[column]
        for key in value if isinstance(value, list) else [value] if value else []:
            parts = dict(zip(("id", "inst", "saas"), key.split("|"), strict=True))
            if all(str(part).lower() == parts[name] for name, part in wanted.items() if part is not None):
                return True
        return False

    return meaning


def _address(record: Record, given: Any) -> bool:
    base, _, mask = given.partition("/")
    bits = 128 if not mask else int(mask) + (0 if ":" in base else 96)
    return any(mapped(each) >> (128 - bits) == mapped(base) >> (128 - bits) for each in record["ips"])


def _source(record: Record, given: Any) -> bool:
    if isinstance(given, dict):
        return all(_source(record, f"{name}:{part}") for name, part in given.items())
    word, _, rest = str(given).partition(":")
    if word == "s":
        return bool(record["stream_id"] == rest)
    return bool(record["source"] == int(rest or word))


def _tags(test: Callable[[str, str], bool]) -> Callable[[Record, Any], bool]:
    def meaning(record: Record, given: Any) -> bool:
        role = next((each.get("role", 2) for each in listed(given) if isinstance(each, dict)), 2)
        have = (record["user_tags"] if role in {1, 2} else []) + (record["object_tags"] if role in {1, 3} else [])
        return any(test(tag, each) for tag in have for each in listed(given) if isinstance(each, str))

    return meaning


def _words(record: Record, given: str) -> bool:
    """All quoted parts must occur in the name, and one of the other words."""
    parts = re.split('"', given.lower())
    quoted = [part for part in parts[1::2] if re.findall(r"[^ .,_-]+", part)]
    plain = re.findall(r"[^ .,_-]+", " ".join(parts[::2]))
    name, words = record["name"] or "", record["name_words"]
    exact = all(part in name and set(re.findall(r"[^ .,_-]+", part)) <= set(words) for part in quoted)
    return exact and (not plain or any(word in words for word in plain))


def _lines(test: Callable[[str, str], bool]) -> Callable[[Record, Any], bool]:
    return lambda record, given: (
        record["search_text"] is not None
        and any(test(line, str(given).lower()) for line in record["search_text"].split("\n"))
    )


SPECIAL: Final[Mapping[tuple[str, ...], Callable[[Record, Any], bool]]] = {
    ("activities", "service", "eq"): _app,
    ("activities", "instance", "eq"): _instance,
    ("entities", "instance", "eq"): _instance,
    ("files", "instance", "eq"): _instance,
    ("alerts", "instance", "eq"): _alert_instance,
    ("entity.instance", "eq"): _alert_instance,
    ("entity", "eq"): _entity("entities"),
    ("entity.entity", "eq"): _entity("entities"),
    ("collaborators.entity", "eq"): _entity("collaborator_entities"),
    ("owner.entity", "eq"): _entity("owner_entity"),
    ("ip.address", "eq"): _address,
    ("entity.ip", "eq"): _address,
    ("activities", "source", "eq"): _source,
    ("user.tags", "eq"): _tags(str.__eq__),
    ("user.tags", "startswith"): _tags(str.startswith),
    ("activities", "text", "eq"): _lines(str.__eq__),
    ("activities", "text", "startswithsingle"): _lines(str.startswith),
    ("alertOpen", "eq"): lambda record, given: (
        record["resolution_status"] is not None and (record["resolution_status"] == 0) is (str(given).lower() == "true")
    ),
    ("read", "eq"): lambda record, given: (
        record["status"] is not None and (record["status"] >= 1) is (str(given).lower() == "true")
    ),
    ("alerts", "source", "eq"): lambda record, given: record["is_built_in"] is (given != "policy"),
    ("entities", "type", "eq"): lambda record, given: (
        record["entity_type"] == {"user": 2, "account": 1}.get(str(given).lower(), given)
    ),
    ("fileType", "eq"): lambda record, given: (
        record["file_type"] == {"document": 1, "folder": 6}.get(str(given).lower(), given)
    ),
    ("sharing", "eq"): lambda record, given: (
        record["access_level"] == {"public": 3, "public (internet)": 4}.get(str(given).lower(), given)
    ),
    ("filename", "text"): _words,
    ("fileScanLabels", "eq"): lambda record, given: any(
        label.removeprefix("^") == given.removeprefix("^") for label in record["scan_labels"]
    ),
    ("trashed", "eq"): lambda record, given: record["file_status"] == (1 if str(given).lower() == "true" else 0),
    ("allowDeleted", "eq"): lambda record, given: (
        record["file_status"] is not None and (record["file_status"] != 2 or str(given).lower() == "true")
    ),
}
"""([resource,] filter, positive operator) → whether a record matches one operand."""
