"""Every repository over one operational database, each created on first use."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from opencasb.store.activities import Activities
    from opencasb.store.alerts import Alerts
    from opencasb.store.corrections import Corrections
    from opencasb.store.custom_apps import CustomApps
    from opencasb.store.custom_parsers import CustomParsers
    from opencasb.store.database import Database
    from opencasb.store.entities import Entities
    from opencasb.store.exclusions import Exclusions
    from opencasb.store.files import Files
    from opencasb.store.governance import GovernanceLog
    from opencasb.store.ip_ranges import IpRanges
    from opencasb.store.ip_tags import IpTags
    from opencasb.store.managed_apps import ManagedApps
    from opencasb.store.own_domains import OwnDomains
    from opencasb.store.policies import Policies
    from opencasb.store.probes import Probes
    from opencasb.store.receiver_counters import ReceiverCounters
    from opencasb.store.receivers import Bindings
    from opencasb.store.records import Records
    from opencasb.store.score_history import ScoreHistory
    from opencasb.store.score_overrides import ScoreOverrides
    from opencasb.store.score_settings import ScoreSettingsStore
    from opencasb.store.source_shapes import SourceShapes
    from opencasb.store.streams import Streams
    from opencasb.store.tags import Tags
    from opencasb.store.tenants import Tenants
    from opencasb.store.unlisted_apps import UnlistedApps
    from opencasb.store.uploads import Uploads
    from opencasb.store.user_groups import UserGroups
    from opencasb.store.users import Users


class _Opened(Protocol):
    """What a repository is created from."""

    @property
    def database(self) -> Database: ...

    @property
    def clock(self) -> Callable[[], int]: ...


def repository(path: str, *, clock: bool = True) -> cached_property[Any]:  # of the type annotated at each use
    """Return a cached property that imports and creates a repository, ``module.Class``, on first access."""
    module, _, name = path.partition(".")

    def made(stores: _Opened) -> Any:
        kind = getattr(importlib.import_module(f"opencasb.store.{module}"), name)
        return kind(stores.database, stores.clock) if clock else kind(stores.database)

    return cached_property(made)


class Stores(ABC):
    """The repositories of an installation; a subclass supplies the database."""

    tenants: cached_property[Tenants] = repository("tenants.Tenants")
    users: cached_property[Users] = repository("users.Users")
    streams: cached_property[Streams] = repository("streams.Streams")
    bindings: cached_property[Bindings] = repository("receivers.Bindings")
    receiver_counters: cached_property[ReceiverCounters] = repository("receiver_counters.ReceiverCounters", clock=False)
    source_shapes: cached_property[SourceShapes] = repository("source_shapes.SourceShapes")
    uploads: cached_property[Uploads] = repository("uploads.Uploads")
    governance_log: cached_property[GovernanceLog] = repository("governance.GovernanceLog")
    tags: cached_property[Tags] = repository("tags.Tags")
    custom_apps: cached_property[CustomApps] = repository("custom_apps.CustomApps")
    corrections: cached_property[Corrections] = repository("corrections.Corrections")
    score_settings: cached_property[ScoreSettingsStore] = repository("score_settings.ScoreSettingsStore")
    score_overrides: cached_property[ScoreOverrides] = repository("score_overrides.ScoreOverrides")
    score_history: cached_property[ScoreHistory] = repository("score_history.ScoreHistory", clock=False)
    probes: cached_property[Probes] = repository("probes.Probes")
    unlisted_apps: cached_property[UnlistedApps] = repository("unlisted_apps.UnlistedApps", clock=False)
    custom_parsers: cached_property[CustomParsers] = repository("custom_parsers.CustomParsers")
    exclusions: cached_property[Exclusions] = repository("exclusions.Exclusions")
    activities: cached_property[Activities] = repository("activities.Activities")
    alerts: cached_property[Alerts] = repository("alerts.Alerts", clock=False)
    entities: cached_property[Entities] = repository("entities.Entities")
    files: cached_property[Files] = repository("files.Files", clock=False)
    user_groups: cached_property[UserGroups] = repository("user_groups.UserGroups")
    own_domains: cached_property[OwnDomains] = repository("own_domains.OwnDomains")
    ip_ranges: cached_property[IpRanges] = repository("ip_ranges.IpRanges")
    ip_tags: cached_property[IpTags] = repository("ip_tags.IpTags", clock=False)
    policies: cached_property[Policies] = repository("policies.Policies", clock=False)
    managed_apps: cached_property[ManagedApps] = repository("managed_apps.ManagedApps")

    def __init__(self, clock: Callable[[], int]) -> None:
        self.clock = clock

    @property
    @abstractmethod
    def database(self) -> Database:
        """The operational store."""

    def records(self, resource: Literal["activities", "alerts", "entities", "files"]) -> Records:
        """Return the repository of one kind of record."""
        found: Records = getattr(self, resource)
        return found
