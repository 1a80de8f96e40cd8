"""A parsed query to the API, and the processing common to all resources."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from opencasb.api.graph.edm import EntityType
from opencasb.api.graph.links import Links
from opencasb.api.graph.negotiation import Form
from opencasb.api.graph.options import LARGEST_PAGE, Options
from opencasb.api.graph.path import Target
from opencasb.api.graph.rows import Record, Rows
from opencasb.api.graph.selection import select
from opencasb.model.principal import Principal

COLLECTION_OPTIONS: Final = frozenset({"select", "filter", "top", "skip", "orderby", "count", "expand", "skiptoken"})
ENTITY_OPTIONS: Final = frozenset({"select", "expand"})


@dataclass(frozen=True, slots=True)
class Query:
    """A read of one resource by one caller."""

    principal: Principal
    target: Target
    options: Options
    form: Form
    links: Links

    @property
    def page_size(self) -> int:
        """Rows per response: ``$top``, which Graph treats as page size (graph §5.1), capped by the client's wish."""
        preferred = self.form.most_rows
        if preferred is None:
            return self.options.page_size
        return min(preferred, LARGEST_PAGE if self.options.top is None else self.options.page_size)


def annotated(query: Query, context: str, selection: Mapping[str, str], record: Mapping[str, object]) -> Record:
    """Return the body for a single entity, with its context."""
    return {**_context(query, context, selection), **record}


def collection(
    query: Query,
    rows: Rows,
    context: str,
    *,
    day: str | None = None,
    extend: Callable[[Rows, list[Record]], None] | None = None,
) -> Record | int:
    """Return one page of ``rows`` after applying all options, or their number for ``/$count``.

    ``day`` is pinned in the link to the next page; ``extend`` may add expanded properties to the page's records. Raises
    BadRequest.
    """
    options = query.options
    options.allow(COLLECTION_OPTIONS, "a collection")
    selection = select(rows.type, options.select)
    found = rows.where(options.filter)
    total = found.frame.height
    if query.target.count:
        return total
    ordered = found.ordered(options.orderby)
    behind = None if options.after is None else ordered.behind(options.after)
    skip = options.skip if behind is None else behind
    page = ordered.page(skip, query.page_size)
    records = page.records(selection, query.form)
    if extend is not None:
        extend(page, records)
    body = _context(query, context, selection)
    if options.count:
        body["@odata.count"] = str(total) if query.form.long_as_text else total
    end = skip + query.page_size
    if records and end < total:
        body["@odata.nextLink"] = query.links.page(options, end, day, page.last_key)
    return {**body, "value": records}


def selected(query: Query, entity: EntityType) -> Mapping[str, str]:
    """Return the selection for a single entity, which supports only ``$select`` and ``$expand``."""
    query.options.allow(ENTITY_OPTIONS, "a single resource")
    return select(entity, query.options.select)


def _context(query: Query, context: str, selection: Mapping[str, str]) -> Record:
    if not query.form.annotated:
        return {}
    return {"@odata.context": query.links.context(context, _listed(query.options.select, selection))}


def _listed(text: str, selection: Mapping[str, str]) -> list[str]:
    """Return the selected properties for the context URL; the key, always sent, only if the client named it."""
    named = {name.strip().lower() for name in text.split(",")} - {""}
    return [wire for wire in selection if wire != "id" or named & {"id", "*"}] if named else []
