"""Options shared by commands."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from opencasb.cli.options import actor, data_option, json_option, tenant_of, tenant_option
from tests.identity.standin import HandClock, open_standin


@click.command
@tenant_option
@data_option
@json_option
def _probe(data: Path, tenant: str | None, as_json: bool) -> None:
    click.echo(json.dumps([str(data), tenant, as_json]))


@pytest.mark.parametrize(
    ("arguments", "environment", "expected"),
    [
        ([], {}, ["data", None, False]),
        ([], {"OPENCASB_DATA": "/srv/casb"}, ["/srv/casb", None, False]),
        (["--data", "x", "--json", "--tenant", "t"], {"OPENCASB_DATA": "/srv/casb"}, ["x", "t", True]),
    ],
)
def test_the_data_directory_is_given_found_or_assumed(
    arguments: list[str], environment: dict[str, str | None], expected: list[object]
) -> None:
    """The option takes precedence over the variable, and the variable over the default."""
    outcome = CliRunner().invoke(_probe, arguments, env={"OPENCASB_DATA": None, **environment})
    assert json.loads(outcome.stdout) == expected


def test_a_tenant_is_named_in_four_ways(tmp_path: Path) -> None:
    """By name, domain, guid or number; the default is the oldest."""
    clock = HandClock()
    with open_standin(tmp_path, clock) as casb:
        first = casb.tenants.create("Contoso", domain="contoso.example")
        clock.now += 1
        second = casb.tenants.create("Fabrikam")
        assert tenant_of(casb, None) == first
        for given in ("Contoso", "contoso.EXAMPLE", first.guid.upper(), str(first.tenant_id)):
            assert tenant_of(casb, given) == first
        assert tenant_of(casb, "Fabrikam") == second
        for given in ("", "fabrikam", "12", "9" * 30, "²"):
            with pytest.raises(click.ClickException, match="Contoso, Fabrikam"):
                tenant_of(casb, given)


def test_a_new_data_directory_gets_its_first_tenant(tmp_path: Path) -> None:
    """No other command has to run first; the second call finds the tenant that the first created."""
    with open_standin(tmp_path, HandClock()) as casb:
        made = tenant_of(casb, None)
        assert made.name == "Default"
        assert tenant_of(casb, None) == made


def test_the_actor_is_the_user_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The audit log records the operating system user, if known."""
    monkeypatch.setenv("LOGNAME", "ann")
    assert actor() == "cli:ann"
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("os.getuid", lambda: 4_000_000_000)
    assert actor() == "cli"


def test_two_commands_in_a_new_installation_have_one_tenant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that looked before the other created the tenant finds it, too."""
    with open_standin(tmp_path, HandClock()) as casb:
        made = tenant_of(casb, None)
        look, answers = casb.tenants.default, iter([None])
        monkeypatch.setattr(casb.tenants, "default", lambda: next(answers, made) and look())
        assert tenant_of(casb, None) == made
        assert casb.tenants.all() == [made]
