"""Measurements as statements that can be laid over the catalog."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from opencasb.model.correction import Kind, Statement
from opencasb.model.iso_time import iso_day
from opencasb.model.measurement import Measurement


def statements(measurements: Mapping[int, Measurement]) -> Iterator[Statement]:
    """Yield the facts of measurements by app id, dated on the day of the visit; the remark says how."""
    for app_id, measured in measurements.items():
        for fact in measured.facts:
            yield Statement(
                kind=Kind.FACT,
                app_id=app_id,
                key=fact.factor,
                value=msgspec.json.encode(fact.value).decode(),
                link=fact.evidence,
                remark=fact.method,
                attested_on=iso_day(measured.measured),
            )
