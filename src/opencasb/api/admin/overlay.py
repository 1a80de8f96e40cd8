"""The tenant's catalog overlay: custom apps, and everything that overrides the catalog, as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, get_args

import msgspec

from opencasb.api.admin.parameters import made
from opencasb.api.v1.call import Call, Reply
from opencasb.api.v1.custom_apps import delete_custom
from opencasb.api.v1.errors import BadRequest, explained, or_not_found
from opencasb.api.v1.routes import Route
from opencasb.governance.overlay_file import LARGEST_FILE, Format

if TYPE_CHECKING:
    from opencasb.app import Casb

_MEDIA_TYPES: Final = {"json": "application/json", "csv": "text/csv; charset=utf-8"}
_LISTS: Final = ("domains", "networks")
_TEXTS: Final = ("name", "category", "vendor")


def export(casb: Casb, call: Call) -> Reply:
    """Return a file of all custom apps and the corrections in effect."""
    form: Format = call.parameters.choice("format", get_args(Format), "json")
    content = casb.overlays.export(call.tenant_id, form)
    headers = {"content-disposition": f'attachment; filename="catalog-overlay.{form}"'}
    return Reply(content, _MEDIA_TYPES[form], headers=headers)


def load(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Import a file in either format, and return the outcome for its rows."""
    with explained("body"):
        done = casb.overlays.load(call.tenant_id, call.body, by=call.principal.name)
    return {name: msgspec.to_builtins(value) for name, value in msgspec.structs.asdict(done).items()}


def list_apps(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return the custom apps, by id."""
    return {"custom_apps": [msgspec.to_builtins(app) for app in casb.custom_apps.all(call.tenant_id)]}


def create_app(casb: Casb, call: Call) -> Reply:
    """Define a custom app."""
    fields = _fields(call)
    if "name" not in fields:
        raise BadRequest("name: this parameter is required")
    with explained("custom app"):
        return made(msgspec.to_builtins(casb.custom_apps.create(call.tenant_id, by=call.principal.name, **fields)))


def show_app(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return one custom app."""
    return _shown(casb.custom_apps.get(call.tenant_id, call.app_id))


def change_app(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Update the given fields of a custom app."""
    with explained("custom app"):
        return _shown(casb.custom_apps.update(call.tenant_id, call.app_id, by=call.principal.name, **_fields(call)))


def _shown(app: object) -> dict[str, Any]:  # JSON
    shown: dict[str, Any] = msgspec.to_builtins(or_not_found(app))
    return shown


def _fields(call: Call) -> dict[str, Any]:  # fields of CustomApp
    given = call.parameters
    fields: dict[str, Any] = {name: given.text(name) for name in _TEXTS}
    fields |= {name: tuple(given.texts(name)) or None for name in _LISTS}
    fields |= {"score": given.integer("score"), "notes": given.exact_text("notes")}
    return {name: value for name, value in fields.items() if value is not None}


ROUTES: Final = (
    Route("catalog/overlay", None, {"GET": export}),
    Route("catalog/overlay", None, {"POST": load}, takes_bytes=LARGEST_FILE),
    Route("catalog/custom-apps", None, {"GET": list_apps, "POST": create_app}),
    Route("catalog/custom-apps/<app_id>", None, {"GET": show_app, "PATCH": change_app, "DELETE": delete_custom}),
)
