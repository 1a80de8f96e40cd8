"""Validates responses by a contract in ``opencasb/api/openapi``."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache, cached_property
from importlib.resources import files
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

import jsonschema_rs
import msgspec
import yaml

from tests.wire import Answer

METHODS: Final = frozenset({"get", "put", "post", "patch", "delete"})
_PARAMETER: Final = re.compile(r"\{(\w+)\}")


class Contract:
    """A contract, by the name of its file; ``wide`` lists the path parameters that may contain slashes."""

    def __init__(self, name: str, wide: Collection[str] = ()) -> None:
        self._wide = wide
        self.file = Path(str(files("opencasb.api").joinpath(f"openapi/{name}")))
        self._schema = cache(self._compiled)

    @cached_property
    def document(self) -> dict[str, Any]:  # any JSON
        """The parsed file, with references unresolved."""
        return dict(yaml.load(self.file.read_bytes(), yaml.CSafeLoader))

    @cached_property
    def operations(self) -> frozenset[tuple[str, str]]:
        """Every (method, path) of the contract, paths as in the file."""
        paths = self.document["paths"].items()
        return frozenset((method.upper(), path) for path, item in paths for method in item if method in METHODS)

    @cached_property
    def _patterns(self) -> list[tuple[str, re.Pattern[str]]]:
        paths = {path for _, path in self.operations}
        # The trailing mark sorts longer paths before one that ends in the parameter.
        templates = sorted(paths, key=lambda path: _PARAMETER.sub("\uffff", path) + "\U0010ffff")
        return [(template, re.compile(self._pattern(template))) for template in templates]

    def _pattern(self, template: str) -> str:
        literals, names = _PARAMETER.split(template)[::2], _PARAMETER.findall(template)
        values = [".+" if name in self._wide else "[^/]+" for name in names]
        return "".join(re.escape(literal) + value for literal, value in zip_longest(literals, values, fillvalue=""))

    def template(self, path: str) -> str | None:
        """Return the path template of a path, None if the file has none."""
        return next((template for template, pattern in self._patterns if pattern.fullmatch(path)), None)

    def has(self, method: str, path: str) -> bool:
        """Return whether the contract has the operation; HEAD counts as GET."""
        return (method.replace("HEAD", "GET"), self.template(path)) in self.operations

    def check(self, method: str, path: str, answer: Answer) -> None:
        """Assert that the contract has the response for the path, method and status."""
        template = self.template(path)
        try:
            assert template is not None, "the path is not in the contract"
            responses = self.document["paths"][template][method.lower().replace("head", "get")]["responses"]
            described = responses.get(str(answer.status), responses.get("default"))
            assert described is not None, "the status is not in the contract"
            self._check(self._resolved(described), answer, has_body=method != "HEAD")
        except (AssertionError, jsonschema_rs.ValidationError) as error:
            text = f"{method} {path} → {answer.status} {answer.content[:1000]!r}"
            raise AssertionError(f"{self.file.name}: {text}: {error}") from error

    def check_response(self, name: str, answer: Answer) -> None:
        """Validate a response by the named response of the contract."""
        self._check(self.document["components"]["responses"][name], answer, has_body=True)

    def check_value(self, schema: str, value: object) -> None:
        """Validate a value by the named schema of the contract."""
        try:
            self._compiled_schema({"$ref": f"#/components/schemas/{schema}"}).validate(value)
        except jsonschema_rs.ValidationError as error:
            raise AssertionError(f"{self.file.name}: {schema}: {error}") from error

    def _check(self, described: dict[str, Any], answer: Answer, *, has_body: bool) -> None:
        for name, header in described.get("headers", {}).items():
            text = answer.headers.get(name.lower())
            assert text is not None or not header.get("required"), f"the header {name} is missing"
            if text is not None:
                value = int(text) if header["schema"]["type"] == "integer" else text
                self._compiled_schema(header["schema"]).validate(value)
        content, media_type = described.get("content"), answer.headers.get("content-type", "").partition(";")[0]
        if not content:
            assert not answer.content, "the contract has no body here"
        elif has_body:
            assert media_type in content, f"{media_type} is not in the contract"
            self._check_body(media_type, content[media_type].get("schema", {}), answer.content)

    def _check_body(self, media_type: str, schema: dict[str, Any], content: bytes) -> None:
        if media_type == "application/json":
            self._compiled_schema(schema).validate(msgspec.json.decode(content))
        elif schema.get("contentEncoding") != "binary":
            self._compiled_schema(schema).validate(content.decode())

    def _compiled_schema(self, schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
        return self._schema(msgspec.json.encode(schema))

    def _compiled(self, schema: bytes) -> jsonschema_rs.Draft202012Validator:
        whole = {**msgspec.json.decode(schema), "components": self.document["components"]}
        return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)

    def _resolved(self, described: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in described:
            return described
        return dict(self.document["components"]["responses"][described["$ref"].rpartition("/")[2]])
