"""Catalog corrections: validate them against the catalog, and decide whether they need a review."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from opencasb.governance.statements import Given, checked, plain_value
from opencasb.model.correction import Correction, Kind, State, Statement
from opencasb.model.iso_time import iso_day

if TYPE_CHECKING:
    from opencasb.discovery.tenant_catalogs import TenantCatalogs
    from opencasb.store.correction_ledger import Kept
    from opencasb.store.corrections import Corrections
    from opencasb.store.custom_apps import CustomApps


class CatalogCorrections:
    """The entry point for corrections, for all interfaces of the product.

    With ``review``, a correction is pending until another person accepts it; notes are not.
    """

    def __init__(
        self,
        corrections: Corrections,
        custom_apps: CustomApps,
        catalogs: TenantCatalogs,
        clock: Callable[[], int],
        *,
        review: bool,
    ) -> None:
        self._corrections = corrections
        self._custom_apps = custom_apps
        self._catalogs = catalogs
        self._clock = clock
        self.review = review

    def checker(self, tenant_id: int, *, by: str) -> Callable[[Given], Statement]:
        """Return a validator for statements against the tenant's current catalog, see :func:`~.statements.checked`."""
        custom = frozenset(app.app_id for app in self._custom_apps.all(tenant_id))
        catalog, today = self._catalogs.of(tenant_id), iso_day(self._clock())
        return lambda given: checked(given, catalog, custom, by=by, today=today)

    def put(self, tenant_id: int, given: Given, *, by: str) -> Kept:
        """Store one correction. Raises :class:`~.statements.InvalidStatement` and :class:`Conflict`."""
        (kept,) = self.put_all(tenant_id, [self.checker(tenant_id, by=by)(given)], by=by)
        return kept

    def put_all(self, tenant_id: int, said: list[Statement], *, by: str) -> list[Kept]:
        """Store validated corrections, all or none. Raises :class:`Conflict`."""
        return self._corrections.put(tenant_id, said, by=by, review=self.review)

    def record(self, tenant_id: int, said: Correction) -> dict[str, Any]:  # JSON
        """Return a correction as JSON for display, with the name of its app.

        ``orphan``: its app is no longer in the catalog, so it has no effect.
        """
        app = None if said.app_id is None else self._catalogs.of(tenant_id).app(said.app_id)
        today = iso_day(self._clock())
        return {
            "id": said.correction_id,
            "kind": said.kind.value,
            "app_id": said.app_id,
            "app": None if app is None else app.name,
            "orphan": said.app_id is not None and app is None,
            "key": said.key,
            "value": plain_value(said),
            **{name: getattr(said, name) for name in ("link", "remark", "attested_by", "attested_on", "expires")},
            "expired": said.expires is not None and said.expires < today,
            "state": said.state.value,
            **{name: getattr(said, name) for name in ("author", "created", "decided_by", "decided", "reason")},
        }

    def notes(self, tenant_id: int) -> dict[int, str]:
        """Return app id → note; a custom app's own notes are used where no correction has one."""
        own = {app.app_id: app.notes for app in self._custom_apps.all(tenant_id) if app.notes}
        found = [each for each in self._corrections.in_effect(tenant_id) if each.kind is Kind.NOTE]
        return own | {each.app_id: each.value for each in found if each.app_id is not None}

    def note(self, tenant_id: int, app_id: int) -> Correction | None:
        """Return the note on an app, or None."""
        found = self._corrections.all(tenant_id, states=[State.ACCEPTED], kind=Kind.NOTE, app_id=app_id)
        return found[-1] if found else None
