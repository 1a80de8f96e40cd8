"""Write the generated parts of docs/: the tables of settings, filters and formats, and the catalog counts."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from opencasb.filters.field import Field
from opencasb.filters.fields import RESOURCES
from opencasb.filters.parse import NEGATIVES, OPERATORS
from opencasb.filters.tables.risk_factors import RISK_FACTORS
from opencasb.setting_values import descriptions
from opencasb.settings import Settings

DOCS = Path(__file__).parents[1] / "docs"
GUIDE = DOCS / "operator-guide.md"
FILTERS = DOCS / "filters.md"
FORMATS = DOCS / "log-formats.md"
CATALOG = DOCS / "catalog.md"


def settings_table() -> str:
    """Return the settings as Markdown."""
    rows = ["| Setting | Variable | Default | Meaning |", "|---|---|---|---|"]
    for name, description in descriptions(Settings).items():
        value = getattr(Settings, name)
        value = ",".join(value) if isinstance(value, tuple) else value
        default = "" if value in {None, "", ()} else f"`{value}`"
        rows.append(f"| `{name}` | `OPENCASB_{name.upper()}` | {default} | {description} |")
    return "\n".join(rows) + "\n"


def filter_tables() -> str:
    """Return the filters of every resource as Markdown."""
    parts = []
    for resource, table in RESOURCES.items():
        parts += section(resource, [field for field in table.values() if field not in RISK_FACTORS])
        if set(RISK_FACTORS) <= set(table.values()):
            parts += ["And every [risk factor](#risk-factors).", ""]
    return "\n".join([*parts, *section("Risk factors", RISK_FACTORS)])


def section(title: str, fields: Sequence[Field]) -> list[str]:
    """Return filters as a section with a heading."""
    rows = [filter_row(field) for field in fields]
    return [f"## {title}", "", "| Filter | Values | Operators | Meaning |", "|---|---|---|---|", *rows, ""]


def filter_row(field: Field) -> str:
    """Return one filter as a table row; a bar would end the cell."""
    values = field.kind.name.lower() + (", null" if field.nulls else "")
    operators = " ".join(f"`{operator}`" for operator in ordered_operators() if operator in field.operators)
    about = field.about.replace("|", "\\|")
    return f"| `{field.name}` | {values} | {operators} | {about} |"


def ordered_operators() -> list[str]:
    """Return every operator, each followed by its negative."""
    opposite = {positive: negative for negative, positive in NEGATIVES.items()}
    return [name for positive in OPERATORS for name in (positive, opposite.get(positive)) if name]


def with_catalog(text: str) -> str:
    """Return the catalog page with current counts."""
    from scripts.catalog_tables import parts

    for name, part in parts().items():
        text = replaced(text, name, part)
    return text


def with_settings(text: str) -> str:
    """Return the guide with the current table."""
    return replaced(text, "settings", settings_table())


def with_filters(text: str) -> str:
    """Return the filters page with current tables."""
    return replaced(text, "filters", filter_tables())


def replaced(text: str, name: str, part: str) -> str:
    """Return a page with the named generated part replaced."""
    begin, end = f"<!-- {name}: begin (written by `make docs`) -->\n", f"<!-- {name}: end -->"
    head, _, rest = text.partition(begin)
    _, _, tail = rest.partition(end)
    return head + begin + part + end + tail


def with_formats(text: str) -> str:
    """Return the log formats page with the current table."""
    from scripts.format_table import table

    return replaced(text, "formats", table())


PAGES = ((GUIDE, with_settings), (FILTERS, with_filters), (FORMATS, with_formats), (CATALOG, with_catalog))


if __name__ == "__main__":
    sys.path.insert(0, str(DOCS.parent))
    from scripts.format_table import LOGS, count_samples

    if LOGS.is_dir():
        count_samples()
    for page, write in PAGES:
        page.write_text(write(page.read_text(encoding="utf-8")), encoding="utf-8")
