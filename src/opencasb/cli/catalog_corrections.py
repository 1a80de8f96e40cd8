"""``opencasb catalog attest`` and related commands: a tenant's additions to and corrections of the catalog."""

from __future__ import annotations

from typing import Any, Final

import click

from opencasb.cli.app_argument import find_app
from opencasb.cli.options import CommandContext, actor, all_of, tenant_options
from opencasb.cli.output import echo_json, echo_list, explained
from opencasb.model.categories import category_id
from opencasb.model.correction import OPEN, Correction, Kind, State

KINDS: Final = ("fact", "name", "category", "domain", "note")
STATES: Final = ("pending", "accepted", "rejected", "withdrawn", "replaced")


_evidence_options = all_of(
    click.option("--link", default="", help="URL of the evidence."),
    click.option("--remark", default="", help="How this is known."),
    click.option("--by", "attested_by", default="", help="Author of the statement; default: you."),
    click.option("--on", "attested_on", default="", help="Date of the statement (ISO); default: today."),
    click.option("--expires", help="Last day on which it is in effect (ISO); default: none."),
)


@click.command("attest")
@click.argument("app")
@click.argument("factor")
@click.argument("value")
@_evidence_options
@tenant_options
def attest(
    context: CommandContext, /, as_json: bool, app: str, factor: str, value: str, **evidence: Any
) -> None:  # option values
    """State that FACTOR of APP (id, name or domain) is VALUE; "unknown" removes the catalog's own fact.

    A link or remark is required. JSON: the correction.
    """
    app_id = find_app(context, app).app_id
    _put(context, as_json=as_json, kind="fact", app_id=app_id, key=factor, value=value, **evidence)


@click.command("correct-domain")
@click.argument("domain")
@click.option("--app", help="App that DOMAIN belongs to (id, name or domain).")
@click.option("--no-app", is_flag=True, help="DOMAIN belongs to no app of the catalog.")
@_evidence_options
@tenant_options
def correct_domain(
    context: CommandContext, /, as_json: bool, domain: str, app: str | None, no_app: bool, **evidence: Any
) -> None:  # option values
    """Correct which app DOMAIN and its subdomains belong to. JSON: the correction."""
    if no_app == (app is not None):
        raise click.UsageError("give either --app or --no-app")
    app_id = None if app is None else find_app(context, app).app_id
    _put(context, as_json=as_json, kind="domain", app_id=app_id, key=domain, **evidence)


@click.command("correct-app")
@click.argument("app")
@click.option("--name", help="Correct name.")
@click.option("--category", help="Correct category id, such as CLOUD_STORAGE.")
@_evidence_options
@tenant_options
def correct_app(
    context: CommandContext, /, as_json: bool, app: str, name: str | None, category: str | None, **evidence: Any
) -> None:  # option values
    """Correct the name or category of APP (id, name or domain). JSON: the correction."""
    if (name is None) == (category is None):
        raise click.UsageError("give either --name or --category")
    app_id = find_app(context, app).app_id
    value = name if category is None else category_id(category)
    kind = "name" if category is None else "category"
    _put(context, as_json=as_json, kind=kind, app_id=app_id, value=value, **evidence)


@click.command("note")
@click.argument("app")
@click.argument("text", required=False)
@click.option("--remove", is_flag=True, help="Remove the note.")
@tenant_options
def note(context: CommandContext, as_json: bool, app: str, text: str | None, remove: bool) -> None:
    """Set the note on APP (id, name or domain) to TEXT; without TEXT, show it.

    Notes need no review. JSON: the correction.
    """
    if remove and text is not None:
        raise click.UsageError("give either TEXT or --remove")
    casb, tenant_id = context.casb, context.tenant_id
    app_id = find_app(context, app).app_id
    if text is not None:
        _put(context, as_json=as_json, kind="note", app_id=app_id, value=text)
        return
    found = casb.catalog_corrections.note(tenant_id, app_id)
    if found is not None and remove:
        found = casb.corrections.withdraw(tenant_id, found.correction_id, by=actor())
    if found is None:
        raise click.ClickException(f"APP: there is no note on {app!r}")
    if as_json or remove:
        _show(context, found, as_json=as_json)
    else:
        click.echo(found.value)


@click.command("attestations")
@click.option("--app", help="Only those for an app (id, name or domain).")
@click.option("--kind", type=click.Choice(KINDS), help="Only those of this kind.")
@click.option(
    "--state", "states", type=click.Choice(STATES), multiple=True, help="Only those in this state; repeatable."
)
@click.option("--orphans", is_flag=True, help="Only those without effect because the catalog no longer has the app.")
@tenant_options
def attestations(
    context: CommandContext, /, as_json: bool, app: str | None, kind: str | None, states: tuple[str, ...], orphans: bool
) -> None:
    """List facts, corrections and notes, oldest first; by default pending and accepted ones. JSON: the corrections."""
    casb, tenant_id = context.casb, context.tenant_id
    found = casb.corrections.all(
        tenant_id,
        states=[State(state) for state in states] or OPEN,
        kind=None if kind is None else Kind(kind),
        app_id=None if app is None else find_app(context, app).app_id,
    )
    records = [casb.catalog_corrections.record(tenant_id, each) for each in found]
    if orphans:
        records = [record for record in records if record["orphan"]]
    headings = ("id", "state", "app", "kind", "what", "by", "on", "link")
    echo_list(records, headings, map(_row, records), as_json=as_json)


@click.command("review")
@click.argument("correction")
@click.option("--accept", is_flag=True, help="Accept it.")
@click.option("--reject", "reason", metavar="REASON", help="Reject it, with a reason.")
@tenant_options
def review(context: CommandContext, as_json: bool, correction: str, accept: bool, reason: str | None) -> None:
    """Accept or reject the pending correction with the id CORRECTION; its author cannot. JSON: the correction."""
    if accept == (reason is not None):
        raise click.UsageError("give either --accept or --reject REASON")
    if reason is not None and not reason.strip():
        raise click.UsageError("--reject: a reason is needed")
    casb, tenant_id = context.casb, context.tenant_id
    with explained("CORRECTION"):
        if reason is None:
            found = casb.corrections.accept(tenant_id, correction, by=actor())
        else:
            found = casb.corrections.reject(tenant_id, correction, reason.strip(), by=actor())
    _show(context, _known(found, correction), as_json=as_json)


@click.command("withdraw")
@click.argument("correction")
@click.option("--reason", default="", help="Reason.")
@tenant_options
def withdraw(context: CommandContext, as_json: bool, correction: str, reason: str) -> None:
    """Withdraw the pending or accepted correction with the id CORRECTION; it stays on record. JSON: the correction."""
    casb, tenant_id = context.casb, context.tenant_id
    with explained("CORRECTION"):
        found = casb.corrections.withdraw(tenant_id, correction, reason, by=actor())
    _show(context, _known(found, correction), as_json=as_json)


def _put(context: CommandContext, *, as_json: bool, **fields: Any) -> None:  # fields of Given
    from opencasb.governance.statements import Given

    casb, tenant_id = context.casb, context.tenant_id
    with explained("catalog"):
        kept = casb.catalog_corrections.put(tenant_id, Given(**fields), by=actor())
    _show(context, kept.correction, as_json=as_json)


def _known(found: Correction | None, given: str) -> Correction:
    if found is None:
        raise click.ClickException(f"CORRECTION: {given!r} is not the id of a correction")
    return found


def _show(context: CommandContext, found: Correction, *, as_json: bool) -> None:
    if as_json:
        echo_json(context.casb.catalog_corrections.record(context.tenant_id, found))
    else:
        click.echo(f"{found.kind.value} {found.correction_id}: {found.state.value}")


def _row(record: dict[str, Any]) -> tuple[object, ...]:  # JSON
    app = "none" if record["app_id"] is None else record["app"] or f"{record['app_id']} (gone)"
    what = f"{record['key']} {_plain(record['value'])}".strip()
    state = "expired" if record["expired"] else record["state"]
    by, on = record["attested_by"], record["attested_on"]
    return record["id"], state, app, record["kind"], what, by, on, record["link"]


def _plain(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(map(str, value))
        case _:
            return " ".join(str(value).split())


COMMANDS: Final = (attest, attestations, correct_app, correct_domain, note, review, withdraw)
