"""Files and folders of connected apps (api §10)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from opencasb.activities.suites import with_parts
from opencasb.api.v1.call import Call, Reply
from opencasb.api.v1.errors import or_not_found
from opencasb.api.v1.lists import Sorting
from opencasb.api.v1.record_list import answer, own
from opencasb.api.v1.routes import Route
from opencasb.filters.fields import FILES
from opencasb.filters.tables.files import without_deleted
from opencasb.filters.tree import Node

if TYPE_CHECKING:
    from opencasb.app import Casb

_SORT_FIELDS: Final = {"modifieddate": "modified", "date": "modified", "createddate": "created"}
SORTING: Final = Sorting(_SORT_FIELDS, default="modifiedDate", small_scans=True)
TYPE_NAMES: Final = ("Other", "Document", "Spreadsheet", "Presentation", "Text", "Image", "Folder")


def list_files(casb: Casb, call: Call) -> Reply:
    """Return a page of files; deleted ones only if a filter asks for them."""
    columns, known = ("owner_entity", "collaborator_entities"), own(casb, call, casb.entities)
    with_accounts = casb.entities.with_accounts(call.tenant_id, *columns, within=known)
    in_folders = casb.files.in_folders(call.tenant_id)

    def rewrite(filters: Node) -> Node:
        return in_folders(with_accounts(with_parts(without_deleted(filters))))

    return answer(casb, call, casb.files, FILES, SORTING, rewrite=rewrite)


def one_file(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return one file by ``_id`` or by its id in its app."""
    text, within = call.path["file_id"], own(casb, call, casb.files)
    named = partial(casb.files.named, call.tenant_id, within=within)
    found = or_not_found(named(text) or named(text.lower()))
    return {**found, "fileTypeDisplay": TYPE_NAMES[found["ftype"]]}


ROUTES: Final = (
    Route("files", "files.view", {"GET": list_files, "POST": list_files}),
    Route("files/<file_id>", "files.view", {"GET": one_file, "POST": one_file}),
)
