"""The requested content of an IP range, its validation, and the resulting wire record (api §11.2, §11.3)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from opencasb.model.ip_block import IpBlock, ip_block
from opencasb.model.written_line import is_written_line
from opencasb.store.ip_tags import BUILT_IN, IpTag, category_of
from opencasb.store.records import Record

HIGHEST_CATEGORY: Final = 6
LONGEST_NAME: Final = 256
MOST_BLOCKS: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeRule:
    """The requested content of a range. ``subnets`` are CIDR texts, ``tags`` are names and ids.

    ``location`` has some of ``name``, ``latitude``, ``longitude``, ``countryCode`` and ``countryName``. Location and
    ``organization`` override other enrichment of the addresses, unless the flag beside them is off.
    """

    name: str
    category: int
    subnets: Sequence[str]
    tags: Sequence[str] = ()
    organization: str | None = None
    override_organization: bool = True
    location: Mapping[str, Any] | None = None  # JSON
    override_location: bool = True


def checked(rule: RangeRule) -> tuple[RangeRule, list[IpBlock]]:
    """Return the rule with its name trimmed, and the blocks of its subnets in order.

    Raises ``ValueError`` naming an invalid field and its value.
    """
    name = rule.name.strip()
    if not 1 <= len(name) <= LONGEST_NAME or not is_written_line(name):
        raise ValueError(f"name: {rule.name[:100]!r} must have 1 to {LONGEST_NAME} printable characters")
    if not 0 <= rule.category <= HIGHEST_CATEGORY:
        raise ValueError(f"category: {rule.category} must be 0 (none) to {HIGHEST_CATEGORY} (other)")
    if not 1 <= len(rule.subnets) <= MOST_BLOCKS:
        raise ValueError(f"subnets: 1 to {MOST_BLOCKS} addresses or blocks are needed, not {len(rule.subnets)}")
    try:
        blocks = [ip_block(text) for text in rule.subnets]
    except ValueError as error:
        raise ValueError(f"subnets: {error}") from None
    return dataclasses.replace(rule, name=name), blocks


def document(
    tenant_id: int, range_id: str, rule: RangeRule, blocks: Sequence[IpBlock], tags: Sequence[IpTag], now: int
) -> dict[str, Any]:  # a wire record
    """Return the wire record of a checked rule.

    Besides the documented keys it holds only flags that are off, so that a client that sends a record back keeps them.
    """
    made: dict[str, Any] = {
        "_id": range_id,
        "name": rule.name,
        "subnets": [
            {"originalString": text, "address": block.address, "mask": block.mask}
            for text, block in zip(rule.subnets, blocks, strict=True)
        ],
        "location": rule.location or None,
        "organization": rule.organization or None,
        "tags": [tag.record(tenant_id) for tag in tags],
        "category": rule.category,
        "lastModified": float(now),
        "_tid": tenant_id,
    }
    if made["location"] and not rule.override_location:
        made["overrideLocation"] = False
    if made["organization"] and not rule.override_organization:
        made["overrideOrganization"] = False
    return made


def built_in_range(tag_id: str) -> dict[str, Any]:  # a wire record
    """Return the wire record of the built-in range behind a built-in tag; its blocks are not disclosed."""
    tag = IpTag(tag_id=tag_id, name=BUILT_IN[tag_id])
    return {
        "_id": tag_id,
        "id": tag_id,
        "name": tag.name,
        "subnets": [],
        "sourceIsps": [],
        "builtIn": True,
        "tags": [tag.record(0)],
        "category": category_of([tag_id]),
        "_tid": 0,
    }


def record_of(made: Mapping[str, Any]) -> Record:  # of a wire record
    """Return a wire record with the columns that lists filter and sort by."""
    columns = {
        "modified": int(made.get("lastModified", 0)),
        "name": made["name"].lower(),
        "category": made["category"],
        "tag_names": ", ".join(sorted(tag["name"].lower() for tag in made["tags"])),
        "is_built_in": made.get("builtIn", False),
    }
    return Record(made["_id"], columns, {"tags": [tag["id"] for tag in made["tags"]]}, made)
