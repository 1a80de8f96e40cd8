"""Keys of entities: an id in an instance of an app (api §9.2), and the addresses that find it as well (api §9.3)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from opencasb.activities.connected_apps import by_number, by_slug, slugs
from opencasb.activities.given import Given
from opencasb.activities.invalid import Invalid
from opencasb.model.derived_id import derived_id, folded_id
from opencasb.store.entities import entity_key

PERSON: Final = 1
APPLICATION: Final = 17
"""``idType`` values of entities."""

LONGEST_ID: Final = 400
LONGEST_NAME: Final = 256

_Json = Mapping[str, Any]


class Key(msgspec.Struct, frozen=True):
    """The identity of an entity: its id in an instance of an app."""

    id: str
    saas: int
    inst: int

    @property
    def text(self) -> str:
        """The key in the form that filters compare."""
        return entity_key(self.id, self.saas, self.inst)

    @property
    def ii(self) -> str:
        """The key in the form of ``ii``."""
        return f"{self.saas}|{self.inst}|{self.id}"

    @property
    def username(self) -> str:
        """The key in the form of ``username``: JSON text, whose base64 is the entity's path in URLs."""
        return json.dumps({"id": self.id, "saas": self.saas, "inst": self.inst})


def key_of(document: _Json) -> Key:
    """Return the key of a wire record."""
    return Key(document["id"], document["appData"]["saas"], document["appData"]["instance"])


def account_id(tenant_id: int, key: Key) -> str:
    """Return the record id of an account."""
    return derived_id(tenant_id, "account", key.saas, key.inst, folded_id(key.id))


def person_id(tenant_id: int, email: str) -> str:
    """Return the record id of the person with this e-mail address."""
    return derived_id(tenant_id, "person", email.lower())


def own_keys(document: _Json) -> set[str]:
    """Return all keys that find an entity: its id and addresses, in its instance of its app."""
    app = document["appData"]
    return _keys((document["id"], document["email"], *document["identifiers"]), app["saas"], app["instance"])


def item_keys(item: _Json) -> set[str]:
    """Return the same keys for one of the ``accounts`` of a user."""
    return _keys((item["i"], item["em"], *item["aliases"]), item["saas"], item["inst"])


def _keys(names: Iterable[str | None], saas: int, inst: int) -> set[str]:
    return {entity_key(name, saas, inst) for name in names if name}


def key_from(given: Given) -> Key:
    """Return the key of a delivered entity. Raises :class:`Invalid`."""
    app = Given(given.structure("appData") or {})
    parts = _packed(given)
    name = Given(parts).text("id", longest=LONGEST_ID) or given.text("id", "i", longest=LONGEST_ID)
    name = name or given.text("email", "mail", longest=LONGEST_ID)
    saas = _first(Given(parts).number("saas"), given.number("saas", "saasId"), app.number("saas"), _parent(given))
    inst = _first(Given(parts).number("inst"), given.number("instanceId", "inst", "instId"), app.number("instance"))
    if name is None:
        raise Invalid("id", None, f"text of at most {LONGEST_ID} characters is expected")
    if saas is None:
        raise Invalid("appId", None, "the number of an app is expected")
    return Key(folded_id(name), saas, inst or 0)


def seen_app(given: Given) -> int | None:
    """Return the number of the app named by a flat record, or None. Raises :class:`Invalid` for an unknown slug."""
    number, slug = given.number("appId", "service"), given.text("app")
    if number is not None or slug is None:
        return number
    app = by_slug(slug.lower())
    if app is None:
        raise Invalid("app", slug, f"allowed: {', '.join(slugs())}; any app can be given by its number as appId")
    return app.app_id


def _parent(given: Given) -> int | None:
    number = seen_app(given)
    app = None if number is None else by_number(number)
    return number if app is None else app.saas_id


def _packed(given: Given) -> _Json:
    """Return id, saas and inst unpacked from ``username`` or ``ii``; empty if neither is usable."""
    _, username = given.value("username")
    if isinstance(username, str):
        try:
            found = json.loads(username)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, Mapping):
            return found
    _, ii = given.value("ii")
    parts = ii.split("|", 2) if isinstance(ii, str) else []
    return dict(zip(("saas", "inst", "id"), parts, strict=True)) if len(parts) == 3 else {}


def _first(*numbers: int | None) -> int | None:
    return next((number for number in numbers if number is not None), None)
