"""The contract file and the program have the same endpoints."""

from __future__ import annotations

import re

from opencasb.api.v1.resources import ROUTES
from opencasb.discovery import block_scripts
from tests.api.v1.contract import CONTRACT


def test_every_route_is_in_the_file_and_the_other_way_round() -> None:
    """Methods and paths agree exactly."""
    served = {
        (method, "/api/v1/" + re.sub("<(.+?)>", r"{\1}", route.path) + "/")
        for route in ROUTES
        for method in route.handlers
    }
    assert CONTRACT.operations == served | {("PUT", "/upload/log/{secret}")}


def test_every_operation_has_an_id_of_its_own_and_a_summary() -> None:
    """Clients and documentation can be generated from the file."""
    paths = CONTRACT.document["paths"]
    operations_ = [operation for item in paths.values() for operation in item.values()]
    ids = [operation["operationId"] for operation in operations_]
    assert len(ids) == len(set(ids))
    assert all(operation["summary"] for operation in operations_)


def test_the_formats_of_block_scripts_are_those_that_exist() -> None:
    """The file lists the same numbers as the program."""
    parameters = CONTRACT.document["paths"]["/api/v1/discovery_block_scripts/"]["get"]["parameters"]
    assert parameters[0]["schema"]["enum"] == list(block_scripts.formats())
