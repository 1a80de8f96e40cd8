"""Errors name their field."""

from __future__ import annotations

import pytest

from opencasb.identity.refusals import InvalidValue, about
from opencasb.store.conflict import Conflict


def test_what_is_wrong_is_about_a_field() -> None:
    """Whatever the kind of value error; anything else passes through."""
    for wrong in (ValueError("too long"), Conflict("taken")):
        with pytest.raises(InvalidValue, match=str(wrong)) as refused, about("name"):
            raise wrong
        assert refused.value.field == "name"
    with pytest.raises(KeyError), about("name"):
        raise KeyError
