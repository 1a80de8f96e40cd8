"""Cloud discovery settings that clients read (api §12.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opencasb.api.v1.call import Call
from opencasb.api.v1.routes import Route
from opencasb.model.factor import Importance
from opencasb.model.factors import SCORED

if TYPE_CHECKING:
    from opencasb.app import Casb


def weights(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return the weight of each risk factor in scores."""
    settings = casb.score_settings.get(call.tenant_id)
    return {
        "fields": [
            {
                "id": factor.wire_names[0],
                "name": factor.label,
                "category": factor.group.value,
                "importance": settings.importance(factor).value,
                "weight": settings.importance(factor).weight / Importance.MEDIUM.weight,
                "includeNA": factor.key in settings.counted,
            }
            for factor in SCORED.values()
        ]
    }


def encryption(_casb: Casb, _call: Call) -> dict[str, Any]:  # JSON
    """Return the default anonymisation of new data sources."""
    return {"data": {"anonymizeUsers": False, "anonymizeMachines": False}}


def user_enrichment(_casb: Casb, _call: Call) -> dict[str, Any]:  # JSON
    """Return whether user names in logs are resolved through a directory; never, as none is connected."""
    return {"resolveDiscoveryUserWithAAD": False}


ROUTES: Final = (
    Route("discovery/weights", "discovery.view", {"GET": weights}),
    Route("discovery/get_encryption_settings", "discovery.view", {"GET": encryption}),
    Route("tenant_config/resolveDiscoveryUserWithAAD", "discovery.view", {"GET": user_enrichment}),
)
