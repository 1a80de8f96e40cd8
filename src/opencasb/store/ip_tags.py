"""IP tags (api §11.4): the built-in ones, shared by all tenants, and each tenant's own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from opencasb.model.id_forms import is_object_id
from opencasb.model.written_line import is_written_line
from opencasb.store.database import metadata, new_id
from opencasb.store.repository import Repository

TARGET: Final = 1
"""The wire number of addresses among the kinds of object that can be tagged."""

LONGEST_NAME: Final = 64
MOST_PER_RANGE: Final = 100

BUILT_IN: Final = {
    "0000002d0000000000000000": "Akamai Technologies",
    "000000290000000000000000": "Amazon Web Services",
    "000000030000000000000000": "Anonymous proxy",
    "0000002f0000000000000000": "Ascenty Data Centers",
    "0000000c0000000000000000": "Botnet",
    "000000380000000000000000": "Brute force attacker",
    "000000270000000000000000": "Cisco CWS",
    "000000050000000000000000": "Cloud App Security network",
    "0000001f0000000000000000": "Darknet scanning IP",
    "0000000e0000000000000000": "Exchange Online",
    "000000150000000000000000": "Exchange Online Protection",
    "000000280000000000000000": "Google Cloud Platform",
    "000000310000000000000000": "Internal Network IP",
    "0000000d0000000000000000": "Malware CnC server",
    "0000002e0000000000000000": "Masergy Communications",
    "0000002c0000000000000000": "McAfee Web Gateway",
    "0000002a0000000000000000": "Microsoft Azure",
    "0000001e0000000000000000": "Microsoft Cloud",
    "0000003a0000000000000000": "Microsoft Hosting",
    "000000100000000000000000": "Microsoft authentication and identity",
    "000000170000000000000000": "Office 365",
    "000000190000000000000000": "Office 365 Planner",
    "000000120000000000000000": "Office 365 ProPlus",
    "000000140000000000000000": "Office Online",
    "0000001d0000000000000000": "Office Sway",
    "0000001a0000000000000000": "Office Web Access Companion",
    "000000130000000000000000": "OneNote",
    "0000001c0000000000000000": "Remote Connectivity Analyzer",
    "000000390000000000000000": "Salesforce Cloud",
    "000000040000000000000000": "Satellite provider",
    "000000300000000000000000": "ScanSafe",
    "0000000f0000000000000000": "SharePoint Online",
    "000000180000000000000000": "Skype for Business Online",
    "000000330000000000000000": "Symantec Cloud",
    "2dfa95cd7922d979d66fcff5": "Tor",
    "0000001b0000000000000000": "Yammer",
    "000000160000000000000000": "Zscaler",
}
"""Tag id → name. Wire: clients keep these ids, so they never change."""

_RISKY: Final = frozenset({"Anonymous proxy", "Tor", "Botnet"})
_NO_PROVIDER: Final = frozenset(
    {
        "Brute force attacker",
        "Darknet scanning IP",
        "Internal Network IP",
        "Malware CnC server",
        "Satellite provider",
    }
)
BUILT_IN_IDS: Final = {name.lower(): tag_id for tag_id, name in BUILT_IN.items()}
"""Name in lower case → tag id."""

ip_tags = sa.Table(
    "ip_tags",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("tag_id", sa.String(24), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("folded_name", sa.Text, nullable=False),
    sa.UniqueConstraint("tenant_id", "folded_name"),
)


class IpTag(msgspec.Struct, frozen=True, kw_only=True):
    """A tag for IP addresses."""

    tag_id: str
    name: str

    @property
    def built_in(self) -> bool:
        """Whether the tag is built into the product."""
        return self.tag_id in BUILT_IN

    def record(self, tenant_id: int) -> dict[str, Any]:  # JSON
        """Return the wire record."""
        common = {"_id": self.tag_id, "id": self.tag_id, "name": self.name, "target": TARGET, "status": 0}
        if not self.built_in:
            return {**common, "type": 0, "_tid": tenant_id}
        code = f"SAGE_BUILTIN_TAG_{re.sub('[^A-Z0-9]+', '_', self.name.upper())}"
        return {
            **common,
            "type": 2,
            "visibility": 0,
            "description": self.name,
            "nameTemplate": {"template": f"{code}_NAME"},
            "descriptionTemplate": {"template": f"{code}_DESCRIPTION"},
            "_tid": 0,
        }


class IpTags(Repository):
    """The IP tags of each tenant. Names are case-insensitive and keep the case of their first use."""

    def all(self, tenant_id: int) -> list[IpTag]:
        """Return every tag: the built-in ones first, then the tenant's own by name."""
        with self._database.read() as connection:
            rows = connection.execute(sa.select(ip_tags).where(ip_tags.c.tenant_id == tenant_id)).all()
        # Sorted here, because the engines collate differently.
        own = sorted(rows, key=lambda row: row.folded_name)
        built_in = [IpTag(tag_id=tag_id, name=name) for tag_id, name in BUILT_IN.items()]
        return [*built_in, *(IpTag(tag_id=row.tag_id, name=row.name) for row in own)]


def category_of(tag_ids: Iterable[str]) -> int:
    """Return the category of an address that has only built-in tags: 3, 5 or 0 (connectors §6.1)."""
    names = {BUILT_IN[tag_id] for tag_id in tag_ids if tag_id in BUILT_IN}
    if names & _RISKY:
        return 3
    return 5 if names - _NO_PROVIDER else 0


def resolve(connection: sa.Connection, tenant_id: int, given: Sequence[str]) -> list[IpTag]:
    """Return the tags with the given names and ids, each once and in order; unknown names become new tags.

    Runs in the transaction of ``connection``, which blocks other writers of IP ranges. Raises ``ValueError`` for an
    unknown id, a malformed name or too many tags.
    """
    found: dict[str, IpTag] = {}
    for text in given:
        tag = _found(connection, tenant_id, text.strip())
        found[tag.tag_id] = tag
        if len(found) > MOST_PER_RANGE:
            raise ValueError(f"tags: at most {MOST_PER_RANGE} are allowed")
    return list(found.values())


def _found(connection: sa.Connection, tenant_id: int, text: str) -> IpTag:
    folded = text.lower()
    is_id = is_object_id(folded)
    built_in = folded if folded in BUILT_IN else BUILT_IN_IDS.get(folded)
    if built_in is not None:
        return IpTag(tag_id=built_in, name=BUILT_IN[built_in])
    column = ip_tags.c.tag_id if is_id else ip_tags.c.folded_name
    if not is_id and not (1 <= len(text) <= LONGEST_NAME and is_written_line(text)):
        raise ValueError(f"tags: {text[:100]!r} must have 1 to {LONGEST_NAME} printable characters")
    query = sa.select(ip_tags.c.tag_id, ip_tags.c.name).where(ip_tags.c.tenant_id == tenant_id, column == folded)
    row = connection.execute(query).one_or_none()
    if row is not None:
        return IpTag(tag_id=row.tag_id, name=row.name)
    if is_id:
        raise ValueError(f"tags: {text!r} is not the id of a tag; a tag may also be given by its name")
    return _made(connection, tenant_id, text)


def _made(connection: sa.Connection, tenant_id: int, name: str) -> IpTag:
    made = IpTag(tag_id=new_id(), name=name)
    row = {"tenant_id": tenant_id, "tag_id": made.tag_id, "name": name, "folded_name": name.lower()}
    connection.execute(sa.insert(ip_tags).values(**row))
    return made
