"""Closing and reopening alerts: by filter, individually, and through the older endpoints (api §8.7)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from opencasb.api.v1 import alerts, cursor
from opencasb.api.v1.call import Call, Handler
from opencasb.api.v1.errors import BadRequest, NotFound
from opencasb.api.v1.lists import list_request
from opencasb.api.v1.routes import Route
from opencasb.filters.fields import ALERTS, Kind
from opencasb.filters.tree import AnyOf, Node, Not, OneOf, conjuncts
from opencasb.governance.alert_handling import Chosen, Outcome
from opencasb.governance.closing import BENIGN, FALSE_POSITIVE, TRUE_POSITIVE, Closing, Verdict

if TYPE_CHECKING:
    from opencasb.app import Casb

MOST_IDS: Final = 100
"""Maximum number of ids in one call (api §4.2)."""

LONGEST_TEXT: Final = 10_000
"""Maximum length of a comment, in characters."""


def close_many(casb: Casb, call: Call, *, verdict: Verdict, counters: tuple[str, ...]) -> dict[str, Any]:  # JSON
    """Close the alerts that match the filters; return their number under each of ``counters``."""
    chosen, sent = _chosen(casb, call)
    outcome = alerts.handling(casb).close(
        call.tenant_id, chosen, _closing(call, verdict, bulk=True), by=call.principal.name
    )
    return _answer(outcome, sent, counters)


def close_one(casb: Casb, call: Call, *, verdict: Verdict, counters: tuple[str, ...]) -> dict[str, Any]:  # JSON
    """Close the alert in the path."""
    chosen = Chosen.one(alerts.asked_alert(call), _scope(casb, call))
    outcome = alerts.handling(casb).close(
        call.tenant_id, chosen, _closing(call, verdict, bulk=False), by=call.principal.name
    )
    if outcome.missing:
        raise NotFound
    return _answer(outcome, {}, counters)


def reopen(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Reopen the alerts that match the filters."""
    chosen, sent = _chosen(casb, call)
    outcome = alerts.handling(casb).reopen(call.tenant_id, chosen, by=call.principal.name)
    return _answer(outcome, sent, ("reopened",))


def _answer(outcome: Outcome, sent: dict[str, str], counters: tuple[str, ...]) -> dict[str, Any]:  # JSON
    """Return the counts; ``alertsNotFound`` only if non-zero, because a client searches for the word (api §18, 18)."""
    answer: dict[str, Any] = dict.fromkeys(counters, outcome.changed)
    if outcome.missing:
        answer["alertsNotFound"] = [sent[each] for each in outcome.missing]
    return answer


def _scope(casb: Casb, call: Call) -> Node:
    return alerts.scope(casb, call.principal, "investigation.manage")


def _chosen(casb: Casb, call: Call) -> tuple[Chosen, dict[str, str]]:
    """Return the alerts that a call's filters select, and the requested ids as the client spells them.

    Raises :class:`BadRequest` if nothing narrows the call, as that would close every alert by accident.
    """
    request = list_request(casb, call, ALERTS, alerts.SORTING)
    if all(map(_is_empty_negation, conjuncts(request.filters))):
        raise BadRequest(
            'filters: at least one is required, such as {"id": {"eq": ["66f0a1b2c3d4e5f60718293a"]}}; '
            "an empty list excludes nothing"
        )
    if request.cursor is not None:
        raise BadRequest(f"filters.{cursor.NAME}: a place in a list is not a condition; send the filters without it")
    _refuse_what_narrows_nothing(request.given)
    sent = _asked_ids(request.given)
    where = alerts.with_accounts(casb, call)(request.filters)
    return Chosen(where, _scope(casb, call), tuple(sent)), sent


def _is_empty_negation(node: Node) -> bool:
    """Return whether a condition excludes an empty list of values, so that every alert meets it (api §6.1)."""
    match node:
        case Not(OneOf(values=(), or_empty=False) | AnyOf(())):
            return True
        case _:
            return False


def _refuse_what_narrows_nothing(given: Mapping[str, Any]) -> None:  # JSON
    """Refuse a filter without a condition and a null time bound.

    Without them a list merely gets longer, but a closing would hit too many alerts. Raises :class:`BadRequest`.
    """
    for name, operators in given.items():
        if not operators:
            raise BadRequest(f'filters.{name}: a condition is required, such as {{"eq": [...]}}')
        field = ALERTS.get(name.strip().lower())  # None is possible if unknown filters match nothing
        if field and field.kind is Kind.TIME and any(map(_is_open, operators.values())):
            raise BadRequest(f"filters.{name}: null is not a time")


def _is_open(operand: Any) -> bool:  # any JSON
    """Return whether a bound or range end is null, or a range is empty: a script had no value for it."""
    if isinstance(operand, list):
        return any(map(_is_open, operand))
    return operand is None or (isinstance(operand, Mapping) and (not operand or None in operand.values()))


def _asked_ids(given: Mapping[str, Any]) -> dict[str, str]:  # JSON
    """Return the requested alert ids in lower case, each with its original spelling. Raises :class:`BadRequest`.

    The filters have already been parsed, so each id is well-formed.
    """
    found: dict[str, str] = {}
    for name, operators in given.items():
        if name.strip().lower() != "id":
            continue
        for operator, operand in (operators or {}).items():
            ids = operand if isinstance(operand, list) else [operand]
            found |= {each.lower(): each for each in ids if operator.strip().lower() == "eq"}
    if len(found) > MOST_IDS:
        raise BadRequest(f"filters.id: {len(found)} alerts are asked for; at most {MOST_IDS} are allowed in a call")
    return found


def _closing(call: Call, verdict: Verdict, *, bulk: bool) -> Closing:
    given = call.parameters
    return Closing(
        verdict=verdict,
        comment=given.prose("comment", longest=LONGEST_TEXT),
        reason_id=verdict.reason(_reason(call)),
        send_feedback=given.flag("sendFeedback"),
        feedback=given.prose("feedbackText", longest=LONGEST_TEXT),
        allow_contact=given.flag("allowContact"),
        contact_email=given.prose("contactEmail", longest=LONGEST_TEXT),
        bulk=bulk,
    )


def _reason(call: Call) -> int | str | None:
    given = call.parameters.value("reasonId", "reasonID", "reason")
    if isinstance(given, float):
        return int(given) if given.is_integer() else str(given)  # no reason has a fractional number: counts as Other
    if isinstance(given, bool) or not isinstance(given, int | str | None):
        raise BadRequest("reasonId: the number of a reason is expected")
    return given


_VERDICTS: Final = {"benign": BENIGN, "false_positive": FALSE_POSITIVE, "true_positive": TRUE_POSITIVE}


def _closer(handler: Any, verdict: Verdict, *counters: str) -> dict[str, Handler]:
    return {"POST": partial(handler, verdict=verdict, counters=counters)}


ROUTES: Final = (
    *(
        Route(f"{path}/close_{name}", "alerts.close", _closer(handler, verdict, f"closed_{name}"))
        for path, handler in (("alerts", close_many), ("alerts/<alert_id>", close_one))
        for name, verdict in _VERDICTS.items()
    ),
    Route(
        "alerts/dismiss_bulk", "alerts.close", _closer(close_many, FALSE_POSITIVE, "dismissed", "closed_false_positive")
    ),
    Route(
        "alerts/<alert_id>/dismiss",
        "alerts.close",
        _closer(close_one, FALSE_POSITIVE, "dismissed", "closed_false_positive"),
    ),
    Route("alerts/resolve", "alerts.close", _closer(close_many, TRUE_POSITIVE, "resolved", "closed_true_positive")),
    Route("alerts/reopen", "alerts.close", {"POST": reopen}),
)
