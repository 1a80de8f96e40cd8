"""The filters of files and folders (api §10.4)."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from opencasb.filters import values
from opencasb.filters.field import (
    EQUALITY,
    PLACES,
    PRESENCE,
    Field,
    Kind,
    Meaning,
    column,
    flag_filter,
    number_filter,
    table,
    text_filter,
    time_filter,
)
from opencasb.filters.operands import alternatives, entities, flagged, instances, named, object_id
from opencasb.filters.tree import EVERYTHING, AllOf, Leaf, Node, Not, OneOf, leaves, rewrite
from opencasb.filters.words import whole_words

APP: Final = column("app_id", Kind.INTEGER)
INSTANCE: Final = column("instance_id", Kind.INTEGER)
NAME: Final = column("name", folded=True)
NAME_WORDS: Final = column("name_words", many=True, folded=True)
SCAN_LABELS: Final = column("scan_labels", many=True)
STATUS: Final = column("file_status", Kind.INTEGER)
TYPE: Final = column("file_type", Kind.INTEGER)
LEVEL: Final = column("access_level", Kind.INTEGER)

TYPES: Final = {"other": 0, "document": 1, "spreadsheet": 2, "presentation": 3, "text": 4, "image": 5, "folder": 6}
LEVELS: Final = {"private": 0, "internal": 1, "external": 2, "public": 3, "public (internet)": 4, "public_internet": 4}
"""The names of types and sharing levels: a client sends the documented names instead of their numbers."""

EXISTS: Final = 0
TRASHED: Final = 1
DELETED: Final = 2

_WITH_TRASH: Final = column("file_status", Kind.INTEGER)
_WITH_DELETED: Final = column("file_status", Kind.INTEGER)
"""The same column as :data:`STATUS`, as separate fields by which the default recognises their conditions."""


def without_deleted(filters: Node) -> Node:
    """Return filters with the default for deleted files added: deleted ones are hidden, trashed ones are shown.

    ``trashed`` takes precedence over ``allowDeleted`` (api §10.4).
    """
    asked = {id(leaf.field) for leaf in leaves(filters)}
    if id(_WITH_TRASH) in asked:
        return rewrite(filters, _passed_over)
    if id(_WITH_DELETED) in asked:
        return filters
    return AllOf((filters, Not(OneOf(STATUS, (DELETED,)))))


def _passed_over(leaf: Leaf) -> Node:
    return EVERYTHING if leaf.field is _WITH_DELETED else leaf


def _label(given: Any) -> Node:  # any JSON
    """Return the node for a label; a client prefixes the names of scan labels with ``^``."""
    plain = values.text(given).removeprefix("^")
    return OneOf(SCAN_LABELS, (plain, f"^{plain}"))


_ids = partial(text_filter, many=True, canonical=object_id)


def _people(name: str, key_column: str, about: str, *, many: bool) -> Field:
    keys = column(key_column, many=many, folded=True)
    special: dict[str, Meaning] = {"eq": entities(keys)}
    return Field(
        name=name,
        column=key_column,
        kind=Kind.ENTITY,
        operators=EQUALITY,
        many=many,
        folded=True,
        special=special,
        about=about,
    )


FILES: Final = table(
    number_filter(name="service", column="app_id", about="app id; that of a suite also finds its apps"),
    Field(
        name="instance",
        column="instance_id",
        kind=Kind.INSTANCE,
        operators=EQUALITY,
        special={"eq": instances((APP,), INSTANCE)},
        about="instance of an app",
    ),
    number_filter(
        name="fileType",
        column="file_type",
        special={"eq": named(TYPE, TYPES)},
        about="0 other, 1 document, 2 spreadsheet, 3 presentation, 4 text, 5 image, 6 folder; or the name",
    ),
    flag_filter(
        name="allowDeleted",
        column="file_status",
        special={
            "eq": flagged(OneOf(_WITH_DELETED, (EXISTS, TRASHED, DELETED)), OneOf(_WITH_DELETED, (EXISTS, TRASHED)))
        },
        about="also deleted files; without it and `trashed` deleted files are hidden",
    ),
    _ids(
        name="policy",
        column="policies",
        operators=EQUALITY | PRESENCE | {"cabinetmatchedrulesequals"},
        about="id of a policy that the file matches",
    ),
    text_filter(
        name="filename",
        column="name",
        operators=EQUALITY | {"text"},
        folded=True,
        special={"text": alternatives(partial(whole_words, NAME, NAME_WORDS))},
        about="`eq`: the whole name; `text`: one of the words, and every part in double quotes",
    ),
    time_filter(name="modifiedDate", column="modified", about="last change"),
    time_filter(name="createdDate", column="created", about="creation"),
    _people("collaborators.entity", "collaborator_entities", "shared with one of these entities", many=True),
    text_filter(
        name="collaborators.users",
        column="collaborator_users",
        many=True,
        folded=True,
        about="shared with these user names",
    ),
    text_filter(
        name="collaborators.domains", column="domains", many=True, folded=True, about="shared with these domains"
    ),
    _ids(name="collaborators.groups", column="groups", about="shared with these groups"),
    text_filter(
        name="collaborators.withDomain",
        column="domains",
        operators=EQUALITY | {"deq"},
        many=True,
        folded=True,
        about="shared with these domains; `deq`: with some other domain",
    ),
    _people("owner.entity", "owner_entity", "owner", many=False),
    text_filter(name="owner.username", column="owner_name", folded=True, about="name of the owner"),
    text_filter(
        name="owner.orgUnit",
        column="owner_org_unit",
        operators=EQUALITY | PLACES,
        folded=True,
        about="organisational unit of the owner",
    ),
    number_filter(
        name="sharing",
        column="access_level",
        special={"eq": named(LEVEL, LEVELS)},
        about="0 private, 1 internal, 2 external, 3 public, 4 public (internet); or the name",
    ),
    _ids(name="fileId", column="ids", about="id of the record, or of the file in the app"),
    _ids(name="fileLabels", column="labels", operators=EQUALITY | PRESENCE, about="id of a label"),
    text_filter(
        name="fileScanLabels",
        column="scan_labels",
        operators=EQUALITY | PRESENCE,
        many=True,
        special={"eq": alternatives(_label)},
        about="warning of the content scan, with or without `^` in front",
    ),
    text_filter(name="extension", column="extension", about="extension without the dot, in exactly this case"),
    text_filter(name="mimeType", column="mime_type", folded=True, about="MIME type"),
    flag_filter(
        name="trashed",
        column="file_status",
        special={"eq": flagged(OneOf(_WITH_TRASH, (TRASHED,)), OneOf(_WITH_TRASH, (EXISTS,)))},
        about="true only trashed files, false only those that are neither trashed nor deleted",
    ),
    text_filter(
        name="parentFolder",
        column="parent_id",
        canonical=object_id,
        about="id of the folder that the file is in, not below; that of its record, or in the app",
    ),
    flag_filter(name="folder", column="is_folder", about="true only folders, false only files"),
    flag_filter(name="quarantined", column="is_quarantined", about="whether the file is quarantined"),
    time_filter(name="snapshotLastModifiedDate", column="snapshot_modified", about="last change seen by a scan"),
)
