"""Calls of the administration API that are made up from its contract."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any, Final

import polars as pl
import pytest
import trustme
from cryptography.hazmat.primitives.serialization import Encoding

from opencasb.model.roles import Role
from opencasb.model.stream import StreamType
from opencasb.saas.configuration import Given
from opencasb.store.unlisted_apps import FIRST_ID
from tests.api.admin.conftest import House
from tests.api.admin.contract import CONTRACT
from tests.api.admin.test_corrections import MFA
from tests.api.admin.test_custom_parsers import DEFINITION, SAMPLE
from tests.api.admin.test_managed_apps import LIST
from tests.api.admin.test_notification_channels import HOOK, look_up_inside
from tests.catalog.scored import BOX, SAML, catalog
from tests.conformance.made_up import NOTHING, AnyOperation, Known, exercise, operations
from tests.identity.certificates import certificate
from tests.identity.trust.directory import APP, DIRECTORY
from tests.lake.rows import names, usage
from tests.saas import standin
from tests.wire import send

pytestmark = pytest.mark.slow

ONE_TENANT: Final = ("signing-keys/rotate", "signing-keys/emergency")
"""Refused where there are two tenants; that they succeed elsewhere is tested with the signing keys."""
OPERATIONS: Final = [each for each in operations(CONTRACT) if not each.path.endswith(ONE_TENANT)]
ROOT: Final = "/admin/v1/"
INTEGRATION: Final = {
    "directory_id": standin.DIRECTORY,
    "client_id": standin.CLIENT,
    "client_secret": standin.SECRET,
    "authority": "https://login.example.org",
    "graph_url": "https://graph.example.org",
}
numbers = count(1)


class Stock:
    """A house, and what makes a thing for the parameters of a path: each a new one, for calls use them up."""

    def __init__(self, house: House, integration: Given) -> None:
        self.house = house
        self.integration = integration
        tenant_id = house.contoso.tenant_id
        house.casb.__dict__["catalog"] = catalog()
        house.casb.unlisted_apps.ids(tenant_id, [f"app{number}.example.net" for number in range(30)])
        rows = pl.concat([usage()] * 10).with_columns(app_id=pl.int_range(30, dtype=pl.Int32) + FIRST_ID)
        house.casb.lake.append(tenant_id, rows, names(), "one")
        self._unlisted = count(FIRST_ID)
        look_up_inside(house.casb)

    def _made(self, path: str, json: Any = None, token: str = "") -> dict[str, Any]:
        return dict(self.house.ok("POST", path, json, token=token))

    def applications(self) -> dict[str, str]:
        """Register an application with a user, a secret, a permission and an address."""
        path = f"applications/{(client_id := self.house.application())}"
        (user_id,) = self.users().values()
        self._made(f"{path}/assignments", {"user_id": user_id})
        self._made(f"{path}/permissions", {"permissions": ["Discovery.Read"]})
        self._made(f"{path}/redirects", {"uri": "https://one.example/cb"})
        return {"client_id": client_id, "user_id": user_id, "key_id": self._made(f"{path}/secrets", {})["key_id"]}

    def certificates(self) -> dict[str, str]:
        """Give an application a certificate."""
        client_id = self.house.application()
        made = self._made(f"applications/{client_id}/certificates", {"certificate": pem()})
        return {"client_id": client_id, "key_id": made["key_id"]}

    def users(self) -> dict[str, str]:
        """Add a user."""
        return {
            "user_id": self._made("users", {"name": f"u{next(numbers)}@x.example", "role": "security-reader"})["id"]
        }

    def tokens(self) -> dict[str, str]:
        """Make an API token."""
        return {"token_id": self._made("api-tokens", {"name": f"t{next(numbers)}"})["id"]}

    def corrections(self) -> dict[str, str]:
        """Say something of an app that waits for a review."""
        said = {**MFA, "link": f"https://box.example/{next(numbers)}"}
        return {
            "correction_id": self._made("catalog/corrections", said, self.house.token(Role.SECURITY_ADMINISTRATOR))[
                "id"
            ]
        }

    def own_apps(self) -> dict[str, str]:
        """Add an app."""
        number = next(numbers)
        made = self._made("catalog/custom-apps", {"name": f"Own {number}", "domains": [f"own{number}.example"]})
        return {"app_id": str(made["app_id"])}

    def overrides(self) -> dict[str, str]:
        """Give an app a score."""
        self._made(f"catalog/score-overrides/{BOX}", {"score": 2})
        return {"app_id": str(BOX)}

    def parsers(self) -> dict[str, str]:
        """Keep a parser."""
        name = f"parser{next(numbers)}"
        self._made("parsers", {"definition": {**DEFINITION, "name": name}})
        return {"name": name}

    def attached(self) -> dict[str, str]:
        """Read a data source by a parser."""
        ids = {**self.parsers(), **self.sources()}
        self._made(f"parsers/{ids['name']}/data-sources", {"data_source": ids["source"]})
        return ids

    def issuers(self) -> dict[str, str]:
        """Trust an issuer."""
        self._made("trusted-issuers", {"issuer": DIRECTORY, "audiences": [APP]})
        return {"issuer": DIRECTORY}

    def provider(self) -> dict[str, str]:
        """Let people sign in elsewhere."""
        self._made("external-sign-in", PROVIDER)
        return {}

    def sources(self) -> dict[str, str]:
        """Make a data source of which something is amiss."""
        casb, tenant_id = self.house.casb, self.house.contoso.tenant_id
        stream = casb.streams.create(tenant_id, f"edge {next(numbers)}", StreamType.INPUT, source="OTHER")
        with casb.database.write() as connection:
            casb.source_shapes.lock(connection, tenant_id, stream.stream_id)
            casb.source_shapes.keep(connection, tenant_id, stream.stream_id, {})
            made = casb.source_shapes.warn(
                connection, tenant_id, stream.stream_id, kind="format", text="a", before=["b"], after=["c"]
            )
        return {"stream_id": stream.stream_id, "warning_id": made.warning_id, "source": stream.display_name}

    def integrations(self) -> dict[str, str]:
        """Add an integration as the operator, whose addresses may be on this machine, and authorise it."""
        name = f"graph-{next(numbers)}"
        self.house.casb.saas.add(self.house.contoso.tenant_id, name, self.integration, by="operator")
        self._made(f"saas-integrations/{name}/authorize")
        return {"name": name}

    def unlisted(self) -> dict[str, str]:
        """Name an unlisted app."""
        return {"app_id": str(next(self._unlisted))}

    def channels(self) -> dict[str, str]:
        """Add a notification channel to which nothing gets."""
        hook = {**HOOK, "address": f"{HOOK['address']}/{next(numbers)}"}
        return {"channel_id": self._made("notification-channels", hook)["id"]}

    def report_credentials(self) -> dict[str, str]:
        """Make a report credential."""
        return {"credential_id": self._made("report-credentials", {"name": f"r{next(numbers)}"})["id"]}


def pem() -> str:
    """Return a new certificate."""
    return certificate().public_bytes(Encoding.PEM).decode()


PROVIDER: Final = {"issuer": "https://id.example", "client_id": "x", "client_secret": "s3cret", "name_claim": "email"}
MAKERS: Final[list[tuple[str, Callable[[Stock], dict[str, str]]]]] = [
    ("applications/{client_id}/certificates", Stock.certificates),
    ("applications/", Stock.applications),
    ("users/", Stock.users),
    ("api-tokens/", Stock.tokens),
    ("catalog/corrections/", Stock.corrections),
    ("catalog/custom-apps/", Stock.own_apps),
    ("catalog/score", Stock.overrides),
    ("parsers/{name}/data-sources", Stock.attached),
    ("parsers/", Stock.parsers),
    ("trusted-issuers/", Stock.issuers),
    ("external-sign-in", Stock.provider),
    ("data-sources/", Stock.sources),
    ("source-warnings/", Stock.sources),
    ("saas-integrations/", Stock.integrations),
    ("unlisted-apps/", Stock.unlisted),
    ("notification-channels/", Stock.channels),
    ("report-credentials/", Stock.report_credentials),
]
QUERIES: Final = {
    "removeRedirect": {"uri": "https://one.example/cb"},
    "requestPermissionNoMore": {"permission": "Discovery.Read"},
}


def body_of(name: str, stock: Stock, ids: Mapping[str, str]) -> Any:
    """Return a body that is right for an operation."""
    number = next(numbers)
    bodies: dict[str, Any] = {
        "createApplication": {"name": "script"},
        "addSecret": {"days": 30},
        "addCertificate": {"certificate": pem()},
        "addRedirect": {"uri": f"https://x.example/{number}"},
        "requestPermissions": {"permissions": ["Discovery.Read"]},
        "assignUser": {"user_id": ids.get("user_id")},
        "createUser": {"name": f"v{number}@x.example", "role": "security-reader"},
        "changeUser": {"active": True},
        "addCorrection": MFA,
        "reviewCorrection": {"accept": True},
        "overrideScore": {"score": 3},
        "changeScoreSettings": {"factors": {SAML: "high"}},
        "addOwnApp": {"name": f"New {number}", "domains": [f"new{number}.example"]},
        "putTrustedIssuer": {"issuer": DIRECTORY, "audiences": [APP]},
        "putExternalSignIn": PROVIDER,
        "addSaasIntegration": {**INTEGRATION, "name": f"graph-{number}"},
        "changeSaasIntegration": {"period_days": 30},
        "importOverlay": {"opencasb_overlay": 1, "rows": []},
        "putParser": {"definition": DEFINITION},
        "previewParser": {"definition": DEFINITION, "sample": SAMPLE},
        "proposeParser": {"sample": SAMPLE},
        "promoteUnlistedApp": {"name": f"Promoted {number}"},
        "replaceManagedApps": {"csv": LIST},
        "addNotificationChannel": {**HOOK, "address": f"{HOOK['address']}/{number}"},
        "createReportCredential": {"name": "Power BI"},
        "createApiToken": {"name": "t"},
        "attachParser": {"data_source": ids.get("source")},
    }
    return bodies.get(name, NOTHING)


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory, ca: trustme.CA) -> Iterator[Stock]:
    """An installation that all calls share, with a vendor to integrate with."""
    house = House(tmp_path_factory.mktemp("made-up"), catalog_review=True)
    with standin.running(ca) as vendor:
        yield Stock(house, standin.given(vendor, ca, "off"))
    house.casb.close()


@pytest.mark.parametrize("operation", OPERATIONS, ids=[operation.label for operation in OPERATIONS])
def test_a_made_up_call_is_answered(stock: Stock, operation: AnyOperation) -> None:
    """With a status and a body of the contract, never with a failure of ours; some succeed."""
    token = stock.house.token()

    def sent(method: str, path: str, body: bytes, kind: str) -> int:
        headers = {"Authorization": f"Token {token}", "Content-Type": kind}
        return send(stock.house.app, method, path, content=body, headers=headers).status_code

    exercise(operation, sent, lambda: known(stock, operation))


def known(stock: Stock, operation: AnyOperation) -> Known:
    """Make what a call needs."""
    path = operation.path.removeprefix(ROOT)
    maker = next((maker for beginning, maker in MAKERS if path.startswith(beginning)), None)
    ids = maker(stock) if maker else {}
    name = operation.definition.raw["operationId"]
    query = {"data_source": ids["source"]} if name == "detachParser" else QUERIES.get(name, {})
    return Known({each.name: ids[each.name] for each in operation.path_parameters}, query, body_of(name, stock, ids))
