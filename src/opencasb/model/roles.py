"""The administrator roles of the product (portal §10)."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What kind of administrator a user is; the value is the name that people see."""

    GLOBAL_ADMINISTRATOR = "Global administrator"
    SECURITY_ADMINISTRATOR = "Security administrator"
    CLOUD_APP_SECURITY_ADMINISTRATOR = "Cloud App Security administrator"
    COMPLIANCE_ADMINISTRATOR = "Compliance administrator"
    COMPLIANCE_DATA_ADMINISTRATOR = "Compliance data administrator"
    SECURITY_OPERATOR = "Security operator"
    SECURITY_READER = "Security reader"
    GLOBAL_READER = "Global reader"
    POWER_BI_ADMINISTRATOR = "Power BI administrator"
    APP_INSTANCE_ADMIN = "App/instance admin"
    USER_GROUP_ADMIN = "User group admin"
    CLOUD_DISCOVERY_GLOBAL_ADMIN = "Cloud Discovery global admin"
    CLOUD_DISCOVERY_REPORT_ADMIN = "Cloud Discovery report admin"

    @classmethod
    def parse(cls, text: str) -> Role:
        """Return the role that ``text`` names; case, punctuation and "admin" for "administrator" do not matter.

        Raises ``ValueError`` that lists every role.
        """
        for role in cls:
            if _plain(role) == _plain(text):
                return role
        raise ValueError(f"role {text!r} is unknown; the roles are: {', '.join(cls)}")

    @property
    def slug(self) -> str:
        """The name as one word for command lines: ``security-reader``."""
        return re.sub(r"[^a-z0-9]+", "-", self.value.lower())


FULL_ACCESS: Final = frozenset(
    {Role.GLOBAL_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.CLOUD_APP_SECURITY_ADMINISTRATOR}
)
"""The roles without any limit, which no other assignment can reduce."""


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower()).replace("administrator", "admin")
