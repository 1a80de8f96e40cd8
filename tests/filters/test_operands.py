"""Invalid operands of filters that span several columns; each resource tests the valid ones."""

from __future__ import annotations

from typing import Any

import pytest

from opencasb.filters.field import Kind, column
from opencasb.filters.operands import addresses, entities, flagged, in_any, instances, named
from opencasb.filters.tree import AllOf, AnyOf
from opencasb.filters.values import Unfit

APP, INSTANCE = (column(name, Kind.INTEGER) for name in ("app", "instance"))
KEYS = column("entities", many=True, folded=True)
ADDRESSES = column("ip_keys", many=True)


@pytest.mark.parametrize(
    ("meaning", "given"),
    [
        (in_any(APP), "x"),
        (instances((APP,), INSTANCE), {"saas": None}),
        (instances((APP,), INSTANCE), "|"),
        (entities(KEYS), {"name": "ana"}),
        (entities(KEYS), {"id": ["ana"]}),
        (entities(KEYS), "a\0"),
        (addresses(ADDRESSES), "192.0.2.0/33"),
        (addresses(ADDRESSES), "fe80::1%eth0"),
        (flagged(AllOf(), AnyOf()), "perhaps"),
        (named(APP, {"one": 1}), "two"),
    ],
)
def test_what_does_not_fit_is_refused(meaning: Any, given: Any) -> None:
    """The error has the value."""
    with pytest.raises(Unfit) as error:
        meaning([given])
    assert error.value.value("all") != "all"
