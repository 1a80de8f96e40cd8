"""Names of companies as sources write them: with legal forms, and with editions for governments."""

from __future__ import annotations

import re
from typing import Final

from opencasb.catalog.builder.json_lines import Record

_GOVERNMENT: Final = re.compile(
    r"\W*\b(for (us )?(federal )?government|government( community)?( cloud)?|gov ?cloud|us gov|fedramp|federal)\b.*",
    re.IGNORECASE,
)
_LEGAL_FORM: Final = re.compile(
    r",?\s+(inc|llc|l\.l\.c|ltd|corp|corporation|incorporated|co|gmbh|plc|lp|limited)\.?$", re.IGNORECASE
)


def company(name: str) -> str:
    """Return a company's name without its legal form."""
    plain = re.split(r",?\s+(?:inc\.?|llc\.?)?\s*d/?b/?a\.?\s+", name.strip(), maxsplit=1, flags=re.IGNORECASE)[-1]
    return _LEGAL_FORM.sub("", plain).strip(" ,")


def is_government(name: str) -> bool:
    """Return whether a product's name says that it is the edition for governments."""
    return _GOVERNMENT.search(name) is not None


def provider(product: Record) -> str:
    """Return who offers a product, without the name of a branch for governments."""
    return _GOVERNMENT.sub("", company(product["csp"])).strip(" ,-") or company(product["csp"])


def without_edition(name: str) -> str:
    """Return a product's name without what says that it is the edition for governments."""
    return _GOVERNMENT.sub("", name)
