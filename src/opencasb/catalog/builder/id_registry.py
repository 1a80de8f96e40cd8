"""The register of app ids: an id once given to an app stays with it, through every later build."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

FIRST_ID: Final = 34_000
"""Ids below are those of the upstream product; a few of them are well known and kept."""

LAST_ID: Final = 999_999


class IdRegistry:
    """Keys of apps (main domain, or ``name:...`` without domains) and their ids. An app may have several keys."""

    def __init__(self, ids: Mapping[str, int], reserved: Iterable[int] = ()) -> None:
        """``reserved`` ids are never given out."""
        self._ids = dict(ids)
        self._taken = set(ids.values()) | set(reserved)

    @classmethod
    def read(cls, path: Path, reserved: Iterable[int] = ()) -> IdRegistry:
        """Read a register; an absent file is an empty one."""
        if not path.exists():
            return cls({}, reserved)
        with path.open(encoding="utf-8", newline="") as file:
            return cls({row["key"]: int(row["app_id"]) for row in csv.DictReader(file)}, reserved)

    def text(self) -> str:
        """Return the register as CSV, ordered by id and key."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("app_id", "key"))
        writer.writerows(sorted((number, key) for key, number in self._ids.items()))
        return out.getvalue()

    def claim(self, key: str, number: int) -> None:
        """Give a well-known id to an app. Raises ValueError if another app has it."""
        holders = [held for held, taken in self._ids.items() if taken == number and held != key]
        if holders and self._ids.get(key) != number:
            raise ValueError(f"app id {number} is wanted by {key!r} but belongs to {holders[0]!r}")
        self._ids[key] = number
        self._taken.add(number)

    def assign(self, apps: Sequence[tuple[str, Sequence[str]]]) -> dict[str, int]:
        """Return key → id for apps given as (key, domains).

        An app keeps the id of its key; an app whose main domain changed keeps that of another domain of its, unless
        that one is the key of another app. New apps get the next free ids in the order of their keys.
        """
        keys = {key for key, _ in apps}
        given: dict[str, int] = {key: self._ids[key] for key in keys if key in self._ids}
        used = set(given.values())
        for key, domains in sorted(apps):
            if key in given:
                continue
            old = sorted(self._ids[domain] for domain in domains if domain in self._ids and domain not in keys)
            kept = next((number for number in old if number not in used), None)
            given[key] = self._next() if kept is None else kept
            used.add(given[key])
            self._ids[key] = given[key]
        return given

    def _next(self) -> int:
        number = max((taken for taken in self._taken if taken >= FIRST_ID), default=FIRST_ID - 1) + 1
        if number > LAST_ID:
            raise ValueError(f"no app id is left below {LAST_ID + 1}")
        self._taken.add(number)
        return number
