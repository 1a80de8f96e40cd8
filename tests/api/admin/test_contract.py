"""The contract of the administration API is valid and complete."""

from __future__ import annotations

import re

from openapi_spec_validator import validate

from opencasb.api.admin.resources import ROUTES
from tests.api.admin.contract import CONTRACT


def test_the_file_is_valid_and_has_exactly_the_routes() -> None:
    """By the rules of OpenAPI 3.1, with exactly the program's paths and methods."""
    validate(CONTRACT.document)
    routes = {(method, _written(route.path)) for route in ROUTES for method in route.handlers}
    assert CONTRACT.operations == routes


def _written(path: str) -> str:
    return "/admin/v1/" + re.sub(r"<(\w+)>", r"{\1}", path)
