"""Reading typed values out of a record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from opencasb.activities.fields import Fields
from opencasb.activities.invalid import Invalid

RECORD: dict[str, Any] = {
    "text": "a",
    "number": 7,
    "whole": 7.0,
    "flag": True,
    "object": {"inner": "b"},
    "objects": [{"id": 1}, {"id": 2}],
    "texts": ["a", "b"],
    "nothing": None,
}


def test_values_have_their_types() -> None:
    fields = Fields(RECORD)
    inner = fields.object("object")
    assert (fields.text("text"), fields.integer("number"), fields.integer("whole"), fields.flag("flag")) == (
        "a",
        7,
        7,
        True,
    )
    assert inner is not None
    assert inner.text("inner") == "b"
    assert [each.integer("id") for each in fields.objects("objects")] == [1, 2]
    assert fields.texts("texts") == ["a", "b"]
    assert [fields.scalar(name) for name in ("text", "number", "flag", "nothing")] == ["a", "7", "true", None]


def test_null_is_absent() -> None:
    fields = Fields(RECORD)
    for name in ("nothing", "absent"):
        assert {fields.text(name), fields.integer(name), fields.flag(name), fields.object(name)} == {None}
        assert (list(fields.objects(name)), fields.texts(name)) == ([], [])


@pytest.mark.parametrize(
    ("read", "field"),
    [
        (lambda fields: fields.text("number"), "number"),
        (lambda fields: fields.integer("text"), "text"),
        (lambda fields: fields.integer("flag"), "flag"),
        (lambda fields: fields.integer("number", 8), "number"),
        (lambda fields: fields.flag("number"), "number"),
        (lambda fields: fields.scalar("object"), "object"),
        (lambda fields: fields.object("texts"), "texts"),
        (lambda fields: fields.object("object").integer("inner"), "object.inner"),
        (lambda fields: list(fields.objects("texts")), "texts[0]"),
        (lambda fields: [each.text("id") for each in fields.objects("objects")], "objects[0].id"),
        (lambda fields: fields.texts("objects"), "objects[0]"),
        (lambda fields: fields.texts("text"), "text"),
        (lambda fields: fields.one_of("text", ("b", "c")), "text"),
    ],
)
def test_another_type_is_an_error_that_names_the_key(read: Callable[[Fields], Any], field: str) -> None:
    with pytest.raises(Invalid) as error:
        read(Fields(RECORD))
    assert error.value.field == field


def test_a_choice_lists_what_is_allowed() -> None:
    assert Fields(RECORD).one_of("text", ("a", "b")) == "a"
    with pytest.raises(Invalid, match="allowed are b, c"):
        Fields(RECORD).one_of("text", ("b", "c"))
