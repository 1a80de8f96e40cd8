"""IP ranges, which the wire calls subnets (api §11)."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, Final

from opencasb.api.v1.call import Call, Reply
from opencasb.api.v1.errors import BadRequest, Forbidden, MethodNotAllowed, explained, or_not_found
from opencasb.api.v1.lists import Sorting
from opencasb.api.v1.parameters import Parameters
from opencasb.api.v1.record_list import answer
from opencasb.api.v1.routes import Route
from opencasb.filters.fields import IP_RANGES
from opencasb.filters.tree import EVERYTHING, Node, OneOf
from opencasb.model.rights import permits
from opencasb.store.ip_range_documents import RangeRule
from opencasb.store.ip_tags import BUILT_IN

if TYPE_CHECKING:
    from opencasb.app import Casb

SORTING: Final = Sorting(
    {"name": "name", "category": "category", "tags": "tag_names", "date": "modified"},
    default="name",
    ascending=True,
    small_scans=True,
)
BODY_KEYS: Final = ("name", "category", "subnets", "subnetMasks", "organization", "location", "tags", "_id")
_PLACE_NAMES: Final = ("name", "countryCode", "countryName")
_TAG_KEYS: Final = (("id", "_id"), ("name", "text"))
_COORDINATES: Final = {"latitude": 90, "longitude": 180}


def list_ranges(casb: Casb, call: Call) -> Reply:
    """Return a page of ranges; built-in ones only if the filter ``builtIn`` asks for them."""
    given = call.parameters.structure("filters")
    asked = isinstance(given, Mapping) and any(given[name] for name in given if name.strip().lower() == "builtin")
    if asked:
        casb.ip_ranges.show_built_in(call.tenant_id)
    scope: Node = EVERYTHING if asked else OneOf(IP_RANGES["builtin"], (False,))
    return answer(casb, call, casb.ip_ranges.records, IP_RANGES, SORTING, scope)


def list_or_create(casb: Casb, call: Call) -> Reply | str:
    """Return a list, or create a range as the first version of the API did (api §11.1)."""
    given = call.parameters
    if given.value("name") is None or given.value("subnets", "subnetMasks") is None:
        return list_ranges(casb, call)
    if not permits(call.principal, "subnet.change"):
        raise Forbidden
    return create_range(casb, call)


def one_range(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return one bare range record."""
    return or_not_found(casb.ip_ranges.get(call.tenant_id, _range_id(call)))


def create_range(casb: Casb, call: Call) -> str:
    """Create a range and return its id as a bare JSON string, because a client merely strips the quotes."""
    with explained():
        made = casb.ip_ranges.create(call.tenant_id, _rule(casb, call), by=call.principal.name)
    return str(made["_id"])


def update_range(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Replace a range entirely and return its new record."""
    one_range(casb, call)
    _refuse_built_in(call)
    with explained():
        made = casb.ip_ranges.update(call.tenant_id, _range_id(call), _rule(casb, call), by=call.principal.name)
    return or_not_found(made)


def update_by_post(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Update as an old documentation page shows; a POST without a body must not delete (api §11.1)."""
    one_range(casb, call)
    if call.parameters.value(*BODY_KEYS) is None:
        raise MethodNotAllowed("POST", ("DELETE", "GET"))
    return update_range(casb, call)


def delete_range(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Delete a range."""
    _refuse_built_in(call)
    or_not_found(casb.ip_ranges.delete(call.tenant_id, _range_id(call), by=call.principal.name))
    return {}


def _range_id(call: Call) -> str:
    return call.path["range_id"].lower()


def _refuse_built_in(call: Call) -> None:
    if _range_id(call) in BUILT_IN:
        raise Forbidden


def _rule(casb: Casb, call: Call) -> RangeRule:
    given = call.parameters
    category = given.integer("category")
    if category is None:
        raise BadRequest("category: this parameter is required; allowed: 0 (none) to 6 (other)")
    return RangeRule(
        name=given.required_label("name"),
        category=category,
        subnets=_subnets(given, "subnets") or _subnets(given, "subnetMasks"),
        tags=_tags(casb, call),
        organization=given.label("organization"),
        override_organization=given.flag("overrideOrganization", usual=True),
        location=_location(given),
        override_location=given.flag("overrideLocation", usual=True),
    )


def _subnets(given: Parameters, name: str) -> list[str]:
    """Return CIDR blocks as texts, also from a record that a client sends back; empty texts are dropped."""
    found: list[Any] = [
        each.get("originalString") if isinstance(each, Mapping) else each for each in given.members(name)
    ]
    if not all(isinstance(each, str) for each in found):
        raise BadRequest(f"{name}: a list of texts is expected")
    return [each for each in found if each.strip()]


def _tags(casb: Casb, call: Call) -> list[str]:
    """Return the names and ids of tags, from texts and from the objects that clients send (api §11.2).

    Empty texts are dropped: a client makes one from an empty table cell.
    """
    given = call.parameters.members("tags", json="[{")
    has_records = any(isinstance(each, Mapping) for each in given)
    known = {tag.tag_id for tag in casb.ip_tags.all(call.tenant_id)} if has_records else ()
    return [tag for each in given if (tag := _tag(each, known)).strip()]


def _tag(given: Any, known: Collection[str]) -> str:  # any JSON
    """Return a text unchanged, and of an object its id if ``known`` has it, else its name."""
    if isinstance(given, Mapping):
        tag_id, name = (next((given[key] for key in keys if given.get(key)), None) for keys in _TAG_KEYS)
        is_known = isinstance(tag_id, str) and tag_id.lower() in known
        given = tag_id if is_known or name is None else name
    if not isinstance(given, str):
        raise BadRequest("tags: names, ids, or objects with an id, a name or a text are expected")
    return given


def _location(given: Parameters) -> dict[str, Any] | None:  # JSON
    value = given.structure("location")
    if value is None:
        return None
    if not isinstance(value, dict):
        raise BadRequest("location: an object is expected")
    inside = Parameters(value)
    texts = {name: inside.label(name, longest=200) for name in _PLACE_NAMES}
    numbers = {name: _coordinate(inside.value(name), name, most) for name, most in _COORDINATES.items()}
    return {name: found for name, found in {**texts, **numbers}.items() if found is not None} or None


def _coordinate(value: Any, name: str, most: int) -> float | None:  # any JSON
    if value is None:
        return None
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not -most <= number <= most:
        raise BadRequest(f"location.{name}: a number from -{most} to {most} is expected")
    return number


ROUTES: Final = (
    Route("subnet", "subnet.list", {"GET": list_ranges, "POST": list_or_create}),
    Route("subnet/create_rule", "subnet.change", {"POST": create_range}),
    Route("subnet/<range_id>", "subnet.list", {"GET": one_range}),
    Route("subnet/<range_id>", "subnet.change", {"POST": update_by_post, "DELETE": delete_range}),
    Route("subnet/<range_id>/update_rule", "subnet.change", {"POST": update_range}),
)
