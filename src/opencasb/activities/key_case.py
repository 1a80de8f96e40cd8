"""Remove keys that differ only in case: some clients' parsers reject an object that has two (api §18, 17)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

RAW: Final = "rawDataJson"
"""The event as the app sent it, which may contain such keys."""

_KEYS: Final = """
_id uid tenantId aadTenantId appId saasId srcAppId appName timestamp timestampRaw instantiation instantiationRaw
created createdRaw eventType eventTypeValue eventTypeName genericEventType severity description description_id
description_metadata classifications confidenceLevel source eventRouting user device userAgent location internals
session resolvedActor resolvedActorAccount entityData mainInfo failedUserData tags collected lograbberService
rawDataJson adallom streamId
auditing adminEvent lograbber dispersed scubaUnpacker userName userTags orgUnit clientIP countryCode
family name version major minor operatingSystem os browser type typeName deviceType nativeBrowser
city region regionCode postalCode latitude longitude organizationSearchable carrier anonymousProxy
isSatelliteProvider category categoryValue ipTags otherIPs sessionId
id instanceId objType role resolved governable displayName saas inst
rawOperationName prettyOperationName activityResult isSuccess message eventObjects value link serviceObjectType
labels alertMongoId alertUid
"""

KNOWN: Final = frozenset(_KEYS.split())
"""The keys of activities that clients and filters read (api §7.4); no two of them differ only in case."""


def told_apart(document: dict[str, Any]) -> dict[str, Any]:  # JSON
    """Return an activity without keys that differ only in case; the app's own event is left unchanged.

    Of such keys, the one that clients know is kept, otherwise the first.
    """
    if _is_apart(({**document, RAW: None},)):
        return document
    return {key: value if key == RAW else _apart(value) for key, value in _distinct(document).items()}


def apart(value: Any) -> Any:  # any JSON
    """Return a part of a record without keys that differ only in case."""
    return value if _is_apart((value,)) else _apart(value)


def _is_apart(values: Iterable[Any]) -> bool:  # any JSON
    """Return whether there is nothing to remove, the usual case: a copy takes four times as long as this check."""
    for value in values:
        kind = type(value)
        if kind is dict:
            if not (value.keys() <= KNOWN or len(set(map(str.lower, value))) == len(value)):
                return False
            if not _is_apart(value.values()):
                return False
        elif kind is list and value and not _is_apart(value):
            return False
    return True


def _apart(value: Any) -> Any:  # any JSON
    if isinstance(value, list):
        return [_apart(each) for each in value]
    if isinstance(value, dict):
        return {key: _apart(each) for key, each in _distinct(value).items()}
    return value


def _distinct(values: Mapping[str, Any]) -> dict[str, Any]:  # JSON
    kept: dict[str, str] = {}
    for key in values:
        first = kept.setdefault(key.lower(), key)
        if key in KNOWN and first not in KNOWN:
            kept[key.lower()] = key
    return {key: value for key, value in values.items() if kept[key.lower()] == key}
