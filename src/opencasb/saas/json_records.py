"""Runs, usage and changes as JSON for people and programs, with times in the Graph's format."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from opencasb.model.saas import Change, Run, RunStream

_OF_ROW: Final = ("tenant_id", "integration", "run")
_MOMENTS: Final = ("first_seen", "last_seen")


def run(one: Run, streams: list[RunStream] | None) -> dict[str, Any]:  # JSON
    """Return a run; times are ms since the epoch UTC."""
    facts = {name: value for name, value in msgspec.structs.asdict(one).items() if name not in _OF_ROW}
    return facts if streams is None else facts | {"streams": [_stream(each) for each in streams]}


def app(row: Mapping[str, Any]) -> dict[str, Any]:  # columns; JSON
    """Return an app: the thirteen stored fields, when it was first seen, and where it occurs."""
    facts = {name: value for name, value in row.items() if name not in _OF_ROW}
    return facts | {name: _moment(row[name]) for name in _MOMENTS}


def change(number: int, one: Change) -> dict[str, Any]:  # JSON
    """Return a change, with the number of its run."""
    return {"run": number, **msgspec.structs.asdict(one)}


def _stream(one: RunStream) -> dict[str, Any]:
    hidden = {*_OF_ROW, "next_link", "position"}
    return {name: value for name, value in msgspec.structs.asdict(one).items() if name not in hidden}


def _moment(time: int | None) -> str | None:
    return None if time is None else datetime.fromtimestamp(time / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
