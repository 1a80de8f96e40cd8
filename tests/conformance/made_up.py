"""Calls that schemathesis makes up from a contract, among them some of which a part is known to be right."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlencode

import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, settings
from requests import Request
from schemathesis import Case
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode

from tests.api.openapi import Contract

AnyOperation = schemathesis.APIOperation[Any, Any, Any, Any]
Send = Callable[[str, str, bytes, str], int]
"""Sends method, path with query, body and its type; returns the status. Answers are checked wherever they are made."""
PARTS: Final = ("params", "json", "data", "files")
BASE: Final = "https://localhost:8443"
FEW: Final = settings(
    max_examples=2,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much, HealthCheck.too_slow],
)
MODES: Final = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
NOTHING: Final = object()
LONGEST_URL: Final = 60_000
"""A little less than the client of the tests can send."""


def operations(contract: Contract) -> Iterator[AnyOperation]:
    """Yield the operations of a contract, all of which can be read."""
    for found in schemathesis.openapi.from_path(contract.file).get_all_operations():
        assert isinstance(found, Ok), found
        yield found.ok()


@dataclass(frozen=True)
class Known:
    """What of a call is right whatever else it has: ids of its path, its query, its JSON body."""

    ids: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = NOTHING


def exercise(operation: AnyOperation, send: Send, known: Callable[[], Known]) -> None:
    """Send what the contract allows, what it does not, and what is known to be right, which has to succeed.

    Some of each is made up beside what is known; nothing may be a failure of ours.
    """
    seen: Counter[int] = Counter()
    for mode in MODES if _can_be_wrong(operation) else MODES[:1]:
        _send_made_up(operation, mode, known, lambda *call: seen.update([send(*call)]))
    right = known()
    query = f"?{urlencode(right.query)}" if right.query else ""
    path = operation.path
    for name, value in right.ids.items():
        path = path.replace(f"{{{name}}}", quote(value, safe="=',@:()"))
    body = b"" if right.body is NOTHING else json.dumps(right.body).encode()
    seen.update([send(operation.method.upper(), path + query, body, "application/json" if body else "")])
    assert all(status < 500 for status in seen), seen
    assert any(200 <= status < 300 for status in seen), f"{operation.label}: {dict(seen)}"


def _send_made_up(
    operation: AnyOperation,
    mode: GenerationMode,
    known: Callable[[], Known],
    send: Callable[[str, str, bytes, str], None],
) -> None:
    @FEW
    @given(operation.as_strategy(generation_mode=mode))
    def call(case: Case[Any]) -> None:
        send(*_written(case))
        send(*_written(_with(case, known())))

    call()


def _can_be_wrong(operation: AnyOperation) -> bool:
    """Return whether there is a call that the contract does not allow; any text is a text."""
    schemas = (each.definition["schema"] for each in operation.query)
    return bool(operation.body) or any(schema.get("type") != "string" for schema in schemas)


def _with(case: Case[Any], known: Known) -> Case[Any]:
    """Put what is known into a case."""
    case.path_parameters = {**(case.path_parameters or {}), **known.ids}
    case.query = {**(case.query or {}), **known.query}
    if known.body is not NOTHING:
        made_up: Any = case.body
        mixed = isinstance(made_up, dict) and isinstance(known.body, dict)
        case.body = {**made_up, **known.body} if mixed else known.body
        case.media_type = "application/json"
    return case


def _written(case: Case[Any]) -> tuple[str, str, bytes, str]:
    given_ = case.as_transport_kwargs(base_url=BASE)
    made = Request(**{name: given_[name] for name in ("method", "url", *PARTS) if name in given_}).prepare()
    assert made.method is not None
    assert made.url is not None
    assume(len(made.url) < LONGEST_URL)
    kind = made.headers.get("Content-Type") or given_["headers"].get("Content-Type", "")
    body: Any = made.body or b""
    return made.method, made.url.removeprefix(BASE), body.encode() if isinstance(body, str) else body, str(kind)
