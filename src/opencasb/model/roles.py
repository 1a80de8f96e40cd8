"""The administrator roles of the product (portal §10)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Role(StrEnum):
    """The kind of administrator that a user is; the value is the display name."""

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
        """Parse the name of a role, ignoring case, punctuation and "admin" versus "administrator".

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
"""The unlimited roles, which no other assignment can reduce."""

TEMPLATE_IDS: Final[Mapping[Role, str]] = MappingProxyType(
    {
        Role.GLOBAL_ADMINISTRATOR: "62e90394-69f5-4237-9190-012177145e10",
        Role.SECURITY_ADMINISTRATOR: "194ae4cb-b126-40b2-bd5b-6091b380977d",
        Role.CLOUD_APP_SECURITY_ADMINISTRATOR: "892c5842-a9a6-463a-8041-72aa08ca3cf6",
        Role.COMPLIANCE_ADMINISTRATOR: "17315797-102d-40b4-93e0-432062caca18",
        Role.COMPLIANCE_DATA_ADMINISTRATOR: "e6d1a23a-da11-4be4-9570-befc86d067a7",
        Role.SECURITY_OPERATOR: "5f2222b1-57c3-48ba-8ad5-d4759f1fde6f",
        Role.SECURITY_READER: "5d6b6bb7-de71-4623-b4af-96380a352509",
        Role.GLOBAL_READER: "f2ef992c-3afb-46b9-b7cf-a126ee74c451",
        Role.POWER_BI_ADMINISTRATOR: "a9ea8996-122f-4c74-9520-8edcd192826c",
    }
)
"""Directory roles by the template ids that tokens carry in ``wids`` (identity §11); the other roles are our own."""


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower()).replace("administrator", "admin")
