"""App tags (api §12.5): three mutually exclusive verdicts, custom tags, and one that the product sets itself."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

import msgspec
import sqlalchemy as sa

from opencasb.filters.errors import shown
from opencasb.model.written_line import is_name
from opencasb.store.custom_apps import CustomApps, custom_apps
from opencasb.store.database import metadata, new_id
from opencasb.store.revisions import RevisedRepository, revision

SANCTIONED: Final = "Sanctioned"
UNSANCTIONED: Final = "Unsanctioned"
MONITORED: Final = "Monitored"
CUSTOM_APP: Final = "Custom app"
"""The tag that every custom app has automatically."""

VERDICTS: Final = (SANCTIONED, UNSANCTIONED, MONITORED)
MOST_PER_APP: Final = 15
LONGEST_NAME: Final = 64
# Wire: clients may keep these ids, so they never change.
_BUILT_IN: Final = {f"{number:024x}": name for number, name in enumerate((*VERDICTS, CUSTOM_APP), 1)}
_VERDICT_IDS: Final = [tag_id for tag_id, name in _BUILT_IN.items() if name in VERDICTS]
_RESERVED: Final = "none"
"""The word with which filters match apps without tags."""

app_tags = sa.Table(
    "app_tags",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("tag_id", sa.String(24), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("folded_name", sa.Text, nullable=False),
    sa.UniqueConstraint("tenant_id", "folded_name"),
)
app_tag_links = sa.Table(
    "app_tag_links",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("app_id", sa.Integer, primary_key=True),
    sa.Column("tag_id", sa.String(24), primary_key=True),
)


class TagError(ValueError):
    """A tag cannot be added or removed; the message says why."""


class AppTag(msgspec.Struct, frozen=True, kw_only=True):
    """A tag and the apps that have it, in ascending order."""

    tag_id: str
    name: str
    built_in: bool
    app_ids: tuple[int, ...]


class Tags(RevisedRepository):
    """The app tags of each tenant. Names are case-insensitive and keep the case of their first use."""

    SUBJECT = "tags"

    def all(self, tenant_id: int) -> list[AppTag]:
        """Return every tag: the built-in ones first, then the tenant's own by name."""
        with self._database.read() as connection:
            apps = _app_ids(connection, tenant_id)
            own = _own(connection, tenant_id)
        return [
            AppTag(tag_id=tag_id, name=name, built_in=tag_id in _BUILT_IN, app_ids=tuple(sorted(apps[tag_id])))
            for tag_id, name in (_BUILT_IN | own).items()
        ]

    def by_app(self, tenant_id: int) -> dict[int, tuple[str, ...]]:
        """Return app id → names of its tags, in the order of :meth:`all`; apps without tags are omitted."""
        found: defaultdict[int, list[str]] = defaultdict(list)
        for tag in self.all(tenant_id):
            for app_id in tag.app_ids:
                found[app_id].append(tag.name)
        return {app_id: tuple(names) for app_id, names in found.items()}

    def revision(self, tenant_id: int) -> int:
        """Return a number that changes with every change of what :meth:`by_app` returns."""
        return revision(self._database, tenant_id, self.SUBJECT, CustomApps.SUBJECT)

    def add(self, tenant_id: int, app_id: int, name: str, *, by: str = "system") -> bool:
        """Tag an app, creating the tag if it is new; returns whether the app did not have it yet.

        A verdict (Sanctioned, Unsanctioned, Monitored) replaces the previous one. Raises :class:`TagError` for a name
        that is malformed, reserved or set by the product only, and for an app that already has 15 tags.
        """
        cleaned = _checked(name)
        with self._changing(tenant_id) as connection:
            tag_id = _find(connection, tenant_id, cleaned) or _make(connection, tenant_id, cleaned)
            held = set(
                connection.execute(
                    sa.select(app_tag_links.c.tag_id).filter_by(tenant_id=tenant_id, app_id=app_id)
                ).scalars()
            )
            if tag_id in held:
                return False
            if tag_id in _VERDICT_IDS:
                of_verdict = app_tag_links.c.tag_id.in_(_VERDICT_IDS)
                connection.execute(
                    sa.delete(app_tag_links).filter_by(tenant_id=tenant_id, app_id=app_id).where(of_verdict)
                )
                held -= set(_VERDICT_IDS)
            if len(held) >= MOST_PER_APP:
                raise TagError(f"app {app_id} has {MOST_PER_APP} tags already, the most that are allowed")
            connection.execute(sa.insert(app_tag_links).values(tenant_id=tenant_id, app_id=app_id, tag_id=tag_id))
            self._audit(connection, tenant_id, "app_tag.add", by=by, target=str(app_id), tag=cleaned)
        return True

    def remove(self, tenant_id: int, app_id: int, name: str, *, by: str = "system") -> bool:
        """Remove a tag from an app; returns whether the app had it. Raises :class:`TagError` as :meth:`add` does."""
        cleaned = _checked(name)
        with self._changing(tenant_id) as connection:
            link = app_tag_links.c.tag_id == _find(connection, tenant_id, cleaned)
            removed = (
                connection.execute(
                    sa.delete(app_tag_links).filter_by(tenant_id=tenant_id, app_id=app_id).where(link)
                ).rowcount
                > 0
            )
            if removed:
                self._audit(connection, tenant_id, "app_tag.remove", by=by, target=str(app_id), tag=cleaned)
        return removed

    def delete(self, tenant_id: int, name: str, *, by: str = "system") -> bool:
        """Delete one of the tenant's own tags that no app has; returns whether it existed.

        Raises :class:`TagError` if it is built in or in use.
        """
        cleaned = _checked(name)
        with self._changing(tenant_id) as connection:
            tag_id = _find(connection, tenant_id, cleaned)
            if tag_id in _BUILT_IN:
                raise TagError(f"tag {cleaned!r} is built in")
            if tag_id is None:
                return False
            used = len(_app_ids(connection, tenant_id)[tag_id])
            if used:
                raise TagError(f"tag {cleaned!r} is in use by {used} app{'s' if used > 1 else ''}")
            for table in (app_tag_links, app_tags):  # links of deleted custom apps may remain
                connection.execute(sa.delete(table).filter_by(tenant_id=tenant_id, tag_id=tag_id))
            self._audit(connection, tenant_id, "app_tag.delete", by=by, target=cleaned)
        return True


def _checked(name: str) -> str:
    cleaned = name.strip()
    if not 1 <= len(cleaned) <= LONGEST_NAME or not is_name(cleaned):
        raise TagError(f"tag name {shown(name)!r} must have 1 to {LONGEST_NAME} printable characters")
    if cleaned.casefold() == CUSTOM_APP.casefold():
        raise TagError(f"tag {CUSTOM_APP!r} belongs to custom apps by itself and can be neither given nor taken")
    if cleaned.casefold() == _RESERVED:
        raise TagError(f"tag name {cleaned!r} is reserved: filters call apps without tags so")
    return next((verdict for verdict in VERDICTS if verdict.casefold() == cleaned.casefold()), cleaned)


def _own(connection: sa.Connection, tenant_id: int) -> dict[str, str]:
    rows = connection.execute(sa.select(app_tags).where(app_tags.c.tenant_id == tenant_id)).all()
    # Sorted here, because the engines collate differently.
    return {row.tag_id: row.name for row in sorted(rows, key=lambda row: row.folded_name)}


def _app_ids(connection: sa.Connection, tenant_id: int) -> defaultdict[str, set[int]]:
    apps = sa.select(custom_apps.c.app_id, custom_apps.c.deleted)
    custom = connection.execute(apps.where(custom_apps.c.tenant_id == tenant_id)).all()
    gone = {row.app_id for row in custom if row.deleted}
    found: defaultdict[str, set[int]] = defaultdict(set)
    links = sa.select(app_tag_links.c.tag_id, app_tag_links.c.app_id).where(app_tag_links.c.tenant_id == tenant_id)
    for row in connection.execute(links):
        if row.app_id not in gone:
            found[row.tag_id].add(row.app_id)
    automatic = next(tag_id for tag_id, name in _BUILT_IN.items() if name == CUSTOM_APP)
    found[automatic] = {row.app_id for row in custom if not row.deleted}
    return found


def _find(connection: sa.Connection, tenant_id: int, name: str) -> str | None:
    if name in VERDICTS:
        return _VERDICT_IDS[VERDICTS.index(name)]
    query = sa.select(app_tags.c.tag_id).filter_by(tenant_id=tenant_id, folded_name=name.casefold())
    return connection.execute(query).scalar_one_or_none()


def _make(connection: sa.Connection, tenant_id: int, name: str) -> str:
    made = {"tenant_id": tenant_id, "tag_id": new_id(), "name": name, "folded_name": name.casefold()}
    connection.execute(sa.insert(app_tags).values(**made))
    return str(made["tag_id"])
