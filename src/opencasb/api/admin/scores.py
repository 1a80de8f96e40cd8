"""Scores: weights of risk factors, overrides, explanations and history (portal §4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from opencasb.api.admin.parameters import limit_of, made
from opencasb.api.v1.call import Call, Reply
from opencasb.api.v1.errors import BadRequest, explained, or_not_found
from opencasb.api.v1.routes import Route
from opencasb.model.app import App
from opencasb.model.factor import Importance
from opencasb.model.score_settings import importance_of, score_group, scored_factor, shown

if TYPE_CHECKING:
    from opencasb.app import Casb

Name = TypeVar("Name")
Setting = TypeVar("Setting")


def show_settings(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return the weight of each group and each factor."""
    return shown(casb.score_settings.get(call.tenant_id))


def change_settings(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Update the given weights; all apps are rescored at once."""
    factors = _pairs(call, "factors", _factor, _importance)
    groups = _pairs(call, "groups", score_group, _importance)
    counted = _pairs(call, "include_na", _factor, _flag)
    if not (factors or groups or counted):
        raise BadRequest("factors: nothing to change; give factors, groups or include_na")
    by = call.principal.name
    return shown(casb.risk_scores.weigh(call.tenant_id, factors=factors, groups=groups, counted=counted, by=by))


def reset_settings(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Reset to the defaults."""
    casb.risk_scores.reset(call.tenant_id, by=call.principal.name)
    return show_settings(casb, call)


def explain(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Explain an app's score."""
    told: dict[str, Any] = msgspec.to_builtins(casb.risk_scores.explain(call.tenant_id, _app(casb, call)))
    return told


def list_overrides(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return the tenant's score overrides, by app."""
    return {"overrides": [msgspec.to_builtins(each) for each in casb.score_overrides.all(call.tenant_id)]}


def override(casb: Casb, call: Call) -> Reply:
    """Override the score that an app's facts yield."""
    app, score = _app(casb, call), call.parameters.integer("score")
    if score is None:
        raise BadRequest("score: this parameter is required")
    note = call.parameters.text("note", longest=2000) or ""
    with explained():
        kept = casb.risk_scores.override(call.tenant_id, app.app_id, score, note, by=call.principal.name)
    return made(msgspec.to_builtins(kept))


def remove_override(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Remove an app's override, so that its facts determine the score again."""
    or_not_found(casb.risk_scores.remove_override(call.tenant_id, _app(casb, call).app_id, by=call.principal.name))
    return {}


def list_history(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return score changes older than the change ``before``; ``next`` is the following ``before``, null at the end."""
    given = call.parameters
    limit, before = limit_of(call), given.text("before", longest=24)
    app_id = given.integer("app_id")
    found = casb.score_keeping.changes(call.tenant_id, app_id=app_id, before=before, limit=limit + 1)
    if found is None:
        raise BadRequest(f"before: {before!r} is not the id of a change")
    changes = [msgspec.to_builtins(each) for each in found[:limit]]
    return {"changes": changes, "next": changes[-1]["change_id"] if len(found) > limit else None}


def _app(casb: Casb, call: Call) -> App:
    return or_not_found(casb.reports.app(call.tenant_id, call.app_id))


def _pairs(
    call: Call, name: str, key: Callable[[str], Name], value: Callable[[object], Setting]
) -> dict[Name, Setting]:
    """Return an object of settings. Raises :class:`BadRequest` naming the invalid part."""
    given = call.parameters.structure(name)
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise BadRequest(f"{name}: an object is expected")
    with explained(name):
        return {key(str(each)): value(setting) for each, setting in given.items()}


def _factor(text: str) -> str:
    return scored_factor(text).key


def _importance(given: object) -> Importance:
    return importance_of(str(given))


def _flag(given: object) -> bool:
    if not isinstance(given, bool):
        raise ValueError(f"{str(given)[:100]!r} must be true or false")  # noqa: TRY004 -- told like other wrong values
    return given


ROUTES: Final = (
    Route("catalog/score-settings", None, {"GET": show_settings, "PATCH": change_settings, "DELETE": reset_settings}),
    Route("catalog/score-overrides", None, {"GET": list_overrides}),
    Route("catalog/score-overrides/<app_id>", None, {"POST": override, "DELETE": remove_override}),
    Route("catalog/score-history", None, {"GET": list_history}),
    Route("catalog/scores/<app_id>", None, {"GET": explain}),
)
