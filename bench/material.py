"""Activities of a fictional company: seeded, and realistically skewed in what costs time.

A few people, words and addresses account for most activities. Operations and their frequencies are those of
:mod:`opencasb.activities.demo`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from random import Random
from typing import Any, Final

from opencasb.activities import demo
from opencasb.activities.demo_ip_ranges import IP_RANGES

Activity = dict[str, Any]  # the normalised record, JSON

DAY: Final = 86_400_000
PEOPLE: Final = 10_000
AT_WORK: Final = 200
SESSION: Final = 6
"""``AT_WORK`` people are active at a time; each has this many activities in a row on average."""

RARE_WORD: Final = "zebrafish"
RARE_EVERY: Final = 50_000
ABSENT_WORD: Final = "xyzzyplugh"
RANGES: Final[tuple[dict[str, Any], ...]] = (
    *(dict(rule) for rule in IP_RANGES),
    {"name": "Sites", "category": 1, "subnets": ["10.0.0.0/9"], "tags": ["Site"]},
)
"""The IP ranges to create (:class:`opencasb.store.ip_range_documents.RangeRule`)."""

# Country, first byte of its addresses, city, provider; repeated by frequency.
_HOMES: Final = (
    *[("SE", 81, "Gothenburg", "Nordbredband AB")] * 60,
    *[("DE", 84, "Hamburg", "Hansenetz GmbH"), ("FR", 86, "Lyon", "Fibre du Rhone"), ("NO", 88, "Bergen", "")] * 6,
    *[("US", 73, "Denver", "Front Range Cable"), ("GB", 92, "Leeds", "Pennine Broadband")] * 4,
    *[("PL", 89, "Gdynia", "Morze Net"), ("IN", 106, "Pune", "Deccan Online"), ("JP", 126, "Osaka", "Naniwa Hikari")],
)
_SYLLABLES: Final = (
    *("ba", "den", "ko", "li", "mar", "no", "per", "ra", "sol", "ti", "un", "ves"),
    *("wik", "ost", "fjel", "gra", "hol", "ing", "jar", "kul", "lund", "mo", "nis"),
)
_FIRST: Final = ("anna", "bo", "cai", "dana", "erik", "fay", "gus", "hana", "ivo", "jo", "kim", "lea", "max", "nils")
_ENDINGS: Final = ("xlsx", "docx", "pdf", "pptx", "csv")
_BROWSER: Final = "Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36"
_SYSTEMS: Final = ("Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7", "X11; Linux x86_64")
_FILES: Final = 40


@cache
def words() -> tuple[str, ...]:
    """Return five thousand made-up words; the first occur in many file names, the last in few."""
    choose = Random(11)
    made = dict.fromkeys("".join(choose.choices(_SYLLABLES, k=choose.randrange(2, 5))) for _ in range(9_000))
    return tuple(made)[:5_000]


def user_name(person: int) -> str:
    """Return the user name of a person, 0 to ``PEOPLE`` - 1; lower numbers are busier."""
    first, last = person % len(_FIRST), person // len(_FIRST)
    return f"{_FIRST[first]}.{words()[-1 - last]}@lindgren.example"


def site_address(person: int) -> str:
    """Return the address of a person's workplace."""
    return f"10.{person % 8}.{person // 8 % 256}.{1 + person % 250}"


def activities(seed: int, count: int, start: int, end: int, *, in_a_row: int = SESSION) -> Iterator[Activity]:
    """Yield ``count`` activities from ``start`` to before ``end`` (ms), in time order.

    A person at work has ``in_a_row`` of them on average.
    """
    choose = Random(seed)
    templates = _templates()
    at_work = [_person(choose) for _ in range(AT_WORK)]
    for at in range(count):
        desk = choose.randrange(AT_WORK)
        if choose.random() < 1 / in_a_row:
            at_work[desk] = _person(choose)
        time = start + (end - start) * at // count
        made = _activity(choose, choose.choice(templates), at_work[desk], time)
        yield _with_rare_word(made) if at % RARE_EVERY == min(count, RARE_EVERY) // 2 else made


@cache
def _templates() -> tuple[Activity, ...]:
    return tuple(demo.activities(1, 1_763_640_000_000, [user_name(person) for person in range(40)]))


def _person(choose: Random) -> int:
    return int(PEOPLE * choose.random() ** 2)


def _activity(choose: Random, template: Activity, person: int, time: int) -> Activity:
    user = user_name(person)
    address, place = _whereabouts(choose, person)
    agent = _BROWSER.format(_SYSTEMS[person % 3], 120 + int(20 * choose.random() ** 0.5))
    target = dict(template["objects"][0])
    if target["type"] == "file":
        target |= _file(user, int(_FILES * choose.random() ** 2))
    elif target["type"] == "mailbox":
        target |= {"id": user, "name": user}
    return {
        **template,
        **place,
        "timestamp": time,
        "user": user,
        "userId": user,
        "ip": address,
        "userAgent": template["userAgent"] if person % 7 == 0 else agent,
        "objects": [target],
        "raw": {
            **template["raw"],
            "UserId": user,
            "ClientIP": address,
            "CorrelationId": f"{choose.getrandbits(128):x}",
        },
    }


def _whereabouts(choose: Random, person: int) -> tuple[str, dict[str, str]]:
    """Return an address and its location: at work, at home, travelling, or in a network of bad reputation."""
    draw = choose.random()
    if draw < 0.55:
        return site_address(person), {"country": _HOMES[person * 7_919 % len(_HOMES)][0]}
    if draw > 0.9995:
        return f"203.0.113.{64 + choose.randrange(64)}", {"country": "RU"}
    on_the_way = draw > 0.97
    country, first, city, provider = choose.choice(_HOMES) if on_the_way else _HOMES[person * 7_919 % len(_HOMES)]
    rest = choose.randrange(2**24) if on_the_way else person * 1_299_709 % 2**24
    address = f"{first}.{rest >> 16}.{rest >> 8 & 255}.{rest & 255}"
    return address, {"country": country, "city": city, "isp": provider}


def _file(user: str, number: int) -> dict[str, str]:
    """Return one of a user's files, always with the same name."""
    choose = Random(f"{user} {number}")
    first, second = (words()[int(len(words()) * choose.random() ** 3)] for _ in range(2))
    name = f"{first.capitalize()} {second} {2024 + number % 3}.{_ENDINGS[number % len(_ENDINGS)]}"
    return {"id": f"{user.partition('@')[0]}|{number:04}", "name": name}


def _with_rare_word(made: Activity) -> Activity:
    target = {"type": "file", "id": RARE_WORD, "name": f"The {RARE_WORD} plan.pdf", "role": "target"}
    return {**made, "objects": [target]}
