"""Entities: users and their accounts (api §9)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from opencasb.api.v1.call import Call, Reply
from opencasb.api.v1.entity_pk import candidates
from opencasb.api.v1.errors import or_not_found
from opencasb.api.v1.lists import Sorting
from opencasb.api.v1.record_list import answer, one, own
from opencasb.api.v1.routes import Route
from opencasb.filters.fields import ENTITIES
from opencasb.filters.tables.entities import one_per_person
from opencasb.filters.tree import Node
from opencasb.store.entities import USER

if TYPE_CHECKING:
    from opencasb.app import Casb

_SORT_FIELDS: Final = {
    "date": "last_seen",
    "lastseen": "last_seen",
    "severity": "score",
    "score": "score",
    "username": "user_name",
}
SORTING: Final = Sorting(_SORT_FIELDS, default="date", small_scans=True)


def list_entities(casb: Casb, call: Call) -> Reply:
    """Return a page of entities; a filter for a user also matches the user's accounts."""
    within = own(casb, call, casb.entities)
    with_accounts = casb.entities.with_accounts(call.tenant_id, "entities", types=(USER,), within=within)
    users_named = partial(casb.entities.users_named, call.tenant_id, within)

    def rewrite(filters: Node) -> Node:
        return with_accounts(one_per_person(filters, users_named))

    return answer(casb, call, casb.entities, ENTITIES, SORTING, rewrite=rewrite)


def one_entity(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return the entity with the key in the path."""
    text, within = call.path["entity_pk"], own(casb, call, casb.entities)
    found = one(casb, call, casb.entities, text) or one(casb, call, casb.entities, text.lower())
    for pk in candidates(text):
        found = found or casb.entities.find(call.tenant_id, pk.id, pk.saas, pk.inst, within=within)
    return or_not_found(found)


def tree(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return the user with all accounts, even if one of the accounts is requested.

    An account without a user, or whose user the caller may not see, is returned alone.
    """
    found = one_entity(casb, call)
    parent = one(casb, call, casb.entities, found["parentId"]) if found["parentId"] else None
    return found if parent is None else parent


_FETCH: Final = {"GET": one_entity, "POST": one_entity}
_TREE: Final = {"GET": tree, "POST": tree}

ROUTES: Final = (
    Route("entities", "entities.view", {"GET": list_entities, "POST": list_entities}),
    Route("entities/<entity_pk>", "entities.view", _FETCH),
    Route("entities/<entity_pk>/retrieve_tree", "entities.view", _TREE),
    Route("entities/<entity_pk>/tree", "entities.view", _TREE),
)
