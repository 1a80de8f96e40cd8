"""Validates every response in the tests by the OpenAPI file."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from openapi_schema_validator import OAS31Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from opencasb.api.graph.errors import BadRequest
from opencasb.api.graph.path import Kind, parse
from tests.api.openapi import Contract

DOCUMENT: Final = Contract("graph.yaml").document

_BY_KIND: Final = {
    Kind.SERVICE: "serviceDocument",
    Kind.SECURITY: "security",
    Kind.ROOT: "dataDiscoveryRoot",
    Kind.REPORT: "dataDiscoveryReport",
    Kind.STREAMS: "cloudAppDiscoveryReportCollection",
    Kind.STREAM: "cloudAppDiscoveryReport",
    Kind.APPS: "appCollection",
    Kind.APP: "app",
    Kind.APP_INFO: "discoveredCloudAppInfo",
    Kind.BATCH: "batchResponse",
}
_BY_RELATED: Final = {
    "users": "discoveredCloudAppUser",
    "ipAddresses": "discoveredCloudAppIPAddress",
    "devices": "discoveredCloudAppDevice",
}


def check(schema: str, instance: object) -> None:
    """Fail if ``instance`` does not match the schema with that name."""
    problems = sorted(_validator(schema).iter_errors(instance), key=str)
    assert not problems, f"{schema}: {problems[0].message[:500]} at {list(problems[0].absolute_path)}"


def schema_of(path: str, status: int) -> str | None:
    """Return the name of the schema for a response below the version, None if it is not JSON."""
    if status != 200:
        return "error"
    try:
        target = parse(path)
    except BadRequest:
        return None
    if target.count or target.kind is Kind.METADATA:
        return None
    if target.kind in _BY_KIND:
        return _BY_KIND[target.kind]
    return _BY_RELATED[target.related] + ("Collection" if target.kind is Kind.ROWS else "")


@cache
def _validator(schema: str) -> Any:  # a validator class made at run time
    registry: Registry[Any] = Registry().with_resource("urn:graph", DRAFT202012.create_resource(DOCUMENT))
    return OAS31Validator({"$ref": f"urn:graph#/components/schemas/{schema}"}, registry=registry)
