"""``opencasb catalog weights``, ``override`` and ``history``: how a tenant scores apps."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from opencasb.cli.app_argument import find_app
from opencasb.cli.help_text import Group
from opencasb.cli.options import CommandContext, actor, tenant_options
from opencasb.cli.output import echo_done, echo_json, echo_table, explained, moment
from opencasb.model.score_settings import ScoreSettings, ScoreWords, shown

if TYPE_CHECKING:
    from opencasb.app import Casb


@click.group("weights", cls=Group)
def weights() -> None:
    """Set the weights of risk factors and groups in scores."""


@weights.command("list")
@tenant_options
def list_weights(context: CommandContext, as_json: bool) -> None:
    """List the weight of each group and factor. JSON: {"groups", "factors"}."""
    _show(context.casb.score_settings.get(context.tenant_id), as_json=as_json)


@weights.command("set")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@click.option("--importance", help="ignored, low, medium, high or very high.")
@click.option("--include-na/--leave-out-na", default=None, help="Count unknown factors as 0 points, or leave them out.")
@tenant_options
def set_weights(
    context: CommandContext, names: tuple[str, ...], importance: str | None, include_na: bool | None, as_json: bool
) -> None:
    """Set the weight of each NAME: a factor (see weights list), a group such as security, or "all" factors.

    All apps are rescored at once, also in past reports. JSON: as for list.
    """
    if importance is None and include_na is None:
        raise click.UsageError("nothing to change: give --importance or --include-na/--leave-out-na")
    with explained("NAME"):
        words = ScoreWords.read(names, importance, include_na=include_na)
    settings = context.casb.risk_scores.weigh(
        context.tenant_id, factors=words.factors, groups=words.groups, counted=words.counted, by=actor()
    )
    _show(settings, as_json=as_json)


@weights.command("reset")
@tenant_options
def reset(context: CommandContext, as_json: bool) -> None:
    """Reset all weights to their defaults. JSON: as for list."""
    casb, tenant_id = context.casb, context.tenant_id
    casb.risk_scores.reset(tenant_id, by=actor())
    if as_json:
        _show(casb.score_settings.get(tenant_id), as_json=True)


def _show(settings: ScoreSettings, *, as_json: bool) -> None:
    told = shown(settings)
    if as_json:
        echo_json(told)
        return
    echo_table(("group", "importance"), [(group["group"], group["importance"]) for group in told["groups"]])
    click.echo()
    rows = [
        (each["factor"], each["label"], each["group"], each["importance"], "counted as 0" if each["include_na"] else "")
        for each in told["factors"]
    ]
    echo_table(("factor", "label", "group", "importance", "without a value"), rows)


@click.group("override", cls=Group)
def override() -> None:
    """Override the scores of apps. APP is an id, name or domain."""


@override.command("set")
@click.argument("app")
@click.argument("score", type=click.IntRange(0, 10))
@click.option("--note", default="", help="Reason.")
@tenant_options
def set_override(context: CommandContext, app: str, score: int, note: str, as_json: bool) -> None:
    """Set the score of APP to SCORE, from 0 (risky) to 10 (safe). JSON: the override."""
    found = find_app(context, app)
    with explained("override"):
        made = context.casb.risk_scores.override(context.tenant_id, found.app_id, score, note, by=actor())
    echo_done(made, f"{found.name} ({found.app_id}): {made.score}", as_json=as_json)


@override.command("remove")
@click.argument("app")
@tenant_options
def remove_override(context: CommandContext, as_json: bool, app: str) -> None:
    """Remove the override of APP. JSON: {"removed"}, the app's id."""
    found = find_app(context, app)
    if not context.casb.risk_scores.remove_override(context.tenant_id, found.app_id, by=actor()):
        raise click.ClickException(f"APP: {found.name} ({found.app_id}) has no override")
    echo_done({"removed": found.app_id}, as_json=as_json)


@override.command("list")
@tenant_options
def list_overrides(context: CommandContext, as_json: bool) -> None:
    """List the overrides. JSON: objects {"app_id", "score", "note", "author", "created"}."""
    casb, tenant_id = context.casb, context.tenant_id
    found = casb.score_overrides.all(tenant_id)
    if as_json:
        echo_json(found)
        return
    names = _names(casb, tenant_id)
    rows = [
        (each.app_id, names(each.app_id), each.score, each.author, moment(each.created), each.note.replace("\n", " "))
        for each in found
    ]
    echo_table(("id", "app", "score", "by", "when", "note"), rows)


@click.command("history")
@click.argument("app", required=False)
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=100, show_default=True, help="Maximum number of changes."
)
@tenant_options
def history(context: CommandContext, app: str | None, limit: int, as_json: bool) -> None:
    """List score changes of discovered apps, or of APP, newest first.

    JSON: objects {"change_id", "time", "app_id", "before", "after", "cause", "author"}; null is unscored.
    """
    casb, tenant_id = context.casb, context.tenant_id
    app_id = None if app is None else find_app(context, app).app_id
    found = casb.score_keeping.changes(tenant_id, app_id=app_id, limit=limit) or []
    if as_json:
        echo_json(found)
        return
    names = _names(casb, tenant_id)
    rows = [
        (moment(each.time), names(each.app_id), _score(each.before), _score(each.after), each.cause, each.author)
        for each in found
    ]
    echo_table(("when", "app", "before", "after", "cause", "by"), rows)


def _score(score: int | None) -> str:
    return "unscored" if score is None else str(score)


def _names(casb: Casb, tenant_id: int) -> Callable[[int], str]:
    catalog, outside = casb.reports.catalog(tenant_id), casb.unlisted_apps.all(tenant_id)

    def name(app_id: int) -> str:
        app = catalog.app(app_id)
        return app.name if app else outside.get(app_id, str(app_id))

    return name


COMMANDS = (weights, override, history)
