"""Tell internal from external users by e-mail domain, given the tenant's own domains."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from opencasb.activities.wire_parts import at, listed
from opencasb.store.user_groups import APPLICATIONS, EXTERNAL_USERS

_INVITED: Final = "#ext#"


def is_external(address: str | None, domains: Collection[str]) -> bool | None:
    """Return whether an address lies outside the domains and their subdomains; None if that cannot be decided.

    ``domains`` are in lower case. It cannot be decided for a name without a domain, or if the tenant has no own
    domains.
    """
    _, mark, domain = (address or "").lower().rpartition("@")
    if not domains or not mark or "." not in domain:
        return None
    if _INVITED in str(address).lower():
        return True
    labels = domain.split(".")
    return not any(".".join(labels[first:]) in domains for first in range(len(labels)))


def with_tag(activity: dict[str, Any], domains: Collection[str]) -> dict[str, Any]:  # JSON
    """Return a wire-format activity, with its user in the external users group if the address is external."""
    user = activity.get("user")
    tags, name = listed(at(user, "userTags")), at(user, "userName")
    if not isinstance(user, Mapping) or EXTERNAL_USERS in tags or APPLICATIONS in tags:
        return activity
    if not isinstance(name, str) or not is_external(name, domains):
        return activity
    return {**activity, "user": {**user, "userTags": [*tags, EXTERNAL_USERS]}}
