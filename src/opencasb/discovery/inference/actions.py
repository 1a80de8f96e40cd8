"""Finds the verdict in an unknown log, and the records that are not transactions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Literal

from opencasb.discovery.custom.definition import Ignored
from opencasb.discovery.custom.templates import WHOLE_LINE
from opencasb.discovery.inference import words
from opencasb.discovery.inference.columns import Column
from opencasb.discovery.inference.roles import Roles

MOST_VERDICTS: Final = 40
"""Distinct values beyond which a field is not a verdict."""

_BEFORE_PAIRS: Final = (
    (r"(?i)^[^=]*?\b(block|drop|den(?:y|ied)|reject|allow|accept|pass|permit)", words.BLOCK_TEXTS),
    (r"^[^=]*?-([ADR])\]", ("d", "r")),
)
"""The verdict in a prefix that a rule gives its lines, as a word or as an initial (``[LAN_OUT-20-D]IN=eth0``), and the
values that mean a block."""

AUTHENTICATION: Final = "authentication challenge"


def find_action(roles: Roles, columns: Sequence[Column]) -> dict[str, Literal["allow", "block"]]:
    """Assign the verdict field in ``roles``, and return what its values mean."""
    found = []
    for column in columns:
        if column.name in roles.taken or len(column.counts) > MOST_VERDICTS:
            continue
        known = column.share(lambda value: bool(words.BLOCK.search(value) or words.ALLOW.search(value)))
        if known >= 0.9:
            found.append((_score(column, known), column))
    best = max(found, key=lambda hit: hit[0], default=(0.0, None))[1]
    if best is None:
        return {}
    roles.assign("action", best)
    observed: dict[str, Literal["allow", "block"]] = {
        value: "block" if words.BLOCK.search(value) else "allow" for value, _ in best.counts.most_common(20)
    }
    return {**{value: verdict for value, verdict in observed.items() if _is_odd(value, verdict)}, **_globs()}


def find_action_before(roles: Roles, texts: Sequence[str]) -> dict[str, Literal["allow", "block"]]:
    """Look for the verdict in the text before a line's pairs, where packet filters log it."""
    lines = Column(WHOLE_LINE, texts, WHOLE_LINE, named=False)
    for pattern, meant in _BEFORE_PAIRS:
        verdict = lines.part(pattern)
        if verdict.fill >= 0.9 and any(text.strip("*") in value.lower() for value in verdict.counts for text in meant):
            roles.assign("action", verdict)
            return dict.fromkeys(meant, "block")
    return {}


def _score(column: Column, known: float) -> float:
    hint = column.hint
    named = 1.5 * bool(re.search(r"_act_|action|verdict|disp|filter", hint)) + bool(words.ACTION.search(hint))
    blocked = any(words.BLOCK.search(value) for value in column.counts)
    varied = len(column.counts) > 1
    wordy = column.share(lambda value: " " in value.strip())
    return known + named * column.named + 2 * blocked + varied + column.fill - wordy - (column.place or 0) / 1000


def _is_odd(value: str, verdict: str) -> bool:
    """Return whether a value blocks although the usual block texts do not match it."""
    return verdict == "block" and not any(glob.strip("*") in value.lower() for glob in words.BLOCK_TEXTS)


def _globs() -> dict[str, Literal["allow", "block"]]:
    return dict.fromkeys(words.BLOCK_TEXTS, "block")


def find_ignored(roles: Roles, columns: Sequence[Column]) -> list[Ignored]:
    """Return the rules for redundant records: session starts and authentication challenges."""
    rules = []
    for column in columns:
        if not 1 < len(column.counts) <= MOST_VERDICTS or column.name in roles.taken:
            continue
        starts = [value for value in column.counts if words.STARTED.search(value) and not words.BLOCK.search(value)]
        if starts and any(words.ENDED.search(value) for value in column.counts):
            either = "|".join(re.escape(value) for value in starts)
            rules.append(Ignored(field=column.name, drop=f"^(?:{either})$", reason="start of a session"))
        if "407" in column.counts and column.share(lambda value: bool(re.fullmatch(r"[1-5]\d\d", value))) >= 0.95:
            rules.append(Ignored(field=column.name, drop="^407$", reason=AUTHENTICATION))
    return rules[:4]
