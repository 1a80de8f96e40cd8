"""Filters of files, and the default for deleted ones (api §10.4)."""

from __future__ import annotations

from typing import Any

import pytest

from opencasb.filters.fields import FILES
from opencasb.filters.parse import parse
from opencasb.filters.predicate import holds
from opencasb.filters.tables.files import without_deleted
from opencasb.filters.words import words_of
from tests.conftest import NOW
from tests.filters.found import found, lacking

DOCUMENTED = {
    "service": "eq neq",
    "instance": "eq neq",
    "fileType": "eq neq",
    "allowDeleted": "eq",
    "policy": "cabinetmatchedrulesequals neq isset isnotset",
    "filename": "eq text",
    "modifiedDate": "lte gte range lte_ndays gte_ndays",
    "createdDate": "lte gte range",
    "collaborators.entity": "eq neq",
    "collaborators.users": "eq neq",
    "collaborators.domains": "eq neq",
    "collaborators.groups": "eq neq",
    "collaborators.withDomain": "eq neq deq",
    "owner.entity": "eq neq",
    "owner.username": "eq neq",
    "owner.orgUnit": "eq neq",
    "sharing": "eq neq",
    "fileId": "eq neq",
    "fileLabels": "eq neq isset isnotset",
    "fileScanLabels": "eq neq isset isnotset",
    "extension": "eq neq",
    "mimeType": "eq neq",
    "trashed": "eq",
    "parentFolder": "eq neq",
    "folder": "eq",
    "quarantined": "eq",
    "snapshotLastModifiedDate": "lte gte range",
}

RECORDS: dict[str, dict[str, Any]] = {
    "p": {
        "modified": NOW,
        "created": NOW - 5,
        "snapshot_modified": NOW,
        "app_id": 20892,
        "instance_id": 0,
        "file_type": 2,
        "access_level": 2,
        "file_status": 0,
        "name": "virus-malware-file.exe",
        "name_words": words_of("virus-malware-file.exe"),
        "extension": "EXE",
        "mime_type": "application/x-msdownload",
        "is_folder": False,
        "is_quarantined": True,
        "owner_entity": "ana|0|11161",
        "owner_name": "ana@example.org",
        "owner_org_unit": "/sales/north",
        "parent_id": "F0",
        "ids": ["site|F1", "66ac00000000000000000001"],
        "collaborator_entities": ["bob|0|11161"],
        "collaborator_users": ["bob@example.net"],
        "domains": ["example.org", "example.net"],
        "groups": ["G1"],
        "labels": ["L1"],
        "scan_labels": ["Azure RMS encrypted file"],
        "policies": ["66aa00000000000000000001"],
    },
    "t": {"file_status": 1, "name": "malware.exe", "name_words": ["malware", "exe"], "domains": ["example.org"]},
    "d": {
        "file_status": 2,
        "name": "malwarevirusfile.exe",
        "name_words": ["malwarevirusfile", "exe"],
        "is_folder": True,
    },
}


def test_every_documented_filter_and_operator_is_there() -> None:
    """Exactly the filters and operators of the contract are allowed."""
    assert lacking(FILES, DOCUMENTED) == []
    assert FILES.keys() == {name.lower() for name in DOCUMENTED}


@pytest.mark.parametrize(
    ("name", "operator", "operand", "expected"),
    [
        ("service", "eq", 20892, "p"),
        ("instance", "eq", "20892|0", "p"),
        ("fileType", "eq", ["2"], "p"),
        ("allowDeleted", "eq", True, "ptd"),
        ("allowDeleted", "eq", "false", "pt"),
        ("policy", "cabinetmatchedrulesequals", ["66AA00000000000000000001"], "p"),
        ("policy", "neq", ["66aa00000000000000000001"], "td"),
        ("policy", "isset", True, "p"),
        ("filename", "eq", "Malware.EXE", "t"),
        ("filename", "text", "malware virus", "pt"),
        ("filename", "text", '"malware" "virus"', "p"),
        ("modifiedDate", "gte_ndays", 1, "p"),
        ("createdDate", "lte", NOW, "p"),
        ("collaborators.entity", "eq", [{"id": "Bob", "inst": 0}], "p"),
        ("collaborators.users", "eq", "Bob@example.net", "p"),
        ("collaborators.domains", "eq", ["EXAMPLE.net"], "p"),
        ("collaborators.groups", "eq", "G1", "p"),
        ("collaborators.withDomain", "deq", ["example.org"], "p"),
        ("owner.entity", "eq", [{"id": "ana", "saas": 11161, "inst": 0}], "p"),
        ("owner.entity", "eq", "Ana", "p"),
        ("owner.entity", "neq", {"id": "ana", "inst": 1}, "ptd"),
        ("owner.username", "eq", "ANA@example.org", "p"),
        ("owner.orgUnit", "ndescendantof", ["/Sales"], "td"),
        ("sharing", "eq", 2, "p"),
        ("fileId", "eq", "site|F1", "p"),
        ("fileId", "neq", "66AC00000000000000000001", "td"),
        ("fileLabels", "isset", True, "p"),
        ("fileScanLabels", "eq", "^Azure RMS encrypted file", "p"),
        ("fileScanLabels", "neq", "Azure RMS encrypted file", "td"),
        ("extension", "eq", ["exe"], ""),
        ("extension", "eq", ["EXE"], "p"),
        ("mimeType", "eq", "Application/X-MSDownload", "p"),
        ("trashed", "eq", True, "t"),
        ("trashed", "eq", "false", "p"),
        ("parentFolder", "eq", ["F0"], "p"),
        ("folder", "eq", True, "d"),
        ("quarantined", "eq", True, "p"),
        ("snapshotLastModifiedDate", "range", [{"start": NOW}], "p"),
    ],
)
def test_files_are_found(name: str, operator: str, operand: Any, expected: str) -> None:
    """One condition per filter, in the forms that clients send."""
    assert found(FILES, RECORDS, name, operator, operand) == expected


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (None, "pt"),
        ({"extension": {"neq": "EXE"}}, "t"),
        ({"allowDeleted": {"eq": True}}, "ptd"),
        ({"allowDeleted": {"eq": False}}, "pt"),
        ({"trashed": {"eq": True}}, "t"),
        ({"trashed": {"eq": False}}, "p"),
        ({"trashed": {"eq": True}, "allowDeleted": {"eq": True}}, "t"),
        ({"trashed": {"eq": False}, "allowDeleted": {"eq": True}}, "p"),
    ],
)
def test_deleted_files_are_hidden_unless_asked_for(filters: Any, expected: str) -> None:
    """Trashed files are shown; a filter for trashed files takes precedence."""
    tree = without_deleted(parse(filters, FILES, NOW))
    assert "".join(letter for letter, record in RECORDS.items() if holds(tree, record)) == expected
