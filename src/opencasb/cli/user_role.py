"""Options for a user's role and its limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from opencasb.cli.options import all_of
from opencasb.identity.refusals import InvalidValue
from opencasb.model.roles import Role

if TYPE_CHECKING:
    from opencasb.app import Casb
    from opencasb.model.role_scope import RoleScope

_LIMITS = {
    "apps": "--app",
    "groups": "--group",
    "read_only": "--read-only",
    "allowed_anonymization": "--allow-anonymization",
}
role_options = all_of(
    click.option(
        "--app", "apps", multiple=True, help="App of an App/instance admin: number, or app|instance; repeatable."
    ),
    click.option("--group", "groups", multiple=True, help="Imported group (id) of a User group admin; repeatable."),
    click.option("--read-only", is_flag=True, help="Read-only, for an App/instance or User group admin."),
    click.option(
        "--allow-anonymization",
        "allowed_anonymization",
        is_flag=True,
        help="Let a Cloud Discovery global admin resolve pseudonyms.",
    ),
    click.option(
        "--report",
        "reports",
        multiple=True,
        help="Report that a Cloud Discovery report admin may see; repeatable.",
    ),
)
"""Options that limit a role."""


def role_named(text: str) -> Role:
    """Return the role with that name. Raises ``BadParameter``, which lists them all."""
    try:
        return Role.parse(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="role") from None


def report_ids(casb: Casb, tenant_id: int, role: Role, reports: tuple[str, ...]) -> list[str] | None:
    """Return the ids of the reports that a report admin is limited to, None for other roles."""
    if role is not Role.CLOUD_DISCOVERY_REPORT_ADMIN:
        if reports:
            raise click.UsageError(f"--report is for the role {Role.CLOUD_DISCOVERY_REPORT_ADMIN.value!r} only")
        return None
    return [_stream_id(casb, tenant_id, report) for report in reports]


def scope_of(casb: Casb, tenant_id: int, role: Role, given: Mapping[str, Any]) -> RoleScope | None:  # option values
    """Return a role's limits other than reports, or None if it has none."""
    from opencasb.identity.role_scopes import role_scope

    try:
        return role_scope(casb.user_groups, tenant_id, role, **{name: given[name] for name in _LIMITS})
    except InvalidValue as error:
        raise click.UsageError(f"{_LIMITS[error.field]}: {error}") from None


def _stream_id(casb: Casb, tenant_id: int, report: str) -> str:
    found = casb.streams.get(tenant_id, report) or casb.streams.by_name(tenant_id, report)
    if found is None:
        raise click.ClickException(f"--report: {report!r} is not a report (opencasb report list)")
    return found.stream_id
