"""Every repository over one operational database, each made when first asked for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Literal

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


class Stores(ABC):
    """The repositories of an installation; whoever inherits says over which database."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self.clock = clock

    @abstractmethod
    def open_database(self) -> Database:
        """Return the operational store; asked once."""

    @cached_property
    def database(self) -> Database:
        """The operational store."""
        return self.open_database()

    @cached_property
    def tenants(self) -> Tenants:
        """Tenants."""
        from opencasb.store.tenants import Tenants

        return Tenants(self.database, self.clock)

    @cached_property
    def users(self) -> Users:
        """Users and their roles."""
        from opencasb.store.users import Users

        return Users(self.database, self.clock)

    @cached_property
    def streams(self) -> Streams:
        """Reports and data sources."""
        from opencasb.store.streams import Streams

        return Streams(self.database, self.clock)

    @cached_property
    def bindings(self) -> Bindings:
        """What receivers are bound to."""
        from opencasb.store.receivers import Bindings

        return Bindings(self.database)

    @cached_property
    def receiver_counters(self) -> ReceiverCounters:
        """What receivers have taken."""
        from opencasb.store.receiver_counters import ReceiverCounters

        return ReceiverCounters(self.database)

    @cached_property
    def source_shapes(self) -> SourceShapes:
        """What is normal for the lines of data sources, and warnings."""
        from opencasb.store.source_shapes import SourceShapes

        return SourceShapes(self.database, self.clock)

    @cached_property
    def uploads(self) -> Uploads:
        """Log files on their way in."""
        from opencasb.store.uploads import Uploads

        return Uploads(self.database, self.clock)

    @cached_property
    def governance_log(self) -> GovernanceLog:
        """Tasks and their results."""
        from opencasb.store.governance import GovernanceLog

        return GovernanceLog(self.database, self.clock)

    @cached_property
    def tags(self) -> Tags:
        """App tags."""
        from opencasb.store.tags import Tags

        return Tags(self.database, self.clock)

    @cached_property
    def custom_apps(self) -> CustomApps:
        """Custom apps."""
        from opencasb.store.custom_apps import CustomApps

        return CustomApps(self.database, self.clock)

    @cached_property
    def corrections(self) -> Corrections:
        """What tenants add to and correct in the catalog."""
        from opencasb.store.corrections import Corrections

        return Corrections(self.database, self.clock)

    @cached_property
    def score_settings(self) -> ScoreSettingsStore:
        """How tenants weigh risk factors."""
        from opencasb.store.score_settings import ScoreSettingsStore

        return ScoreSettingsStore(self.database, self.clock)

    @cached_property
    def score_overrides(self) -> ScoreOverrides:
        """Scores that tenants give apps themselves."""
        from opencasb.store.score_overrides import ScoreOverrides

        return ScoreOverrides(self.database, self.clock)

    @cached_property
    def score_history(self) -> ScoreHistory:
        """The last known scores, and their changes."""
        from opencasb.store.score_history import ScoreHistory

        return ScoreHistory(self.database)

    @cached_property
    def probes(self) -> Probes:
        """What probes measured."""
        from opencasb.store.probes import Probes

        return Probes(self.database, self.clock)

    @cached_property
    def unlisted_apps(self) -> UnlistedApps:
        """Apps outside the catalog."""
        from opencasb.store.unlisted_apps import UnlistedApps

        return UnlistedApps(self.database)

    @cached_property
    def custom_parsers(self) -> CustomParsers:
        """Parsers that tenants define, every version."""
        from opencasb.store.custom_parsers import CustomParsers

        return CustomParsers(self.database, self.clock)

    @cached_property
    def exclusions(self) -> Exclusions:
        """Users, addresses and devices left out of reports."""
        from opencasb.store.exclusions import Exclusions

        return Exclusions(self.database, self.clock)

    @cached_property
    def activities(self) -> Activities:
        """What people do in connected apps."""
        from opencasb.store.activities import Activities

        return Activities(self.database, self.clock)

    @cached_property
    def alerts(self) -> Alerts:
        """What detections and policies raised."""
        from opencasb.store.alerts import Alerts

        return Alerts(self.database)

    @cached_property
    def entities(self) -> Entities:
        """Users and their accounts."""
        from opencasb.store.entities import Entities

        return Entities(self.database, self.clock)

    @cached_property
    def files(self) -> Files:
        """Files and folders of connected apps."""
        from opencasb.store.files import Files

        return Files(self.database)

    def records(self, resource: Literal["activities", "alerts", "entities", "files"]) -> Records:
        """Return the repository of one kind of records."""
        found: Records = getattr(self, resource)
        return found

    @cached_property
    def user_groups(self) -> UserGroups:
        """Groups of users."""
        from opencasb.store.user_groups import UserGroups

        return UserGroups(self.database, self.clock)

    @cached_property
    def own_domains(self) -> OwnDomains:
        """The domains whose people are internal."""
        from opencasb.store.own_domains import OwnDomains

        return OwnDomains(self.database, self.clock)

    @cached_property
    def ip_ranges(self) -> IpRanges:
        """Address ranges with names."""
        from opencasb.store.ip_ranges import IpRanges

        return IpRanges(self.database, self.clock)

    @cached_property
    def ip_tags(self) -> IpTags:
        """Tags of addresses."""
        from opencasb.store.ip_tags import IpTags

        return IpTags(self.database)

    @cached_property
    def policies(self) -> Policies:
        """Policies, as records."""
        from opencasb.store.policies import Policies

        return Policies(self.database)

    @cached_property
    def managed_apps(self) -> ManagedApps:
        """The applications that tenants say they manage."""
        from opencasb.store.managed_apps import ManagedApps

        return ManagedApps(self.database, self.clock)
