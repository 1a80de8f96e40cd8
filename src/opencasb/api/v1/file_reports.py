"""Built-in reports on files at risk: orphaned, shared with personal accounts, or with sensitive names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec

from opencasb.activities.entity_keys import own_keys
from opencasb.activities.personal_accounts import free_mail, likely_addresses, likely_names
from opencasb.activities.sensitive_names import categories_of, sensitive_words
from opencasb.api.v1.report_rows import (
    ACCOUNT,
    DATA_MANAGEMENT,
    DELETED_ACCOUNT,
    ENTITY_STATUS,
    ENTITY_TYPE,
    MOST_ROWS,
    SUSPENDED_ACCOUNT,
    USER_MANAGEMENT,
    Report,
    Row,
    kept,
    reaching_out,
    text,
)
from opencasb.filters.field import Kind, column
from opencasb.filters.tables.files import NAME_WORDS
from opencasb.filters.tree import AllOf, Among, AnyOf, Node, Not, OneOf
from opencasb.filters.words import words_of
from opencasb.governance.visibility import visible
from opencasb.model.pieces import pieces
from opencasb.store.entities import KeysOfAccounts
from opencasb.store.summaries import by_column, by_value

if TYPE_CHECKING:
    from opencasb.app import Casb
    from opencasb.model.principal import Principal

_OWNER: Final = column("owner_entity", folded=True)
_OWN_KEYS: Final = column("own_entities", many=True, folded=True)
_USER_NAME: Final = column("user_name", folded=True)
_DISPLAY_NAME: Final = column("display_name", folded=True)
_EXTERNAL: Final = column("is_external", Kind.FLAG)
_GONE: Final = (SUSPENDED_ACCOUNT, DELETED_ACCOUNT)

_Json = dict[str, Any]


def _orphans(casb: Casb, principal: Principal, own: Node) -> Iterable[Row]:
    """Count the files of suspended or deleted accounts."""
    tenant_id = principal.tenant_id
    gone = Among(_OWNER, KeysOfAccounts(casb.database, tenant_id, _GONE))
    files = by_column(casb.files, tenant_id, "owner_entity", kept(AllOf((own, gone))))
    owners = _owners(casb, principal, [text(group.value) for group in files])
    for group in files:
        owner = owners.get(text(group.value))
        if owner is not None:  # accounts hidden from the caller must not leak
            named = {name: owner[name] for name in ("displayName", "email", "appData", "status", "lastSeen")}
            yield text(group.value), {**named, "files": group.records}


def _owners(casb: Casb, principal: Principal, keys: Sequence[str]) -> Mapping[str, _Json]:
    """Return the suspended or deleted accounts that the caller may see, by key."""
    where = AllOf((OneOf(_OWN_KEYS, tuple(keys)), OneOf(ENTITY_STATUS, _GONE)))
    return {key: account for account in _accounts(casb, principal, where) for key in own_keys(account)}


def _personal(casb: Casb, principal: Principal, own: Node) -> Iterable[Row]:
    """Count the files shared with each free-mail address, and guess the corporate user behind it."""
    domains = casb.own_domains.all(principal.tenant_id)
    endings = [f"@{domain}" for domain in free_mail() if domain not in domains]
    found = by_value(casb.files, principal.tenant_id, "collaborator_users", kept(own), endings=endings)
    people = _people(casb, principal, [text(group.value) for group in found])
    for group in found:
        address = text(group.value)
        yield address, {"account": address, "corporateUser": people.get(address), "files": group.records}


def _people(casb: Casb, principal: Principal, addresses: Sequence[str]) -> Mapping[str, str]:
    """Return address → user name of the internal account that probably belongs to the same person."""
    domains, found = casb.own_domains.all(principal.tenant_id), dict[str, str]()
    internal = Not(OneOf(_EXTERNAL, (True,)))
    for piece in pieces(addresses, 100):
        known = {each: (*likely_addresses(each, domains), *likely_names(each)) for each in piece}
        names = tuple({name for likely in known.values() for name in likely})
        same = AnyOf((OneOf(_USER_NAME, names), OneOf(_DISPLAY_NAME, names)))
        by_name: dict[str, str] = {}
        for account in _accounts(casb, principal, AllOf((internal, same))):
            user = (account["email"] or account["id"]).lower()
            by_name.setdefault(user, user)
            by_name.setdefault((account["displayName"] or "").lower(), user)
        for address, likely in known.items():
            owner = next((by_name[name] for name in likely if name in by_name and by_name[name] != address), None)
            if owner is not None:
                found[address] = owner
    return found


def _accounts(casb: Casb, principal: Principal, where: Node) -> list[_Json]:
    """Return the accounts that the caller may see, by user name."""
    seen = visible(principal, "entities", casb.database)
    mine = AllOf((OneOf(ENTITY_TYPE, (ACCOUNT,)), where, seen))
    rows = casb.entities.page(principal.tenant_id, mine, order="user_name", ascending=True, limit=MOST_ROWS)
    return [msgspec.json.decode(row.document) for row in rows]


def _telling_names(casb: Casb, principal: Principal, own: Node) -> Iterable[Row]:
    """Return the newest externally shared files whose names suggest sensitive content."""
    where = reaching_out(AllOf((own, OneOf(NAME_WORDS, sensitive_words()))))
    for row in casb.files.page(principal.tenant_id, where, order="modified", ascending=False, limit=MOST_ROWS):
        file = msgspec.json.decode(row.document)
        data = {
            "name": file["name"],
            "categories": categories_of(words_of(file["name"])),
            "owner": file["ownerAddress"] or file["ownerName"],
            "appId": file["appId"],
            "appName": file["appName"],
            "fileAccessLevel": file["fileAccessLevel"][1],
            "alternateLink": file["alternateLink"],
            "modifiedDate": file["modifiedDate"],
        }
        yield row.record_id, data


_FILES: Final = ("files.view",)
_BOTH: Final = ("files.view", "entities.view")

REPORTS: Final = (
    Report("orphan_files", "Orphan Files", DATA_MANAGEMENT, _BOTH, _orphans),
    Report("personal_users", "Personal User Accounts", USER_MANAGEMENT, _BOTH, _personal),
    Report("file_name_dlp", "Sensitive File Names", DATA_MANAGEMENT, _FILES, _telling_names),
)
