"""Users and their roles."""

from __future__ import annotations

import re
from typing import Any, Final

from opencasb.identity.administrators import may_edit, may_view
from opencasb.identity.passwords import LONGEST, SHORTEST
from opencasb.identity.refusals import InvalidValue, about
from opencasb.identity.role_scopes import ROLES_WITH, role_scope
from opencasb.model.role_scope import RoleScope
from opencasb.model.roles import Role
from opencasb.portal.page import Page
from opencasb.portal.pages.named import name_of_user, user_of
from opencasb.portal.routes import Action, Confirmation, View
from opencasb.portal.visit import NotFound, Visit
from opencasb.store.user_groups import BUILT_IN

PAGE: Final = 100


def show_all(visit: Visit) -> Page:
    """List a page of users by name, deprovisioned ones too: all, or those with the search text in a name."""
    text, page = visit.query.get("text", "").strip(), visit.query.get("page", "1")
    wanted = text.casefold()
    found = [
        each
        for each in visit.casb.users.all(visit.tenant_id)
        if wanted in each.upn.casefold() or wanted in each.display_name.casefold()
    ]
    first = PAGE * (int(page) - 1) if re.fullmatch(r"[1-9][0-9]{0,6}", page) else -1
    if first not in range(max(len(found), 1)):
        raise NotFound
    return visit.render(
        "users.html.j2",
        users=found[first : first + PAGE],
        text=text,
        page=int(page),
        first=first,
        total=len(found),
        most=PAGE,
        may_edit=may_edit(visit.user),
    )


def new(visit: Visit) -> Page:
    """Show the form for a new user."""
    return visit.render("user_new.html.j2", area="users", **_choices(visit))


def show(visit: Visit) -> Page:
    """Show one user, with forms for visitors who may change the role."""
    user = user_of(visit)
    return visit.render(
        "user.html.j2",
        area="users",
        shown=user,
        may_edit=may_edit(visit.user, user.role),
        scope=user.scope or RoleScope(),
        second_factor=visit.casb.identity.second_factors.is_required(user),
        **_choices(visit),
    )


def create(visit: Visit) -> str:
    """Add a user, with a password if one is given, or admit a guest."""
    role, name, access = _role(visit), visit.form.line("name", required=True), visit.casb.identity.admin_access
    limits: dict[str, Any] = {"reports": _reports(visit, role), "scope": _scope(visit, role), "by": visit.user.upn}
    if visit.form.ticked("guest"):
        for field in ("password", "display_name"):
            if visit.form.raw(field):
                raise InvalidValue(field, "Guests use the one from their own organization; leave this empty.")
        made = access.invite(visit.user, name, role, **limits)
    else:
        shown, password = visit.form.line("display_name"), visit.form.raw("password") or None
        made = access.add(visit.user, name, role, display_name=shown, password=password, **limits)
    return f"users/{made.user_id}?done=created"


def set_role(visit: Visit) -> str:
    """Change a user's role."""
    user, role = user_of(visit), _role(visit)
    access, reports = visit.casb.identity.admin_access, _reports(visit, role)
    access.change(visit.user, user, role=role, reports=reports, scope=_scope(visit, role), by=visit.user.upn)
    return f"users/{user.user_id}?done=saved"


def set_password(visit: Visit) -> str:
    """Replace a user's password, which ends all their sessions."""
    user, password = user_of(visit), visit.form.raw("password")
    visit.casb.identity.admin_access.change(visit.user, user, password=password, by=visit.user.upn)
    return f"users/{user.user_id}?done=saved"


def expire_password(visit: Visit) -> str:
    """Require a new password at the user's next sign-in."""
    user = user_of(visit)
    visit.casb.identity.admin_access.expire_password(visit.user, user, by=visit.user.upn)
    return f"users/{user.user_id}?done=saved"


def deprovision(visit: Visit) -> str:
    """Deprovision a user: remove all their access."""
    user = user_of(visit)
    visit.casb.identity.admin_access.change(visit.user, user, active=False, by=visit.user.upn)
    return f"users/{user.user_id}?done=saved"


def remove_second_factor(visit: Visit) -> str:
    """Remove the second factor of a user who lost it, so that the password alone is enough."""
    user = user_of(visit)
    if not visit.casb.identity.admin_access.remove_second_factor(visit.user, user, by=visit.user.upn):
        raise NotFound
    return f"users/{user.user_id}?done=removed"


def reinstate(visit: Visit) -> str:
    """Restore a deprovisioned user's access."""
    user, role = user_of(visit), _role(visit)
    visit.casb.identity.admin_access.change(visit.user, user, role=role, active=True, by=visit.user.upn)
    return f"users/{user.user_id}?done=saved"


def _role(visit: Visit) -> Role:
    with about("role"):
        return Role.parse(visit.form.line("role", required=True))


def _reports(visit: Visit, role: Role) -> list[str] | None:
    given = visit.form.all("reports")
    return given if given or role is Role.CLOUD_DISCOVERY_REPORT_ADMIN else None


def _scope(visit: Visit, role: Role) -> RoleScope | None:
    form = visit.form
    return role_scope(
        visit.casb.user_groups,
        visit.tenant_id,
        role,
        apps=form.line("apps", longest=4000).replace(",", " ").split(),
        groups=form.all("groups"),
        read_only=form.ticked("read_only"),
        allowed_anonymization=form.ticked("allowed_anonymization"),
    )


def _choices(visit: Visit) -> dict[str, Any]:  # what forms offer
    return {
        "roles": [role for role in Role if may_edit(visit.user, role)] or list(Role),
        "limited": Role.CLOUD_DISCOVERY_REPORT_ADMIN,
        "limits": {part: " and ".join(sorted(role.value for role in having)) for part, having in ROLES_WITH.items()},
        "groups": [each for each in visit.casb.user_groups.all(visit.tenant_id) if each["_id"] not in BUILT_IN],
        "streams": visit.casb.streams.all(visit.tenant_id),
        "shortest": SHORTEST,
        "longest": LONGEST,
    }


DEPROVISION: Final = Confirmation(
    "Remove all access of this user?",
    "They can no longer sign in. Their sessions end, and their API tokens and all tokens obtained for them stop "
    "working immediately. Records are kept. You can restore access later.",
    "Deprovision",
    name_of_user,
)

REMOVE_SECOND_FACTOR: Final = Confirmation(
    "Remove the second factor of this user?",
    "Until they add another one, the password alone is enough to sign in.",
    "Remove",
    name_of_user,
)

VIEWS: Final = (
    View("users", may_view, show_all),
    View("users/new", may_edit, new),
    View("users/<user_id>", may_view, show),
)
ACTIONS: Final = (
    Action("users", may_edit, create, new),
    Action("users/<user_id>/role", may_edit, set_role, show),
    Action("users/<user_id>/password", may_edit, set_password, show),
    Action("users/<user_id>/expire-password", may_edit, expire_password, show),
    Action("users/<user_id>/second-factor", may_edit, remove_second_factor, show, REMOVE_SECOND_FACTOR),
    Action("users/<user_id>/deprovision", may_edit, deprovision, show, DEPROVISION),
    Action("users/<user_id>/reinstate", may_edit, reinstate, show),
)
