"""Users of a tenant and their password hashes."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import Any

import msgspec
import sqlalchemy as sa

from opencasb.filters.errors import shown
from opencasb.model.role_scope import RoleScope
from opencasb.model.roles import FULL_ACCESS, Role
from opencasb.model.user import User
from opencasb.model.written_line import is_name
from opencasb.store.audit_log import record
from opencasb.store.conflict import unique
from opencasb.store.repository import TimedRepository
from opencasb.store.revocations import of_user, revoke
from opencasb.store.sequences import lock
from opencasb.store.user_rows import PUBLIC, role_columns, user_of, users, visible_reports

_ENDING = frozenset({"user.set_password", "user.sign_out", "user.deprovision"})
"""The changes that invalidate all earlier sign-ins."""

# Built once, because every API call looks up users: building takes longer than running.
_IN_TENANT = sa.select(*PUBLIC).where(users.c.tenant_id == sa.bindparam("tenant_id"))
_BY_ID = _IN_TENANT.where(users.c.user_id == sa.bindparam("user_id"))
_BY_UPN = _IN_TENANT.where(users.c.upn == sa.bindparam("upn"))
_AS_GUEST = _IN_TENANT.where(
    users.c.home_tenant_id == sa.bindparam("home_tenant_id"), users.c.home_user_id == sa.bindparam("home_user_id")
)


class Users(TimedRepository):
    """The users of each tenant."""

    def create(
        self,
        tenant_id: int,
        upn: str,
        role: Role,
        *,
        display_name: str = "",
        stream_ids: Collection[str] | None = None,
        scope: RoleScope | None = None,
        password_hash: str | None = None,
        by: str = "system",
    ) -> User:
        """Create a user; the user principal name (``ann@contoso.example``) is stored in lower case.

        ``stream_ids`` are the reports of a Cloud Discovery report admin, who sees none without any; ``scope`` limits
        another role. Raises :class:`Conflict` if the name is taken, ``ValueError`` if it is malformed.
        """
        if not upn or len(upn) > 256 or not upn.isprintable() or any(letter.isspace() for letter in upn):
            raise ValueError(f"user name {shown(upn)!r} must have 1 to 256 printable characters and no white space")
        if len(display_name) > 256 or not is_name(display_name):
            raise ValueError(f"display name {shown(display_name)!r} must have at most 256 printable characters")
        made = User(
            tenant_id=tenant_id,
            user_id=str(uuid.uuid4()),
            upn=upn.lower(),
            display_name=display_name or upn,
            role=role,
            created=self._clock(),
            stream_ids=visible_reports(role, stream_ids),
            scope=scope,
        )
        self._insert(made, password_hash, by)
        return made

    def invite(
        self,
        tenant_id: int,
        home: User,
        role: Role,
        *,
        stream_ids: Collection[str] | None = None,
        scope: RoleScope | None = None,
        by: str = "system",
    ) -> User:
        """Add a user of another tenant as a guest under the same name. Raises :class:`Conflict`."""
        guest = User(
            tenant_id=tenant_id,
            user_id=str(uuid.uuid4()),
            upn=home.upn,
            display_name=home.display_name,
            role=role,
            created=self._clock(),
            stream_ids=visible_reports(role, stream_ids),
            scope=scope,
            home_tenant_id=home.tenant_id,
            home_user_id=home.user_id,
        )
        self._insert(guest, None, by)
        return guest

    def get(self, tenant_id: int, user_id: str) -> User | None:
        """Return the user with that id, even if deprovisioned, or None."""
        return self._find(_BY_ID, tenant_id=tenant_id, user_id=user_id)

    def by_upn(self, tenant_id: int, upn: str) -> User | None:
        """Return the user with that principal name (any case), or None."""
        return self._find(_BY_UPN, tenant_id=tenant_id, upn=upn.lower())

    def tenants_of(self, upn: str) -> list[int]:
        """Return the numbers of the home tenants of users with that name, for sign-ins that name no tenant.

        Users who may sign in come first, then the oldest.
        """
        query = sa.select(users.c.tenant_id).where(users.c.upn == upn.lower(), users.c.home_tenant_id.is_(None))
        query = query.order_by(users.c.deprovisioned.is_not(None), users.c.created, users.c.tenant_id)
        with self._database.read() as connection:
            return list(connection.scalars(query))

    def as_guest(self, tenant_id: int, home: User) -> User | None:
        """Return the guest account in this tenant of another tenant's user, even if deprovisioned, or None."""
        return self._find(_AS_GUEST, tenant_id=tenant_id, home_tenant_id=home.tenant_id, home_user_id=home.user_id)

    def guests_of(self, home: User) -> list[User]:
        """Return a user's guest accounts in other tenants, by tenant: the only query across tenants."""
        query = sa.select(*PUBLIC).filter_by(home_tenant_id=home.tenant_id, home_user_id=home.user_id)
        return self._all(query.order_by(users.c.tenant_id), lambda **row: user_of(row))

    def all(self, tenant_id: int) -> list[User]:
        """Return every user by name, including deprovisioned ones."""
        query = sa.select(*PUBLIC).filter_by(tenant_id=tenant_id).order_by(users.c.upn)
        return self._all(query, lambda **row: user_of(row))

    def password_hash(self, tenant_id: int, user_id: str) -> str | None:
        """Return the Argon2id hash of the user's password, or None if there is no such user or password."""
        query = sa.select(users.c.password_hash).filter_by(tenant_id=tenant_id, user_id=user_id)
        with self._database.read() as connection:
            return connection.execute(query).scalar_one_or_none()

    def set_role(
        self,
        tenant_id: int,
        user_id: str,
        role: Role,
        *,
        stream_ids: Collection[str] | None = None,
        scope: RoleScope | None = None,
        keep_one: bool = False,
        by: str = "system",
    ) -> bool:
        """Change the user's role, effective at once for every API token; returns whether the user exists.

        With ``keep_one``, raises ``ValueError`` if that left nobody with full access.
        """
        values = role_columns(role, stream_ids, scope)
        return self._change(tenant_id, user_id, values, "user.set_role", by, keep_one=keep_one, **values)

    def set_password(self, tenant_id: int, user_id: str, password_hash: str, *, by: str = "system") -> bool:
        """Replace the hash of the user's password and end every sign-in; returns whether the user exists."""
        values = {"password_hash": password_hash, "password_expired": False}
        return self._change(tenant_id, user_id, values, "user.set_password", by)

    def expire_password(self, tenant_id: int, user_id: str, *, by: str = "system") -> bool:
        """Require a new password at the next sign-in; returns whether the user exists."""
        return self._change(tenant_id, user_id, {"password_expired": True}, "user.expire_password", by)

    def sign_out(self, tenant_id: int, user_id: str, *, by: str) -> bool:
        """End every sign-in of the user, in browsers and applications; returns whether the user exists."""
        return self._change(tenant_id, user_id, {"user_id": user_id}, "user.sign_out", by)

    def deprovision(self, tenant_id: int, user_id: str, *, keep_one: bool, by: str = "system") -> bool:
        """Revoke all rights of the user, keeping records and tokens; returns whether the user exists.

        With ``keep_one``, raises ``ValueError`` if that left nobody with full access.
        """
        values = {"deprovisioned": self._clock()}
        return self._change(tenant_id, user_id, values, "user.deprovision", by, keep_one=keep_one)

    def reinstate(
        self, tenant_id: int, user_id: str, role: Role, *, scope: RoleScope | None = None, by: str = "system"
    ) -> bool:
        """Give a deprovisioned user a role again, without the old password; returns whether the user exists."""
        values = {
            **role_columns(role, None, scope),
            "deprovisioned": None,
            "password_hash": None,
            "password_expired": False,
        }
        return self._change(tenant_id, user_id, values, "user.reinstate", by, role=role.value, scope=values["scope"])

    def _insert(self, made: User, password_hash: str | None, by: str) -> None:
        values = msgspec.to_builtins(made) | {"password_hash": password_hash}
        with unique(f"a user with the name {made.upn!r} exists"), self._database.write() as connection:
            connection.execute(sa.insert(users).values(**values))
            facts = {"by": by, "target": made.upn, "role": made.role.value, "scope": values["scope"]}
            record(connection, made.tenant_id, made.created, "user.create", **facts)

    def _change(
        self,
        tenant_id: int,
        user_id: str,
        values: dict[str, Any],  # of any column
        action: str,
        by: str,
        *,
        keep_one: bool = False,
        **details: object,
    ) -> bool:
        change = sa.update(users).filter_by(tenant_id=tenant_id, user_id=user_id).values(**values)
        with self._database.write() as connection:
            if keep_one:  # two people who shut each other out take turns
                lock(connection, tenant_id, users.name)
            was_kept = keep_one and _has_full_access(connection, tenant_id)
            upn = connection.execute(change.returning(users.c.upn)).scalar_one_or_none()
            if was_kept and not _has_full_access(connection, tenant_id):
                raise ValueError(f"{upn!r} is the last one with full access")
            if upn is not None:
                if action in _ENDING:
                    revoke(connection, tenant_id, of_user(user_id), self._clock())
                    self._end_guests(connection, tenant_id, user_id, upn, action)
                self._audit(connection, tenant_id, action, by=by, target=upn, **details)
        return upn is not None

    def _end_guests(self, connection: sa.Connection, tenant_id: int, user_id: str, upn: str, action: str) -> None:
        """End the sign-ins of a user's guest accounts; a user deprovisioned at home is deprovisioned everywhere."""
        guests = sa.select(users.c.tenant_id, users.c.user_id)
        guests = guests.filter_by(home_tenant_id=tenant_id, home_user_id=user_id, deprovisioned=None)
        for guest in connection.execute(guests).all():
            revoke(connection, guest.tenant_id, of_user(guest.user_id), self._clock())
            if action == "user.deprovision":
                itself = sa.update(users).filter_by(tenant_id=guest.tenant_id, user_id=guest.user_id)
                connection.execute(itself.values(deprovisioned=self._clock()))
            record(connection, guest.tenant_id, self._clock(), action, by="home tenant", target=upn)

    def _find(self, query: sa.Select[Any], **key: object) -> User | None:  # of any columns
        with self._database.lookup() as connection:
            row = connection.execute(query, key).mappings().one_or_none()
        return None if row is None else user_of(row)


def _has_full_access(connection: sa.Connection, tenant_id: int) -> bool:
    """Return whether a user of the tenant has full access; guests do not count: their home tenant may disable them."""
    found = sa.select(users.c.user_id).filter_by(tenant_id=tenant_id, deprovisioned=None, home_tenant_id=None)
    return connection.execute(found.where(users.c.role.in_([*FULL_ACCESS])).limit(1)).first() is not None
