"""The verdict field of an unknown log, and its records that are not transactions."""

from __future__ import annotations

from opencasb.discovery.inference.actions import find_action, find_ignored
from opencasb.discovery.inference.columns import Column
from opencasb.discovery.inference.roles import Roles


def test_the_verdict_is_found_by_its_words() -> None:
    """The field that indicates blocks is chosen, among other fields with few words."""
    columns = [
        Column("proto", ["tcp", "udp"] * 5, "proto"),
        Column("state", ["allowed"] * 10, "state"),
        Column("action", ["Accept", "Drop"] * 5, "action"),
    ]
    roles = Roles()
    actions = find_action(roles, columns)
    assert roles.found["action"][0].name == "action"
    assert actions["*drop*"] == "block"
    assert find_action(Roles(), columns[:1]) == {}


def test_the_name_of_an_app_is_no_verdict() -> None:
    """A log of nothing but Dropbox drops nothing."""
    assert find_action(Roles(), [Column("app", ["Dropbox"] * 10, "app")]) == {}


def test_starts_of_sessions_and_challenges_are_ignored() -> None:
    """They are ignored only if there are ends, too."""
    both, starts = ["start", "end"] * 5, ["start", "other"] * 5
    status = Column("status", ["200", "407"] * 5, "status")
    rules = find_ignored(Roles(), [Column("kind", both, "kind"), Column("x", starts, "x"), status])
    assert [(rule.field, rule.drop) for rule in rules] == [("kind", "^(?:start)$"), ("status", "^407$")]
