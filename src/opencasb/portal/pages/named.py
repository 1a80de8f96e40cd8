"""Lookup of what a page's address names, within the visitor's tenant; anything else is not found."""

from __future__ import annotations

import re
from typing import Final

from opencasb.model.application import Application
from opencasb.model.user import User
from opencasb.portal.visit import NotFound, Visit

_ID: Final = re.compile(r"[0-9a-f-]{1,36}")


def id_in(visit: Visit, name: str) -> str:
    """Return an id in the path. Raises :class:`NotFound` if it is malformed."""
    found = visit.path[name].lower()
    if not _ID.fullmatch(found):
        raise NotFound
    return found


def application_of(visit: Visit) -> Application:
    """Return the application in the path. Raises :class:`NotFound`."""
    found = visit.casb.identity.applications.get(visit.tenant_id, id_in(visit, "client_id"))
    if found is None:
        raise NotFound
    return found


def name_of_application(visit: Visit) -> str:
    """Return the name of the application in the path. Raises :class:`NotFound`."""
    return application_of(visit).name


def user_of(visit: Visit) -> User:
    """Return the user in the path. Raises :class:`NotFound`."""
    found = visit.casb.users.get(visit.tenant_id, id_in(visit, "user_id"))
    if found is None:
        raise NotFound
    return found


def name_of_user(visit: Visit) -> str:
    """Return the name of the user in the path. Raises :class:`NotFound`."""
    return user_of(visit).upn
