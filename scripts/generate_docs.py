"""Write the generated parts of docs/: the table of settings."""

from __future__ import annotations

from pathlib import Path

from opencasb.settings import Settings

GUIDE = Path(__file__).parents[1] / "docs" / "operator-guide.md"
BEGIN, END = "<!-- settings: begin (written by `make docs`) -->\n", "<!-- settings: end -->"


def settings_table() -> str:
    """Return the settings as Markdown."""
    rows = ["| Setting | Variable | Default | Meaning |", "|---|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = "" if field.default in {None, "", ()} else f"`{field.default}`"
        rows.append(f"| `{name}` | `OPENCASB_{name.upper()}` | {default} | {field.description} |")
    return "\n".join(rows) + "\n"


def with_settings(text: str) -> str:
    """Return the guide with the present table."""
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return head + BEGIN + settings_table() + END + tail


if __name__ == "__main__":
    GUIDE.write_text(with_settings(GUIDE.read_text(encoding="utf-8")), encoding="utf-8")
