"""Read Menlo Security: CEF, or the log export's JSON, one object per line (log-formats §5, MENLO_SECURITY_CEF).

No field list is public: fields are recognised by their usual names. Isolated requests count as allowed.
"""

from __future__ import annotations

from typing import ClassVar, Final

from msgspec.structs import replace

from opencasb.discovery.formats.aliased_events import AliasedCef
from opencasb.discovery.formats.base import Format, ParseContext
from opencasb.discovery.formats.cef import Cef
from opencasb.discovery.formats.signature import signature
from opencasb.discovery.formats.tolerant import Tolerant

_VENDOR: Final = r"(?i:Menlo ?Security)"


class MenloCef(AliasedCef):
    """Read the CEF records of Menlo's platform."""

    vendor: ClassVar[str] = rf"{_VENDOR}\|"


class Menlo(Tolerant):
    """Read the records of Menlo's platform in any shape; their times are UTC."""

    cef: ClassVar[type[Cef]] = MenloCef

    def __init__(self, context: ParseContext) -> None:
        super().__init__(replace(context, timezone="UTC"))


FORMATS: Final = (
    Format(
        ("MENLO_SECURITY_CEF",),
        signature(
            rf'(?:(?:CEF: ?|^)\d{{1,2}}|LEEF:[\d.]+)\|{_VENDOR}\||\{{.*"vendor"\s*:\s*"{_VENDOR}"',
            "records of Menlo Security",
        ),
        Menlo,
        rank=5,
    ),
)
