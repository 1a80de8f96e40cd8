"""Values in filters."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from odata_query import ast

from opencasb.api.graph.edm import Primitive, Property
from opencasb.api.graph.enums import APP_CATEGORY, STATE, UPLOADED_DATA_TYPES
from opencasb.api.graph.errors import BadRequest
from opencasb.api.graph.literals import Value, value_for

NUMBER = Property("riskScore", Primitive.INT64)
INSTANT = Property("lastSeenDateTime", Primitive.INSTANT)
FLAG = Property("isSnapshotReport", Primitive.BOOLEAN)
TEXT = Property("displayName", Primitive.STRING)
CATEGORY = Property("category", APP_CATEGORY)
JAN_FIRST = 1_704_067_200_000


@pytest.mark.parametrize(
    ("wanted", "node", "value"),
    [
        (NUMBER, ast.Integer("4"), 4),
        (NUMBER, ast.String(" 4 "), 4),
        (NUMBER, ast.Float("4.5"), 4.5),
        (NUMBER, ast.Float("4.0"), 4),
        (NUMBER, ast.UnaryOp(ast.USub(), ast.Integer("4")), -4),
        (NUMBER, ast.Integer("9223372036854775806"), 2**63 - 2),
        (NUMBER, ast.Integer("9" * 400), 2**63 - 1),
        (NUMBER, ast.Float("-1e300"), 1 - 2**63),
        (NUMBER, ast.Null(), None),
        (INSTANT, ast.Date("2024-01-01"), JAN_FIRST),
        (INSTANT, ast.DateTime("2024-01-01T00:00:00Z"), JAN_FIRST),
        (INSTANT, ast.String("2024-01-01"), JAN_FIRST),
        (INSTANT, ast.String("2024-01-01T01:00:00+01:00"), JAN_FIRST),
        (INSTANT, ast.String("2024-01-01T00:00:00.5Z"), JAN_FIRST + 500),
        (FLAG, ast.Boolean("True"), True),
        (FLAG, ast.String("false"), False),
        (TEXT, ast.String("Drop"), "Drop"),
        (TEXT, ast.Identifier("com", ("google",)), "google.com"),
        (TEXT, ast.Integer("365"), "365"),
        (CATEGORY, ast.String("Generative AI"), "generativeAi"),
        (CATEGORY, ast.Identifier("marketing"), "marketing"),
        (Property("isDmca", STATE), ast.Boolean("true"), "true"),
        (Property("dataTypes", UPLOADED_DATA_TYPES), ast.String("mediaFiles, Documents"), "documents,mediaFiles"),
    ],
)
def test_a_value_takes_the_type_of_its_property(wanted: Property, node: ast._Node, value: Value) -> None:
    """Numbers may be quoted, dates have four formats, enum values are names or labels, text may be unquoted."""
    assert value_for(wanted.name, wanted, node) == value


@pytest.mark.parametrize(
    ("wanted", "node"),
    [
        (NUMBER, ast.String("four")),
        (NUMBER, ast.String("inf")),
        (NUMBER, ast.String("1_000")),
        (NUMBER, ast.Boolean("true")),
        (INSTANT, ast.String("yesterday")),
        (INSTANT, ast.Integer("5")),
        (FLAG, ast.Integer("1")),
        (CATEGORY, ast.String("Nonsense")),
        (NUMBER, ast.List([ast.Integer("1")])),
        (TEXT, ast.Compare(ast.Eq(), ast.Integer("1"), ast.Integer("1"))),
    ],
)
def test_a_mismatch_names_the_property(wanted: Property, node: ast._Node) -> None:
    """A value of another type is rejected."""
    with pytest.raises(BadRequest, match=f"'{wanted.name}'"):
        value_for(wanted.name, wanted, node)


@given(st.sampled_from([NUMBER, INSTANT, FLAG, TEXT, CATEGORY]), st.text(max_size=40))
def test_any_text_is_converted_or_refused(wanted: Property, text: str) -> None:
    """Only the rejection is raised."""
    with suppress(BadRequest):
        value_for(wanted.name, wanted, ast.String(text))
