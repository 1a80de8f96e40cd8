"""Identity: the CPU cost of tokens and passwords, and how a flood of wrong ones affects API clients.

The flood comes from many addresses of this machine (127.0.0.x) for many clients or users, so that no rate limit on a
single one stops it.
"""

from __future__ import annotations

import http.client
import itertools
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from bench import serving
from bench.filled import Store
from bench.samples import LEAST, Samples, timed
from opencasb.model.permissions import MDCA

if TYPE_CHECKING:
    from opencasb.app import Casb
    from opencasb.model.application import Application
    from opencasb.model.tenant import Tenant

GOAL: Final = 100
"""Goal for checking a token with cached keys, in microseconds."""
CLIENTS: Final = 200
"""Applications whose secrets the flood guesses."""
FLOODERS: Final = 2
"""Processes that send the flood."""
CONNECTIONS: Final = 32
"""Concurrent connections per process, each changing its source address."""
_ASKED: Final = ("/api/v1/activities/", b'{"limit": 1}')


@dataclass(frozen=True, slots=True)
class House:
    """The installation under test."""

    casb: Casb
    store: Store
    tenant: Tenant
    application: Application
    secret: str
    api_token: str
    victims: list[str]


def run(work: Path, seconds: float) -> str:
    """Measure in a new installation below ``work``, for ``seconds`` per row; return the tables."""
    with _house((work / "identity").resolve()) as house:
        costs = _costs(house, seconds)
        floods = _floods(house, seconds)
    return f"{_cost_table(costs)}\n\n{_flood_table(floods)}"


@contextmanager
def _house(data: Path) -> Iterator[House]:
    from opencasb.app import Casb
    from opencasb.model.permissions import parse_permission
    from opencasb.model.roles import Role
    from opencasb.settings import Settings

    shutil.rmtree(data, ignore_errors=True)
    casb = Casb.open(Settings(data=data))
    tenant = casb.tenants.create("bench", domain="bench.example")
    casb.tenants.switch(tenant.tenant_id, "password_grant", on=True)
    user = casb.users.create(tenant.tenant_id, "ann@bench.example", Role.GLOBAL_ADMINISTRATOR)
    identity = casb.identity
    token = identity.credentials.new_api_token(tenant.tenant_id, user.user_id, "bench").value
    granted = [parse_permission("discovery.manage")]
    application = identity.applications.create(tenant.tenant_id, "bench", granted, public_client=True)
    secret = identity.credentials.new_client_secret(tenant.tenant_id, application.client_id).value
    others = [identity.applications.create(tenant.tenant_id, f"bench {number}") for number in range(CLIENTS)]
    for each in others:
        identity.credentials.new_client_secret(tenant.tenant_id, each.client_id)
    victims = [each.client_id for each in others]
    yield House(casb, Store(data), tenant, application, secret, token, victims)
    casb.close()


def _costs(house: House, seconds: float) -> dict[str, float]:
    """Return the median CPU microseconds of each operation on one core."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    from opencasb.identity import passwords
    from opencasb.identity.grants.token_request import TokenRequest

    identity = house.casb.identity
    key = identity.keyring.signer()
    private, public = key.private.get_op_key("sign"), key.public.get_op_key("verify")
    assert isinstance(private, rsa.RSAPrivateKey)
    assert isinstance(public, rsa.RSAPublicKey)
    scheme, content = (padding.PKCS1v15(), hashes.SHA256()), b"x" * 900
    signature = private.sign(content, *scheme)
    target = identity.resources.target(MDCA.app_id)
    token = identity.tokens.for_application(house.tenant, house.application, target).access_token
    form = urlencode(_grant(house.application.client_id, house.secret)).encode()
    numbers = itertools.count()  # repeating the same request would be taken for a loop

    def token_request() -> TokenRequest:
        body = form + b"&n=%d" % next(numbers)
        return TokenRequest(tenant=house.tenant.guid, version=2, body=body, content_type=None, address="127.0.0.1")

    hashed = passwords.hash_password("correct horse battery")
    measured: dict[str, Callable[[], object]] = {
        "token checked": lambda: identity.tokens.check(token, "mdca"),
        "of that, the bare RSA verification": lambda: public.verify(signature, content, *scheme),
        "caller authenticated: token, application, revocations": lambda: identity.access.authenticate(
            f"Bearer {token}", "mdca"
        ),
        "token issued": lambda: identity.tokens.for_application(house.tenant, house.application, target),
        "of that, the bare RSA signature": lambda: private.sign(content, *scheme),
        "token request answered, with its durable audit entry": lambda: identity.token_endpoint.answer(token_request()),
        "password compared (Argon2id)": lambda: passwords.verify_password("wrong", hashed),
    }
    return {name: _cpu(call, seconds) for name, call in measured.items()}


def _grant(client_id: str, secret: str) -> dict[str, str]:
    scope = f"{MDCA.app_id}/.default"
    known = {"grant_type": "client_credentials", "client_id": client_id}
    return {**known, "client_secret": secret, "scope": scope}


def _cpu(call: Callable[[], object], seconds: float) -> float:
    """Return the median CPU microseconds, after one unmeasured call."""
    call()
    found, deadline = list[int](), time.perf_counter() + seconds
    while len(found) < 20 or time.perf_counter() < deadline:
        started = time.process_time_ns()
        call()
        found.append(time.process_time_ns() - started)
    return sorted(found)[len(found) // 2] / 1e3


def _floods(house: House, seconds: float) -> dict[str, tuple[Samples, float]]:
    """Return what one API client sees alone and during each flood, and the flood's requests per second."""
    forms = {
        "wrong client secrets": [_grant(client_id, "wrong" * 10) for client_id in house.victims],
        "wrong passwords": [_password(house, number) for number in range(1000)],
    }
    floods: dict[str, list[dict[str, str]]] = {"nothing": [], **forms}
    found = {}
    with serving.running(house.store, house.api_token) as opened:
        for name, wrong in floods.items():
            client = opened()
            with _flood(client.port, f"/{house.tenant.guid}/oauth2/v2.0/token", wrong) as sent:
                before = sent(), time.perf_counter()
                samples = _samples(partial(client.post, *_ASKED), seconds)
                rate = (sent() - before[0]) / (time.perf_counter() - before[1])
            client.close()
            found[name] = samples, rate
    return found


def _samples(call: Callable[[], object], seconds: float) -> Samples:
    """Call every tenth of a second, like a well-behaved client, at least five times."""
    call()
    found, deadline = list[float](), time.perf_counter() + seconds
    while len(found) < LEAST or time.perf_counter() < deadline:
        found.append(timed(call))
        time.sleep(max(0.0, 0.1 - found[-1]))
    return Samples.of(found)


def _password(house: House, number: int) -> dict[str, str]:
    known = {"grant_type": "password", "client_id": house.application.client_id, "scope": f"{MDCA.app_id}/.default"}
    return {**known, "username": f"user{number}@bench.example", "password": "wrong" * 3}


@contextmanager
def _flood(port: int, path: str, forms: list[dict[str, str]]) -> Iterator[Callable[[], int]]:
    """Send wrong forms from other processes until the block ends; yields a function that counts the responses."""
    context = get_context("spawn")
    counts = [context.Value("i", 0) for _ in range(FLOODERS if forms else 0)]
    arguments = [(port, path, forms, number, count) for number, count in enumerate(counts)]
    processes = [context.Process(target=_pour, args=each, daemon=True) for each in arguments]
    for process in processes:
        process.start()
    deadline = time.monotonic() + 60
    while not all(count.value for count in counts):
        assert time.monotonic() < deadline, "the flood does not begin"
        time.sleep(0.05)
    try:
        yield lambda: sum(count.value for count in counts)
    finally:
        for process in processes:
            process.terminate()
            process.join()


def _pour(port: int, path: str, forms: list[Mapping[str, str]], process: int, count: object) -> None:
    """Keep all connections of one process busy."""
    numbers = range(process * CONNECTIONS, (process + 1) * CONNECTIONS)
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(partial(_stream, port, path, forms, count), numbers))


def _stream(port: int, path: str, forms: list[Mapping[str, str]], count: object, number: int) -> None:
    """Send forms one after another, changing the source address every ten."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    for batch in itertools.count():
        source = (f"127.{number + 1}.{batch // 250 % 250}.{batch % 250 + 1}", 0)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60, source_address=source)
        for nth in range(10):
            form = forms[(batch * 10 + nth + number * 7) % len(forms)]
            connection.request("POST", path, urlencode(form), headers)
            connection.getresponse().read()
            count.value += 1  # type: ignore[attr-defined]  # a shared number; a lost one does no harm
        connection.close()


def _cost_table(costs: Mapping[str, float]) -> str:
    rows = [f"| {name} | {cost:,.0f} | {1e6 / cost:,.0f} |" for name, cost in costs.items()]
    goal = f"Goal: a token checked within {GOAL} µs: {'met' if costs['token checked'] < GOAL else 'missed'}."
    return "\n".join(["| one core | µs, p50 | a second |", "|---|---:|---:|", *rows, "", goal])


def _flood_table(floods: Mapping[str, tuple[Samples, float]]) -> str:
    head = ["| an API call beside a flood of | p50 ms | p95 ms | flood, requests a second |", "|---|---:|---:|---:|"]
    rows = [f"| {name} | {each.p50:.1f} | {each.p95:.1f} | {rate:,.0f} |" for name, (each, rate) in floods.items()]
    return "\n".join([*head, *rows])
