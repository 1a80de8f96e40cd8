"""Applications: programs that sign in, alone or for a person (identity §1, §9, §10.4)."""

from __future__ import annotations

import msgspec

from opencasb.model.permissions import Permission


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """A program as one tenant knows it (its service principal), and the application permissions granted there.

    ``home_tenant_id`` is the tenant where it is registered: its name, its two flags ``multitenant`` and
    ``public_client`` ("allow public client flows"), and whatever :mod:`opencasb.store.registrations` keeps, are of
    there. ``service_principal_id`` is what tokens carry as ``oid`` and ``sub``. ``assignment_required`` lets only
    assigned users of ``tenant_id`` sign in. Times are ms since the epoch UTC; ``disabled`` is null while the
    application may sign in, ``permissions_changed`` until consent for it or for everybody is given or taken back.
    """

    tenant_id: int
    client_id: str
    service_principal_id: str
    name: str
    created: int
    home_tenant_id: int
    disabled: int | None = None
    multitenant: bool = False
    public_client: bool = False
    assignment_required: bool = False
    permissions_changed: int | None = None
    permissions: tuple[Permission, ...] = ()

    @property
    def at_home(self) -> bool:
        """Whether the application is registered in ``tenant_id``, and not only consented to."""
        return self.tenant_id == self.home_tenant_id
