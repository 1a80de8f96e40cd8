"""Export stored records as CSV for spreadsheets: selected columns, preceded by id and time."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from opencasb.activities.exported import Resource, time_of
from opencasb.activities.wire_parts import at
from opencasb.model.iso_time import LATEST, iso
from opencasb.model.spreadsheet import harmless

COLUMNS: Final[Mapping[Resource, Mapping[str, str]]] = {
    "activities": {
        "app": "appName",
        "category": "eventTypeName",
        "action": "mainInfo.rawOperationName",
        "description": "description",
        "user": "user.userName",
        "admin": "eventRouting.adminEvent",
        "ip": "device.clientIP",
        "country": "location.countryCode",
        "city": "location.city",
        "isp": "location.organizationSearchable",
        "device": "userAgent.deviceType",
        "user_agent": "device.userAgent",
    },
    "alerts": {
        "title": "title",
        "severity": "severityValue",
        "status": "statusValue",
        "resolution": "resolutionStatusValue",
        "description": "description",
        "resolved": "resolveTime",
        "handled_by": "handledByUser",
        "comment": "comment",
    },
    "entities": {
        "type": "type",
        "name": "displayName",
        "email": "email",
        "domain": "domain",
        "app": "appData.name",
        "admin": "isAdmin",
        "external": "isExternal",
        "status": "status",
        "score": "threatScore",
    },
    "files": {
        "name": "name",
        "app": "appName",
        "owner": "ownerAddress",
        "type": "ftype",
        "mime_type": "mimeType",
        "bytes": "fileSize",
        "access": "facl",
        "status": "fstat",
        "folder": "isFolder",
    },
}
"""Heading → path of the value in the wire record."""


def header(resource: Resource) -> bytes:
    """Return the header line."""
    return _line(["id", "time", *COLUMNS[resource]])


def line(resource: Resource, record_id: str, document: bytes) -> bytes:
    """Return the CSV line of a record; times are ISO 8601, absent values are empty."""
    found = msgspec.json.decode(document)
    time = time_of(resource, found)
    moment = iso(time) if time is not None and 0 <= time <= LATEST else ""
    return _line([record_id, moment, *(at(found, *path.split(".")) for path in COLUMNS[resource].values())])


def _line(values: Iterable[object]) -> bytes:
    file = io.StringIO()
    csv.writer(file).writerow([_cell(value) for value in values])
    return file.getvalue().encode()


def _cell(value: object) -> str:
    if value is None or isinstance(value, dict | list):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value).replace("\0", "")
    return harmless(text) if isinstance(value, str) else text
