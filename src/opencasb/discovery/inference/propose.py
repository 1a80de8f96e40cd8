"""Proposes a custom parser for an undescribed log, and says how well it fits.

It knows only the shapes that logs have and the words people use for fields, and uses no description of a vendor's
format. A proposal is a definition like any other, to be read, corrected and attached.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from opencasb.discovery.compression import LogError
from opencasb.discovery.custom.checks import check
from opencasb.discovery.custom.cutting import object_of
from opencasb.discovery.custom.definition import MEANINGS, Definition, Fields, InvalidDefinition
from opencasb.discovery.custom.document import to_yaml
from opencasb.discovery.custom.preview import Preview, one_line, preview
from opencasb.discovery.formats.json_wrappers import unwrap_json
from opencasb.discovery.formats.restored import without_escapes
from opencasb.discovery.formats.wrappers import HEADER, unwrap
from opencasb.discovery.inference import words
from opencasb.discovery.inference.actions import find_action, find_action_before, find_ignored
from opencasb.discovery.inference.advice import Advice, advice
from opencasb.discovery.inference.column_names import with_names
from opencasb.discovery.inference.columns import Column
from opencasb.discovery.inference.free_text import LEAST_COVERED, free_text
from opencasb.discovery.inference.judgement import clients_warned_of, missing, plausibility_of, warnings_of
from opencasb.discovery.inference.roles import Roles, find_roles, item_of
from opencasb.discovery.inference.shape import Shape, is_of_sentences
from opencasb.discovery.inference.shapes import shapes
from opencasb.discovery.inference.sizes import find_sizes
from opencasb.discovery.inference.times import FoundTime, find_time

if TYPE_CHECKING:
    from opencasb.discovery.formats.base import ParseContext

SAMPLED: Final = 1500
"""Lines that are examined."""

LONGEST: Final = 16_384
"""Characters of a line that are examined."""


_NOTHING: Final = (
    "no field with the client's address and no target (host, URL or address) stand in most of its lines; if parts of "
    "fields have them, write a definition by hand (docs/custom-parsers.md)"
)
_RECORDS_OVER_LINES: Final = (
    f"{_NOTHING}; records of JSON have to be objects of a line each, which of an array jq -c '.[]' makes"
)


class NothingFound(LogError):
    """No definition can be proposed for a log; the message says why."""


@dataclass(frozen=True)
class Proposal:
    """A definition, its result on the sample, and what a person should check.

    ``plausibility`` is 0 to 1: the weight of what was found, as a share of all that could be.
    """

    definition: Definition
    preview: Preview
    plausibility: float
    warnings: list[str] = field(default_factory=list)
    advice: list[Advice] = field(default_factory=list)

    @property
    def document(self) -> str:
        """The definition as YAML."""
        return to_yaml(self.definition)

    def record(self) -> dict[str, Any]:  # JSON
        """Return the proposal as JSON."""
        import msgspec

        return {
            "definition": msgspec.to_builtins(self.definition),
            "plausibility": round(self.plausibility, 3),
            "preview": self.preview.record(),
            "warnings": self.warnings,
            "advice": [{"appliance": each.appliance, "why": each.why, "line": each.line} for each in self.advice],
        }


def propose(lines: Sequence[str], context: ParseContext, name: str = "proposed") -> Proposal:
    """Return the best definition for ``lines``. Raises :class:`NothingFound`, and nothing else for any line."""
    sample = [one_line(line)[:LONGEST] for line in lines if line.strip()][:SAMPLED]
    if not sample:
        raise NothingFound("the log has no lines")
    best = max(_proposals(sample, context, name), key=lambda found: found.plausibility, default=None)
    if best is None:
        is_one_value = sample[0].lstrip().startswith(("[", "{")) and (len(sample) == 1 or object_of(sample[0]) is None)
        raise NothingFound(_RECORDS_OVER_LINES if is_one_value else _NOTHING)
    return best


def _proposals(sample: Sequence[str], context: ParseContext, name: str) -> list[Proposal]:
    """Return the proposals from separators and names that fit; failing those, from free text, or the poor fits."""
    fitting: list[Proposal] = []
    loose: list[Proposal] = []
    for shape in _shapes(sample):
        for proposal in _of_shape(shape, sample, context, name):
            fits = proposal.preview.fits >= LEAST_COVERED and not is_of_sentences(shape)
            (fitting if fits else loose).append(proposal)
    return fitting or [*_sentences(sample, context, name)] or loose


def _shapes(sample: Sequence[str]) -> Iterator[Shape]:
    for frame, syslog in _frames(sample):
        yield from shapes(frame, syslog=syslog)


def _sentences(sample: Sequence[str], context: ParseContext, name: str) -> Iterator[Proposal]:
    for frame, syslog in _frames(sample):
        for shape in free_text(frame, syslog=syslog):
            yield from _of_shape(shape, sample, context, name)


def _frames(sample: Sequence[str]) -> Iterator[tuple[pl.DataFrame, bool]]:
    """Yield the lines without syslog headers, with them if there are any, and unwrapped from collectors' objects."""
    unwrapped = _frame(sample, syslog=True)
    yield unwrapped, True
    if unwrapped[HEADER].null_count() < unwrapped.height:
        yield _frame(sample, syslog=False), False
    inner = unwrap_json(pl.Series(sample)).to_list()
    if inner != sample:
        yield _frame(inner, syslog=True), True


def _frame(sample: Sequence[str], *, syslog: bool) -> pl.DataFrame:
    texts = without_escapes(pl.Series("text", sample, pl.String))
    frame = pl.DataFrame({"line": pl.int_range(1, len(texts) + 1, eager=True), "text": texts})
    if syslog:
        return unwrap(frame)
    return frame.select("line", pl.lit(None, pl.String).alias(HEADER), "text")


def _of_shape(shape: Shape, sample: Sequence[str], context: ParseContext, name: str) -> Iterator[Proposal]:
    columns, texts = shape.columns, shape.texts
    if not texts:
        return
    roles = find_roles(columns, texts)
    if roles.first("source_ip") is None or not any(map(roles.first, ("destination_ip", "destination_host", "url"))):
        return
    time = find_time(columns, texts, context)
    timed = {item for item in (time.time.fields if time else []) if isinstance(item, str)}
    free = [column for column in columns if column.name not in timed]
    guesses = [*find_sizes(roles, free, named=_are_named(columns)), *clients_warned_of(roles.found["source_ip"][0])]
    actions = find_action(roles, free)
    if shape.kind == "pairs" and roles.first("action") is None:
        actions = find_action_before(roles, texts)
    definition = Definition(
        name=name,
        fields=Fields(**{meaning: _source(roles, meaning) for meaning in MEANINGS if roles.first(meaning)}),
        time=time.time if time else None,
        actions=actions,
        ignore=find_ignored(roles, free),
        incomplete="ignore" if shape.kind != "delimiter" else "reject",
        **shape.options,
    )
    named = definition if shape.header else with_names(definition, roles)
    yield from _checked(named, sample, context, guesses, time)


def _are_named(columns: Sequence[Column]) -> bool:
    """Return whether names identify the sizes: all columns have one or, in free text, one that is a size has."""
    return all(column.named for column in columns) or any(
        column.named and words.SIZE.search(column.hint) and not words.OTHER_SIZE.search(column.hint)
        for column in columns
    )


def _source(roles: Roles, meaning: str) -> Any:  # what a definition takes
    columns = roles.found[meaning]
    if meaning == "url" and len(columns) == 2:  # a path and its query
        return "".join(f"{{{column.name}}}" for column in columns)
    return item_of(columns)


def _checked(
    definition: Definition, sample: Sequence[str], context: ParseContext, guesses: list[str], time: FoundTime | None
) -> Iterator[Proposal]:
    """Yield the proposal if its definition is valid and reads lines."""
    try:
        check(definition)
    except InvalidDefinition:
        return
    seen = preview(definition, sample, context)
    if not seen.counts.used:
        return
    plausibility = plausibility_of(definition, seen)
    warnings = [*warnings_of(definition, seen, time), *guesses]
    yield Proposal(definition, seen, plausibility, warnings, advice(sample, missing(seen)))
