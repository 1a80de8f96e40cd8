"""Promote an unlisted domain to a custom app in one step."""

from __future__ import annotations

from typing import Any

from opencasb.governance.risk_scores import RiskScores
from opencasb.governance.tagging import Tagging
from opencasb.model.app import CustomApp
from opencasb.model.unlisted_profile import Profile
from opencasb.store.custom_apps import CustomApps
from opencasb.store.tags import Tags


class Promotion:
    """Creates custom apps from unlisted domains, carrying over usage, tags and the score override."""

    def __init__(self, custom_apps: CustomApps, tags: Tags, tagging: Tagging, risk_scores: RiskScores) -> None:
        self._custom_apps = custom_apps
        self._tags = tags
        self._tagging = tagging
        self._risk_scores = risk_scores

    def promote(self, tenant_id: int, found: Profile, *, by: str, **given: Any) -> CustomApp:
        """Create a custom app; fields ``given`` as None get their defaults, and its notes say why it was created.

        Raises what :meth:`opencasb.store.custom_apps.CustomApps.create` raises.
        """
        fields = {name: value for name, value in given.items() if value is not None}
        name = fields.pop("name", found.domain)
        fields.setdefault("notes", _notes(found))
        made = self._custom_apps.create(tenant_id, name, by=by, domains=(found.domain,), **fields)
        self.carry(tenant_id, found.app_id, made, by=by)
        return made

    def carry(self, tenant_id: int, from_id: int, made: CustomApp, *, by: str) -> None:
        """Move the tags and the score override of an unlisted app to the custom app that replaces it."""
        for tag in self._tags.by_app(tenant_id).get(from_id, ()):
            self._tagging.add(tenant_id, made, tag, by=by)
            self._tags.remove(tenant_id, from_id, tag, by=by)
        self._risk_scores.move_override(tenant_id, from_id, made.app_id, by=by)


def _notes(found: Profile) -> str:
    reasons = "; ".join(reason.text for reason in found.reasons if reason.points > 0)
    return f"Was unlisted, confidence {found.confidence}. {reasons}".strip()
