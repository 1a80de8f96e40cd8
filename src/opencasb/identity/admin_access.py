"""Grant, change and revoke access: the rules for users and roles (identity §11, portal §10)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from opencasb.identity.administrators import may_edit, reinstate
from opencasb.identity.guests import Guests
from opencasb.identity.passwords import hash_password
from opencasb.identity.refusals import InvalidValue, NotAllowed, about
from opencasb.identity.second_factor import SecondFactorCheck
from opencasb.model.role_scope import RoleScope
from opencasb.model.roles import Role
from opencasb.model.user import User
from opencasb.store.api_tokens import ApiTokens
from opencasb.store.streams import Streams
from opencasb.store.users import Users


@dataclass(eq=False)
class AdminAccess:
    """Changes the users of a tenant on behalf of a ``caller`` of the same tenant.

    Every method raises :class:`NotAllowed`, or :class:`InvalidValue` for ``name``, ``role``, ``password``, ``reports``
    or ``active``; in both cases nothing is changed.
    """

    _users: Users
    _guests: Guests
    _api_tokens: ApiTokens
    _streams: Streams
    _second_factors: SecondFactorCheck

    def add(
        self,
        caller: User,
        name: str,
        role: Role,
        *,
        display_name: str = "",
        password: str | None = None,
        reports: Collection[str] | None = None,
        scope: RoleScope | None = None,
        by: str,
    ) -> User:
        """Add a user; ``reports`` are those a report admin may see, ``scope`` comes from :func:`.role_scope`."""
        self._check(caller, role)
        self._check_reports(caller.tenant_id, role, reports)
        digest = _digest(password)
        with about("name"):
            return self._users.create(
                caller.tenant_id,
                name,
                role,
                display_name=display_name,
                stream_ids=reports,
                scope=scope,
                password_hash=digest,
                by=by,
            )

    def invite(
        self,
        caller: User,
        name: str,
        role: Role,
        *,
        reports: Collection[str] | None = None,
        scope: RoleScope | None = None,
        by: str,
    ) -> User:
        """Add a user of another tenant as a guest, who continues to sign in there."""
        self._check(caller, role)
        self._check_reports(caller.tenant_id, role, reports)
        home = self._guests.at_home(caller.tenant_id, name)
        with about("name"):
            return self._users.invite(caller.tenant_id, home, role, stream_ids=reports, scope=scope, by=by)

    def change(
        self,
        caller: User,
        user: User,
        *,
        role: Role | None = None,
        active: bool | None = None,
        password: str | None = None,
        reports: Collection[str] | None = None,
        scope: RoleScope | None = None,
        by: str,
    ) -> None:
        """Change those attributes of a user that are not None: role, access, password, visible reports, scope.

        A new role does not inherit the scope of the old one.
        """
        role = role or user.role
        self._check(caller, user.role, role)
        self._check_reports(user.tenant_id, role, reports)
        digest = _digest(password)
        if digest is not None:
            _check_has_password(user, "password")
        self._change_access(user, role, active=user.active if active is None else active, by=by)
        if role is not user.role or reports is not None or scope is not None:
            with about("role"):
                self._users.set_role(
                    user.tenant_id, user.user_id, role, stream_ids=reports, scope=scope, keep_one=True, by=by
                )
        if digest is not None:
            self._users.set_password(user.tenant_id, user.user_id, digest, by=by)

    def expire_password(self, caller: User, user: User, *, by: str) -> None:
        """Require a new password at the user's next sign-in."""
        self._check(caller, user.role)
        _check_has_password(user, "password_expired")
        self._users.expire_password(user.tenant_id, user.user_id, by=by)

    def remove_second_factor(self, caller: User, user: User, *, by: str) -> bool:
        """Remove the second factor of a user who lost the app; return whether one was set up."""
        self._check(caller, user.role)
        return self._second_factors.remove(user, by=by)

    def _change_access(self, user: User, role: Role, *, active: bool, by: str) -> None:
        if user.active and not active:
            with about("active"):
                self._users.deprovision(user.tenant_id, user.user_id, keep_one=True, by=by)
        if active and not user.active:
            self._check_home(user)
            reinstate(self._users, self._api_tokens, user, role, by=by)

    def _check_home(self, user: User) -> None:
        home = self._guests.home_of(user)
        if user.is_guest and (home is None or not home.active):
            raise InvalidValue("active", f"{user.upn!r} is shut out of the tenant that they belong to")

    def _check(self, caller: User, *roles: Role) -> None:
        if not may_edit(caller, *roles):
            raise NotAllowed

    def _check_reports(self, tenant_id: int, role: Role, reports: Collection[str] | None) -> None:
        if reports is None:
            return
        limited = Role.CLOUD_DISCOVERY_REPORT_ADMIN
        if role is not limited:
            raise InvalidValue("reports", f"only the role {limited.value!r} is limited to reports")
        known = {stream.stream_id for stream in self._streams.all(tenant_id)}
        if unknown := sorted(set(reports) - known):
            raise InvalidValue("reports", f"{unknown[0][:100]!r} is not a report")


def _check_has_password(user: User, field: str) -> None:
    if user.is_guest:
        raise InvalidValue(field, "a guest signs in at home and has no password here")


def _digest(password: str | None) -> str | None:
    if password is None:
        return None
    with about("password"):
        return hash_password(password)
