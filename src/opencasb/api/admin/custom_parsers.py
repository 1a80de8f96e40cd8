"""Custom parsers: versioned log format definitions, tested on samples and attached to data sources (portal §3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from opencasb.api.admin.parameters import made, number
from opencasb.api.v1.call import Call, Reply
from opencasb.api.v1.errors import BadRequest, NotFound, explained, or_not_found
from opencasb.api.v1.routes import Route
from opencasb.discovery.compression import LogError
from opencasb.model.custom_parser import NAME, CustomParser
from opencasb.model.stream import Stream, StreamType

if TYPE_CHECKING:
    from opencasb.app import Casb
    from opencasb.discovery.custom.definition import Definition
    from opencasb.discovery.formats.base import ParseContext

MOST_ROWS: Final = 100


def list_parsers(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return the parsers, ordered by name."""
    found = casb.custom_parsers.all(call.tenant_id)
    return {"parsers": [_record(casb, each) for each in found]}


def put(casb: Casb, call: Call) -> Reply:
    """Store a definition under its name; a changed one becomes a new version, which applies to logs from now on."""
    parser = casb.parsers.put(call.tenant_id, _definition(call), by=call.principal.name)
    return made(_record(casb, parser))


def show(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return a parser with its definition, by default the newest version's."""
    wanted = call.parameters.integer("version")
    versions = casb.custom_parsers.versions(call.tenant_id, _name(call))
    if not versions or versions[0].removed is not None:
        raise NotFound
    found = next((each for each in versions if wanted in {None, each.version}), None)
    if found is None:
        raise BadRequest(f"version: there is no version {wanted}; allowed: 1 to {versions[0].version}")
    return {**_record(casb, found), "definition": msgspec.json.decode(found.definition)}


def remove(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Delete a parser that no data source uses."""
    from opencasb.discovery.custom.attached import ParserInUse

    try:
        found = casb.parsers.remove(call.tenant_id, _name(call), by=call.principal.name)
    except ParserInUse as error:
        raise BadRequest(f"name: {error}") from None
    or_not_found(found)
    return {}


def attach(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Use a parser for the logs of a data source from now on."""
    parser = _parser(casb, call)
    stream = _data_source(casb, call)
    casb.parsers.attach(stream, parser.name, by=call.principal.name)
    return _record(casb, parser)


def detach(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Switch a data source back to the parser of its own type."""
    parser = _parser(casb, call)
    stream = _data_source(casb, call)
    if stream.parser != parser.name:
        raise BadRequest(f"data_source: the logs of {stream.display_name!r} are not read by {parser.name!r}")
    casb.parsers.attach(stream, "", by=call.principal.name)
    return _record(casb, parser)


def preview(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return the result of a definition on a sample."""
    from opencasb.discovery.custom.preview import preview as seen

    rows = number(call, "rows", 0, MOST_ROWS, 10)
    return seen(_definition(call), _sample(call), _context(casb, call), rows).record()


def propose(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Propose a definition for a sample of an unknown format."""
    from opencasb.discovery.inference.propose import NothingFound
    from opencasb.discovery.inference.propose import propose as proposed

    name = call.parameters.text("name", longest=64) or "proposed"
    if not NAME.fullmatch(name):
        raise BadRequest(f"name: {name!r} must be 1-64 letters, digits, - and _")
    try:
        return proposed(_sample(call), _context(casb, call), name).record()
    except NothingFound as error:
        raise BadRequest(f"sample: {error}") from None


def _definition(call: Call) -> Definition:
    from opencasb.discovery.custom.definition import InvalidDefinition
    from opencasb.discovery.custom.document import from_values, read_document

    given = call.parameters.value("definition")
    if given is None:
        raise BadRequest("definition: this parameter is required, an object or a document of YAML or JSON")
    try:
        return read_document(given) if isinstance(given, str) else from_values(given)
    except InvalidDefinition as error:
        raise BadRequest(f"definition: {error}") from None


def _sample(call: Call) -> list[str]:
    from opencasb.discovery.custom.preview import first_lines

    given = call.parameters.value("sample")
    if not isinstance(given, str):
        raise BadRequest("sample: this parameter is required, the first lines of the log as text")
    try:
        return first_lines(given.encode("utf-8", "replace"))
    except LogError as error:
        raise BadRequest(f"sample: {error}") from None


def _context(casb: Casb, call: Call) -> ParseContext:
    from opencasb.discovery.formats.base import ParseContext
    from opencasb.discovery.parsing import check_zone

    zone = call.parameters.text("timezone", longest=64) or "UTC"
    with explained():
        return ParseContext(casb.clock(), check_zone(zone))


def _name(call: Call) -> str:
    name = call.path["name"]
    if not NAME.fullmatch(name):
        raise NotFound
    return name


def _parser(casb: Casb, call: Call) -> CustomParser:
    return or_not_found(casb.custom_parsers.get(call.tenant_id, _name(call)))


def _data_source(casb: Casb, call: Call) -> Stream:
    name = call.parameters.required_text("data_source")
    found = casb.streams.by_name(call.tenant_id, name)
    if found is None or found.stream_type is not StreamType.INPUT:
        every = casb.streams.all(call.tenant_id)
        known = ", ".join(each.display_name for each in every if each.stream_type is StreamType.INPUT) or "none"
        raise BadRequest(f"data_source: {name!r} is not a data source; known: {known}")
    return found


def _record(casb: Casb, parser: CustomParser) -> dict[str, Any]:  # JSON
    used = [each.display_name for each in casb.parsers.using(parser.tenant_id, parser.name) if not each.is_snapshot]
    return {**parser.record(), "data_sources": used}


ROUTES: Final = (
    Route("parsers", None, {"GET": list_parsers, "POST": put}),
    Route("parsers/<name>", None, {"GET": show, "DELETE": remove}),
    Route("parsers/<name>/data-sources", None, {"POST": attach, "DELETE": detach}),
    Route("parser-previews", None, {"POST": preview}),
    Route("parser-proposals", None, {"POST": propose}),
)
