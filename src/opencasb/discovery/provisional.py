"""Rates whether a domain outside the catalog looks like a cloud app: reasons with their numbers, and a confidence.

The points per reason are judgement calls: usage alone never makes a likely cloud app; it takes a host, a sign-in or
uploads. They are added to a base, and the sum, clamped to 0 to 100, is the confidence (measured in
docs/unlisted-apps.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from opencasb.discovery.habits import WORKING_HOURS, Habits
from opencasb.model.quantities import bytes_text, count_text
from opencasb.model.unlisted_profile import Profile, Reason

BASE: Final = 20
NAMED: Final = 3
"""Hosts named in a reason."""

MUCH: Final = 1_000_000
"""Bytes below which sizes are not significant."""

WORK: Final = 4_000
"""Mean upload bytes per request where people send work; beacons send less and get hardly any response."""

_SIGN_IN: Final = frozenset(  # a list of words reads better as words
    """
    account accounts auth auth0 authenticate authorize idp identity id login logon oauth oidc register saml secure
    session signin signon signup sso
    """.split()  # noqa: SIM905
)
_API: Final = frozenset("api apis gateway graphql grpc hook hooks rest rpc socket webhook webhooks ws wss".split())  # noqa: SIM905
_APPLICATION: Final = frozenset(
    """
    admin app apps backend billing client cloud connect console crm customer dashboard desk erp hr hub manage meet
    members my panel platform portal projects service studio team teams upload uploads webapp work workspace
    """.split()  # noqa: SIM905
)
_DELIVERY: Final = frozenset(
    """
    ad ads adserver analytics assets banner beacon bid cache cdn collect collector content count counter css dsp edge
    event events fonts gtm image images img js log logs match media metric metrics pix pixel player px rtb s static stat
    stats stream sync tag tags telemetry thumb thumbs tiles track tracker tracking trk video videos vod
    """.split()  # noqa: SIM905
)
"""Words in names of hosts that deliver content or count, with nobody working there."""

_DELIVERS: Final = ("cdn", "pixel", "track", "metric", "analytic", "adserv", "telemetry", "static", "beacon", "counter")
"""Parts of domains with the same meaning."""

_WORD: Final = re.compile(r"[a-z]+")
_APP_ENDINGS: Final = (".app", ".ai", ".cloud", ".io", ".software", ".so", ".dev", ".tools", ".systems")
_INSTITUTIONS: Final = ("gov", "edu", "mil", "ac", "gouv", "museum", "int")


def profile(domain: str, seen: Habits, hosts: Iterable[str], sign_ins: Iterable[str] = ()) -> Profile:
    """Return the profile of a domain from its usage, its hosts, and the identity providers that redirect to it."""
    names = sorted(set(hosts))
    reasons = [*_of_hosts(domain, names), *_of_sign_ins(sorted(set(sign_ins))), *_of_name(domain), *_of_use(seen)]
    reasons.sort(key=lambda reason: (-abs(reason.points), reason.kind))
    return Profile(
        app_id=seen.app_id,
        domain=domain,
        confidence=min(100, max(0, BASE + sum(reason.points for reason in reasons))),
        users=seen.people,
        days=seen.days,
        uploaded_bytes=seen.uploaded_bytes,
        total_bytes=seen.total_bytes,
        reasons=tuple(reasons),
        hosts=tuple(names),
    )


def _of_hosts(domain: str, names: list[str]) -> Iterator[Reason]:
    words = {name: frozenset(_WORD.findall(name.removesuffix(domain))) for name in names}
    for kind, what, wanted, points in (
        ("sign-in-host", "hosts for signing in", _SIGN_IN, 30),
        ("api-host", "hosts of an API", _API, 20),
        ("app-host", "hosts of an application", _APPLICATION, 20),
    ):
        found = [name for name in names if words[name] & wanted]
        if found:
            yield Reason(kind, f"{what}: {_some(found)}", points)
    delivering = [name for name in names if words[name] & _DELIVERY]
    if 2 * len(delivering) > len(names):
        share = f"{len(delivering)} of {len(names)}"
        yield Reason("delivery-hosts", f"hosts of content delivery or tracking: {share}", -35)


def _of_sign_ins(providers: list[str]) -> Iterator[Reason]:
    if providers:
        yield Reason("sign-in-redirect", f"people are sent back to it by {_some(providers)}", 45)


def _of_name(domain: str) -> Iterator[Reason]:
    part = next((each for each in _DELIVERS if each in domain), None)
    if part:
        yield Reason("delivery-name", f"the name has {part!r} in it", -30)
    if not set(_INSTITUTIONS).isdisjoint(domain.split(".")[1:]):
        yield Reason("institution", "the domain is under an ending for institutions", -20)
    ending = next((each for each in _APP_ENDINGS if domain.endswith(each)), None)
    if ending:
        yield Reason("app-ending", f"the domain ends in {ending}, as many services do", 8)


def _of_use(seen: Habits) -> Iterator[Reason]:
    yield from _of_uploads(seen)
    yield from _of_returning(seen)
    yield from _of_hours(seen)
    if seen.period >= 14 and seen.after >= seen.before + 3 and seen.after >= 1.5 * seen.before:
        halves = f"{seen.before} people in the first half of {seen.period} days, {seen.after} in the second"
        yield Reason("growth", f"grows: {halves}", 5)
    if seen.transactions >= 5 * seen.person_days:
        each = seen.transactions / seen.person_days
        yield Reason("intensity", f"{each:.0f} transactions for each person and day of use", 4)


def _of_uploads(seen: Habits) -> Iterator[Reason]:
    total = seen.uploaded_bytes + seen.downloaded_bytes
    if total < MUCH or not seen.uploaded_bytes:  # many logs record no uploads
        return
    share = seen.uploaded_bytes / total
    text = f"{100 * share:.0f} % of {bytes_text(total)} went up"
    if share >= 0.12 and seen.uploaded_bytes >= WORK * seen.transactions:
        yield Reason("uploads", text, 25 if share >= 0.5 else 15)
    elif share < 0.03:
        yield Reason("few-uploads", text, -10)


def _of_returning(seen: Habits) -> Iterator[Reason]:
    text = f"{count_text(seen.returning)} of {count_text(seen.people)} people came on more than one day"
    if seen.days >= 3 and 2 * seen.returning >= seen.people:
        yield Reason("returning", text, 10)
    elif seen.people >= 3 and 4 * seen.returning < seen.people:
        yield Reason("passing-by", text, -10)


def _of_hours(seen: Habits) -> Iterator[Reason]:
    if seen.person_days < 10:
        return
    share = seen.at_work / seen.person_days
    ends = (seen.work_begins + WORKING_HOURS) % 24
    text = f"{100 * share:.0f} % of {count_text(seen.person_days)} daily visits of people lie in working hours"
    text += f" (Monday to Friday, {seen.work_begins:02}-{ends:02} UTC)"
    if share >= 0.7:
        yield Reason("working-hours", text, 5)
    elif share < 0.3:
        yield Reason("day-and-night", text, -8)


def _some(names: list[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
