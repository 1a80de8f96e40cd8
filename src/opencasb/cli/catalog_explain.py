"""``opencasb catalog explain``: how the score of an app is calculated."""

from __future__ import annotations

from typing import Any

import click

from opencasb.cli.app_argument import find_app, find_in
from opencasb.cli.options import CommandContext, tenant_options
from opencasb.cli.output import echo_json, echo_table
from opencasb.cli.shipped_catalog import shipped_catalog
from opencasb.model.score_settings import DEFAULT

_HEADINGS = ("factor", "group", "value", "points", "weight", "adds", "source", "date", "evidence")


@click.command("explain")
@click.argument("app")
@click.option("--all", "everything", is_flag=True, help="Include unknown factors.")
@tenant_options
def explain(context: CommandContext, app: str, everything: bool, as_json: bool) -> None:
    """Explain the score of APP (id, name or domain).

    Without --tenant and a data directory, explains the score in the shipped catalog. JSON: everything needed to
    recalculate the score.
    """
    told = _explained(context, app)
    if as_json:
        echo_json(told)
        return
    click.echo(_headline(told))
    click.echo(told["description"])
    echo_table(("group", "score", "importance"), [_group(group) for group in told["groups"]])
    click.echo()
    lines = [line for line in told["factors"] if everything or line["fact"] or line["counts"]]
    echo_table(_HEADINGS, [_row(line) for line in lines])
    if told["information"]:
        click.echo("\nnot scored:")
        echo_table(("factor", "value", "source", "date", "evidence"), [_fact_row(fact) for fact in told["information"]])


def _explained(context: CommandContext, given: str) -> dict[str, Any]:  # JSON
    from opencasb.catalog.explanation import explanation
    from opencasb.catalog.fact import facts_of

    if context.named is None and not context.data.exists():
        catalog = shipped_catalog(context.data)
        app = find_in(catalog, catalog.app, dict, given)
        facts = facts_of(catalog.facts, app.app_id)
        return explanation(app, catalog.score_of(facts), facts, DEFAULT, None)
    app = find_app(context, given)
    return context.casb.risk_scores.explain(context.tenant_id, app)


def _headline(told: dict[str, Any]) -> str:  # JSON
    override, total = told["override"], told["total"]
    facts = f"{told['known']} of {told['of']} factors known"
    if total is None:
        made = f"unscored: {told['unscored_because']}"
    else:
        made = f"{total:.1f}, {'low evidence: ' if told['low_evidence'] else ''}{facts}"
    if override is not None:
        note = f" ({override['note']})" if override["note"] else ""
        made = f"{override['score']}, given by {override['author']}{note}; by its facts {made}"
    elif told["score_from"] == "custom app":
        made = f"{told['score']}, as the custom app was defined; by its facts {made}"
    return f"{told['name']} ({told['app_id']}): {made}"


def _group(group: dict[str, Any]) -> tuple[object, ...]:  # JSON
    return group["group"], "-" if group["score"] is None else f"{group['score']:.1f}", group["importance"]


def _row(line: dict[str, Any]) -> tuple[object, ...]:  # JSON
    fact = line["fact"] or {"source": "-", "date": "-", "evidence": None}
    return (
        line["label"],
        line["group"],
        line["remark"] if line["value"] is None else _shown(line["value"]),
        "-" if line["points"] is None else f"{line['points']:.1f}",
        _weight(line),
        f"{line['contribution']:.2f}" if line["counts"] else "-",
        _source(fact),
        fact["date"],
        fact["evidence"] or "",
    )


def _weight(line: dict[str, Any]) -> str:  # JSON
    return str(line["importance"]) if line["weight"] else "ignored"


def _fact_row(fact: dict[str, Any]) -> tuple[object, ...]:  # JSON
    return fact["label"], _shown(fact["value"]), _source(fact), fact["date"], fact["evidence"] or ""


def _source(fact: dict[str, Any]) -> str:  # JSON
    return f"{fact['source']} ({fact['method']})" if fact.get("method") else str(fact["source"])


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
