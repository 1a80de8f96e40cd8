"""Custom apps: the apps that a tenant defines itself (portal §2.6).

A deleted app leaves an emptied row, so that its id is never reused: usage refers to it.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from opencasb.filters.errors import shown
from opencasb.model.app import FIRST_CUSTOM, LAST_CUSTOM, CustomApp
from opencasb.model.host_name import host_name
from opencasb.model.written_line import checked_note, is_name
from opencasb.store.conflict import Conflict
from opencasb.store.database import metadata
from opencasb.store.repository import fields_of
from opencasb.store.revisions import RevisedRepository

_CATEGORY: Final = re.compile(r"SAASDB_CATEGORY_[A-Z_]+")

custom_apps = sa.Table(
    "custom_apps",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("app_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("category", sa.Text, nullable=False),
    sa.Column("domains", sa.JSON, nullable=False),
    sa.Column("networks", sa.JSON, nullable=False),
    sa.Column("score", sa.Integer),
    sa.Column("vendor", sa.Text),
    sa.Column("notes", sa.Text, nullable=False),
    sa.Column("deleted", sa.Boolean, nullable=False),
)


class CustomApps(RevisedRepository):
    """The custom apps of each tenant. Every change is audited in its own transaction."""

    SUBJECT = "custom_apps"

    def all(self, tenant_id: int) -> list[CustomApp]:
        """Return every custom app, ordered by id."""
        with self._database.read() as connection:
            return _alive(connection, tenant_id)

    def former(self, tenant_id: int) -> dict[int, str]:
        """Return the names of deleted custom apps by id."""
        query = sa.select(custom_apps.c.app_id, custom_apps.c.name)
        with self._database.read() as connection:
            rows = connection.execute(query.filter_by(tenant_id=tenant_id, deleted=True))
            return {row.app_id: row.name for row in rows}

    def get(self, tenant_id: int, app_id: int) -> CustomApp | None:
        """Return one custom app, or None."""
        return next((app for app in self.all(tenant_id) if app.app_id == app_id), None)

    def create(
        self,
        tenant_id: int,
        name: str,
        *,
        app_id: int = 0,
        by: str = "system",
        **fields: Any,  # fields of CustomApp
    ) -> CustomApp:
        """Define an app; ``fields`` must include at least one domain or network (an address or CIDR block).

        It gets the number ``app_id`` if that is in the custom range and was never used, else the next one. Raises
        ``ValueError`` naming an invalid field and its value, :class:`Conflict` if another custom app has the name or a
        domain.
        """
        given = CustomApp(app_id=app_id, name=name, **fields)
        made = checked(given)
        with self._changing(tenant_id) as connection:
            _no_conflict(made, _alive(connection, tenant_id))
            made = msgspec.structs.replace(made, app_id=_free_id(connection, tenant_id, app_id))
            connection.execute(sa.insert(custom_apps).values(tenant_id=tenant_id, deleted=False, **_columns(made)))
            self._note(connection, tenant_id, "custom_app.create", made, by)
        return made

    def update(self, tenant_id: int, app_id: int, *, by: str = "system", **changes: Any) -> CustomApp | None:
        """Change fields of one custom app, named and checked as in :meth:`create`; None if there is none."""
        with self._changing(tenant_id) as connection:
            apps = {app.app_id: app for app in _alive(connection, tenant_id)}
            if app_id not in apps:
                return None
            changed = checked(msgspec.structs.replace(apps.pop(app_id), **changes))
            _no_conflict(changed, apps.values())
            connection.execute(
                sa.update(custom_apps).filter_by(tenant_id=tenant_id, app_id=app_id).values(**_columns(changed))
            )
            self._note(connection, tenant_id, "custom_app.update", changed, by)
        return changed

    def delete(self, tenant_id: int, app_id: int, *, by: str = "system") -> bool:
        """Delete one custom app; returns whether it existed. Its recorded usage stays."""
        with self._changing(tenant_id) as connection:
            found = next((app for app in _alive(connection, tenant_id) if app.app_id == app_id), None)
            if found is None:
                return False
            emptied: dict[str, Any] = {"domains": [], "networks": [], "score": None, "vendor": None, "notes": ""}
            connection.execute(
                sa.update(custom_apps).filter_by(tenant_id=tenant_id, app_id=app_id).values(**emptied, deleted=True)
            )
            self._note(connection, tenant_id, "custom_app.delete", found, by)
        return True

    def _note(self, connection: sa.Connection, tenant_id: int, action: str, app: CustomApp, by: str) -> None:
        self._audit(connection, tenant_id, action, by=by, target=app.name, **_columns(app))


def _alive(connection: sa.Connection, tenant_id: int) -> list[CustomApp]:
    query = sa.select(*fields_of(custom_apps, CustomApp)).filter_by(tenant_id=tenant_id, deleted=False)
    rows = connection.execute(query.order_by(custom_apps.c.app_id)).mappings()
    return [CustomApp(**{**row, "domains": tuple(row["domains"]), "networks": tuple(row["networks"])}) for row in rows]


def _next_id(connection: sa.Connection, tenant_id: int) -> int:
    highest = sa.select(sa.func.max(custom_apps.c.app_id)).where(custom_apps.c.tenant_id == tenant_id)
    return (connection.execute(highest).scalar() or FIRST_CUSTOM - 1) + 1


def _free_id(connection: sa.Connection, tenant_id: int, wanted: int) -> int:
    if not FIRST_CUSTOM <= wanted <= LAST_CUSTOM:
        return _next_id(connection, tenant_id)
    used = connection.scalar(sa.select(custom_apps.c.app_id).filter_by(tenant_id=tenant_id, app_id=wanted))
    return wanted if used is None else _next_id(connection, tenant_id)


def _columns(app: CustomApp) -> dict[str, Any]:  # column values of any type
    return {**msgspec.structs.asdict(app), "domains": list(app.domains), "networks": list(app.networks)}


def checked(app: CustomApp) -> CustomApp:
    """Return an app in normalised form. Raises ``ValueError`` naming an invalid field and its value."""
    name = app.name.strip()
    if not 1 <= len(name) <= 200 or not is_name(name):
        raise ValueError(f"name {shown(app.name)!r} must have 1 to 200 printable characters")
    if not _CATEGORY.fullmatch(app.category):
        raise ValueError(f"category {shown(app.category)!r} must look like SAASDB_CATEGORY_CLOUD_STORAGE")
    if app.score is not None and not 0 <= app.score <= 10:
        raise ValueError(f"score {app.score!r} must be 0 (risky) to 10 (safe), or nothing when it is not known")
    vendor = (app.vendor or "").strip() or None
    if vendor is not None and (len(vendor) > 200 or not is_name(vendor)):
        raise ValueError(f"vendor {shown(app.vendor)!r} must have at most 200 printable characters")
    checked_note(app.notes, "notes")
    if not app.domains and not app.networks:
        raise ValueError(f"app {name!r} needs at least one domain or network")
    domains = tuple(dict.fromkeys(_domain(text) for text in app.domains))
    networks = tuple(dict.fromkeys(_network(text) for text in app.networks))
    return msgspec.structs.replace(app, name=name, vendor=vendor, domains=domains, networks=networks)


def _domain(text: str) -> str:
    name = host_name(text)
    if name is None:
        raise ValueError(
            f"domain {shown(text)!r} must be a host name such as files.example.net, without wildcard or port"
        )
    return name


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        raise ValueError(f"network {shown(text)!r} must be an address or a block such as 192.0.2.0/24") from None


def _no_conflict(app: CustomApp, others: Iterable[CustomApp]) -> None:
    for other in others:
        if other.name.casefold() == app.name.casefold():
            raise Conflict(f"name {app.name!r} is taken by custom app {other.app_id}")
        shared = set(app.domains) & set(other.domains)
        if shared:
            raise Conflict(f"domain {min(shared)!r} already belongs to custom app {other.name!r}")
