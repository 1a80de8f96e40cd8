"""``opencasb trust``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from opencasb.cli.trust import command
from opencasb.model.permissions import MDCA
from opencasb.model.tenant import Tenant
from tests.identity.standin import StandIn
from tests.identity.trust.directory import APP, DIRECTORY, GROUP, Directory, trusting


def _run(casb: StandIn, *words: str, code: int = 0) -> Result:
    done = CliRunner().invoke(command, words, obj=casb)
    assert done.exit_code == code, done.output
    return done


def _json(casb: StandIn, *words: str) -> Any:  # any JSON
    return json.loads(_run(casb, *words, "--json").stdout)


def test_an_issuer_from_its_addition_to_its_removal(casb: StandIn, tenant: Tenant) -> None:
    """Added, changed, listed, shown, and gone."""
    words = (
        "add",
        DIRECTORY,
        "--audience",
        APP,
        "--graph-audience",
        "urn:graph",
        "--map",
        f"group:{GROUP}=global-reader",
    )
    made = _json(casb, *words)
    assert (made["issuer"], made["audiences"], made["graph_audiences"]) == (DIRECTORY, [APP], ["urn:graph"])
    assert made["role_mapping"] == [f"group:{GROUP}=global-reader"]
    assert _json(casb, "list") == [made]
    assert _json(casb, "show", DIRECTORY.upper()) == made
    assert _json(casb, "add", DIRECTORY, "--audience", APP, "--directory-roles")["role_mapping"] == []
    printed = _run(casb, "show", DIRECTORY).stdout
    assert f"audiences: {APP}\n" in printed
    assert "directory_roles: True" in printed
    assert DIRECTORY in _run(casb, "list").stdout
    _run(casb, "remove", DIRECTORY)
    assert "opencasb trust list" in _run(casb, "remove", DIRECTORY, code=1).stderr
    assert _json(casb, "list") == []


def test_the_risk_of_the_vendors_audience_is_told(casb: StandIn, tenant: Tenant) -> None:
    """It is an option of its own, and no audience like others."""
    assert "vendor audience" in _run(casb, "add", DIRECTORY, "--audience", MDCA.app_id, code=1).stderr
    assert "Warning" in _run(casb, "add", DIRECTORY, "--vendor-audience").stderr


def test_what_is_wrong_is_one_line(casb: StandIn, tenant: Tenant) -> None:
    """A role, a directory of ours, one of another tenant."""
    assert "king" in _run(casb, "add", DIRECTORY, "--audience", APP, "--map", f"oid:{GROUP}=king", code=1).stderr
    assert "tenant of this server" in _run(casb, "add", tenant.guid, "--audience", APP, code=1).stderr
    casb.tenants.create("Fabrikam")
    _run(casb, "add", DIRECTORY, "--audience", APP, "--tenant", "Fabrikam")
    here = ("--tenant", "Contoso")
    assert "another tenant" in _run(casb, "add", DIRECTORY, "--audience", APP, *here, code=1).stderr
    assert "not trusted by this tenant" in _run(casb, "show", DIRECTORY, *here, code=1).stderr


def test_keys_can_be_tried(casb: StandIn, tenant: Tenant, tmp_path: Path) -> None:
    """Those that are published, and those of a file; an outage is one line."""
    directory = Directory()
    trusting(casb, directory.fetch)
    _run(casb, "add", DIRECTORY, "--audience", APP)
    assert _json(casb, "check", DIRECTORY) == {"issuers": [directory.v2, directory.v1], "key_ids": ["key-1"]}
    assert "key_ids: key-1" in _run(casb, "check", DIRECTORY).stdout
    directory.answers = dict.fromkeys(directory.documents())
    assert "nobody there" in _run(casb, "check", DIRECTORY, code=1).stderr
    file = tmp_path / "keys.json"
    file.write_text(json.dumps(directory.jwks()))
    assert _json(casb, "add", DIRECTORY, "--audience", APP, "--keys", str(file))["pinned_keys"] is True
    assert _json(casb, "check", DIRECTORY)["key_ids"] == ["key-1"]
