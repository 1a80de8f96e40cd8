"""The effect of a new statement on the open corrections of the catalog."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from opencasb.model.correction import Correction, State, Statement
from opencasb.store.database import new_id


class Kept(NamedTuple):
    """The outcome of a statement; ``new`` is false if the same had already been stated."""

    correction: Correction
    new: bool


class Ledger:
    """A tenant's open corrections while statements are added to them."""

    def __init__(self, found: Iterable[Correction]) -> None:
        self.open = {each.correction_id: each for each in found}
        self.added: list[Correction] = []
        self.replaced: set[str] = set()
        self._slots: dict[tuple[str, int | None, str], list[Correction]] = {}
        for each in self.open.values():
            self._slots.setdefault(each.slot, []).append(each)

    def put(self, said: Statement, by: str, now: int, *, waits: bool) -> Kept:
        """Add a statement. One in effect replaces those in effect; a pending one replaces those pending by ``by``."""
        others = self._slots.setdefault(said.slot, [])
        same = next((each for each in others if each.statement == said), None)
        if same is not None:
            return Kept(same, new=False)
        state = State.PENDING if waits else State.ACCEPTED
        made = Correction(**msgspec.structs.asdict(said), correction_id=new_id(), author=by, created=now, state=state)
        for each in [each for each in others if each.state is state and (not waits or each.author == by)]:
            others.remove(each)
            self.replaced.add(each.correction_id)
            del self.open[each.correction_id]
        others.append(made)
        self.open[made.correction_id] = made
        self.added.append(made)
        return Kept(made, new=True)
