"""Applications: programs that sign in with a secret of their own (identity §1, §10.4)."""

from __future__ import annotations

import msgspec

from opencasb.model.permissions import Permission


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """A registered program and the application permissions that an administrator granted it.

    ``service_principal_id`` is what tokens carry as ``oid`` and ``sub``. Times are ms since the epoch UTC;
    ``disabled`` is null while the application may sign in.
    """

    tenant_id: int
    client_id: str
    service_principal_id: str
    name: str
    created: int
    disabled: int | None = None
    permissions: tuple[Permission, ...] = ()
