"""Links to files: how far each kind reaches, and the groups that stand for links in SharePoint's records."""

from __future__ import annotations

import re
from typing import Final

from opencasb.activities.file_sharing import EXTERNAL, INTERNAL, PUBLIC, PUBLIC_INTERNET

COMPANY: Final = "company"
OUTSIDE: Final = "outside"
ANYONE: Final = "anonymous"
WEB: Final = "web"
"""Links to a file, and shares without a named recipient."""

LINK_LEVELS: Final = {COMPANY: INTERNAL, OUTSIDE: EXTERNAL, ANYONE: PUBLIC, WEB: PUBLIC_INTERNET}

_GROUP: Final = re.compile(r"sharinglinks\.[0-9a-f-]{36}\.(anonymous|organization|flexible)", re.ASCII | re.IGNORECASE)
_LINKS: Final = {"anonymous": ANYONE, "organization": COMPANY, "flexible": OUTSIDE}


def link_of_group(name: str) -> str | None:
    """Return the link that a group such as ``SharingLinks.<guid>.OrganizationEdit.<guid>`` stands for, or None.

    A flexible link opens to the people whom other events name; without these, it at most reaches somebody outside.
    """
    found = _GROUP.match(name)
    return _LINKS[found[1].lower()] if found else None
