"""Devices: codes, polling, and the users' decisions."""

from __future__ import annotations

from typing import Any, Literal
from urllib.parse import urlencode

import pytest

from opencasb.identity.device_codes import ALPHABET, LIFETIME
from opencasb.identity.device_endpoint import CODES_PER_MINUTE
from opencasb.identity.errors import OAuthError
from opencasb.identity.grants.device_code import POLLS_PER_MINUTE
from opencasb.identity.grants.token_request import TokenRequest
from opencasb.model.registration import RequestedPermission
from tests.identity.flows import FORM, SCOPE, Flow
from tests.identity.standin import HandClock, StandIn

GRANT = "urn:ietf:params:oauth:grant-type:device_code"


def begin(flow: Flow, segment: str = "contoso.example", version: Literal[1, 2] = 2, **form: str) -> dict[str, Any]:
    """Request a device code."""
    sent = {"client_id": flow.application.client_id, "scope": SCOPE, **form}
    request = TokenRequest(tenant=segment, version=version, body=urlencode(sent).encode(), content_type=FORM)
    return flow.casb.identity.device_endpoint.answer(request)


def approve(flow: Flow, user_code: str) -> bool:
    """Approve as the user."""
    device = flow.casb.identity.device_codes.pending(flow.tenant.tenant_id, user_code)
    assert device is not None
    return flow.casb.identity.device_codes.approve(device, flow.signed_in)


def test_a_device_waits_for_its_user(native: Flow) -> None:
    """It is told to wait until the user has entered and approved the code; then it gets its tokens, once."""
    begun = begin(native)
    assert begun["user_code"] in begun["message"]
    assert begun["verification_uri"] in begun["message"]
    assert len(begun["user_code"]) == 9
    assert set(begun["user_code"]) <= set(ALPHABET)
    assert (begun["expires_in"], begun["interval"]) == (900, 5)
    form = {"grant_type": GRANT, "device_code": begun["device_code"], "code": begun["device_code"]}
    waiting = native.refused(form)
    assert (waiting.code, waiting.error) == (70016, "authorization_pending")
    assert approve(native, begun["user_code"].lower()[:4] + "-" + begun["user_code"][4:])
    body = native.ask(form)
    assert native.claims(body["access_token"]).oid == native.user.user_id
    assert body["refresh_token"]
    assert native.refused(form).code == 54005


def test_the_short_grant_type_is_known(native: Flow) -> None:
    """Two libraries send just ``device_code``; v1 returns numbers as text, and the page under its older name, too."""
    begun = begin(native, version=1, resource="05a65629-4c1b-48c1-a78b-804c4abdd4af")
    assert (begun["expires_in"], begun["interval"]) == ("900", "5")
    assert begun["verification_url"] == begun["verification_uri"]
    approve(native, begun["user_code"])
    assert native.ask({"grant_type": "device_code", "code": begun["device_code"], "scope": SCOPE})["access_token"]


def test_a_device_without_a_tenant_gets_that_of_its_user(casb: StandIn, native: Flow) -> None:
    """It requests at ``organizations``, and polls there, too."""
    casb.identity.applications.change(native.tenant.tenant_id, native.application.client_id, multitenant=True)
    begun = begin(native, segment="organizations")
    approve(native, begun["user_code"])
    body = native.ask({"grant_type": GRANT, "device_code": begun["device_code"]}, segment="organizations")
    assert native.claims(body["access_token"]).tid == native.tenant.guid


def test_the_user_may_decline(native: Flow) -> None:
    """The device gets the error, and the decision is final."""
    begun = begin(native)
    device = native.casb.identity.device_codes.pending(native.tenant.tenant_id, begun["user_code"])
    assert device is not None
    assert native.casb.identity.device_codes.decline(device)
    refusal = native.refused({"grant_type": GRANT, "device_code": begun["device_code"]})
    assert (refusal.code, refusal.error) == (65004, "authorization_declined")
    assert not native.casb.identity.device_codes.approve(device, native.signed_in)


def test_a_sign_in_may_be_older_than_what_was_taken_back(casb: StandIn, native: Flow, hand: HandClock) -> None:
    """Consent given again counts; consent revoked while the device waits does not."""
    session, tenant_id, client_id = native.signed_in, native.tenant.tenant_id, native.application.client_id
    hand.now += 1000
    casb.identity.consents.revoke(tenant_id, client_id, by="test")
    asked = [RequestedPermission("mdca", "delegated", "discovery.read")]
    casb.identity.consents.grant(native.application, asked, user_id=None, by="test")
    hand.now += 1000
    forms = []
    for begun in (begin(native), begin(native)):
        device = casb.identity.device_codes.pending(tenant_id, begun["user_code"])
        assert device is not None
        assert casb.identity.device_codes.approve(device, session)
        forms.append({"grant_type": GRANT, "device_code": begun["device_code"]})
    assert native.ask(forms[0])["access_token"]
    hand.now += 1000
    casb.identity.consents.revoke(tenant_id, client_id, by="test")
    assert native.refused(forms[1]).code == 50173


def test_old_codes_and_strange_ones_are_refused(casb: StandIn, native: Flow, hand: HandClock) -> None:
    """Expired, unknown and missing ones, and another tenant's."""
    begun = begin(native)
    other = casb.tenants.create("Fabrikam", domain="fabrikam.example")
    assert casb.identity.device_codes.pending(other.tenant_id, begun["user_code"]) is None
    assert native.refused({"grant_type": GRANT, "device_code": "1.1.x"}).code == 70018
    assert native.refused({"grant_type": GRANT}).code == 900144
    hand.now += LIFETIME * 1000
    assert casb.identity.device_codes.pending(native.tenant.tenant_id, begun["user_code"]) is None
    refusal = native.refused({"grant_type": GRANT, "device_code": begun["device_code"]})
    assert (refusal.code, refusal.error) == (70020, "expired_token")


def test_what_no_user_could_mend_is_refused_at_once(native: Flow) -> None:
    """An unknown application or scope, and a code that another application asked for."""
    other, _ = native.casb.application(native.tenant)
    poll = {"grant_type": GRANT, "device_code": begin(native)["device_code"]}
    assert native.refused({**poll, "client_id": other.client_id}).code == 70000
    assert native.refused({**poll, "client_id": native.application.client_id.upper()}).code == 70016
    with pytest.raises(OAuthError, match="700016"):
        begin(native, client_id="00000000-0000-4000-8000-000000000000")
    with pytest.raises(OAuthError, match="70011"):
        begin(native, scope="Mail.Read.Everything")


def test_impatient_devices_are_told_to_wait_in_words_they_know(native: Flow) -> None:
    """Too many polls in a minute: 429 with ``Retry-After``."""
    begun = begin(native)
    form = {"grant_type": GRANT, "device_code": begun["device_code"]}
    codes = [native.refused(form).code for _ in range(POLLS_PER_MINUTE + 1)]
    assert codes == [70016] * POLLS_PER_MINUTE + [90055]


def test_an_address_that_asks_without_end_is_turned_away(native: Flow) -> None:
    """Codes are kept for some time, so the store must not be filled with them."""
    for _ in range(CODES_PER_MINUTE):
        begin(native)
    with pytest.raises(OAuthError) as refusal:
        begin(native)
    assert refusal.value.code == 90055
    assert refusal.value.retry_after
