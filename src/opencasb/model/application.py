"""Applications: programs that sign in as themselves or on behalf of a user (identity §1, §9, §10.4)."""

from __future__ import annotations

import msgspec

from opencasb.model.permissions import Permission


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """An application as one tenant knows it (its service principal), with the application permissions granted there.

    ``home_tenant_id`` is the tenant where it is registered. Its name, the flags ``multitenant`` and ``public_client``
    ("allow public client flows"), and everything in :mod:`opencasb.store.registrations` come from there.
    ``service_principal_id`` appears in tokens as ``oid`` and ``sub``. With ``assignment_required``, only assigned users
    of ``tenant_id`` can sign in. Times are ms since the epoch UTC; ``disabled`` is None while the application may sign
    in, and ``permissions_changed`` is None until consent for it or for everybody is given or withdrawn.
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
        """Whether the application is registered in ``tenant_id``, rather than only consented to."""
        return self.tenant_id == self.home_tenant_id
