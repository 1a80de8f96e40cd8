"""Definitions that tests share: small ones, and such as hypothesis makes up."""

from __future__ import annotations

from typing import Any, Final, get_args

from hypothesis import strategies as st

from opencasb.discovery.custom.definition import ONLY_FOR, Definition, Fields, Kind
from opencasb.discovery.custom.document import from_values

SMALL: Final[dict[str, Any]] = {"name": "small", "kind": "json", "fields": {"source_ip": "c", "url": "u"}}


def small(**more: Any) -> Definition:
    """Return a checked definition with other options."""
    return from_values({**SMALL, **more})


_NAMES = st.sampled_from(["c", "u", "a.b", "src ip", "*", "é", "", "f.c", "line", "{c}-{u}", "{", "x" * 130])
_PATTERNS = st.sampled_from(
    ["", "(", r"^(\d+)", r"(?P<c>\S+) (?P<u>\S+)", "(?=a)", r"\w{999}{999}", "a|b", "[", ".*", "-"]
)
_RULES = st.fixed_dictionaries(
    {"field": _NAMES},
    optional={
        "pattern": _PATTERNS,
        "values": st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
        "scale": st.sampled_from([1, 0, 0.5, 1024, 1e13, "x"]),
    },
)
_ITEMS = _NAMES | _RULES
_SOURCES = _ITEMS | st.lists(_ITEMS, max_size=3)
_ODD = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | st.lists(st.integers(), max_size=2)
)
_OPTIONS: Final[dict[str, st.SearchStrategy[Any]]] = {
    "description": st.text(max_size=5),
    "syslog": st.booleans(),
    "start": _PATTERNS,
    "delimiter": st.sampled_from([",", "\t", " ", ", ", "|", "", "\\", '"', "a", "=", "\n", "é"]),
    "repeated": st.booleans(),
    "quote": st.sampled_from(['"', "'", "", "x"]),
    "brackets": st.booleans(),
    "columns": st.lists(_NAMES, max_size=4),
    "assign": st.sampled_from(["=", ":", ": ", "", " ", "=>", "|"]),
    "open_values": st.booleans(),
    "patterns": st.lists(_PATTERNS, max_size=3),
    "time": st.fixed_dictionaries(
        {"fields": st.lists(_ITEMS, max_size=2)},
        optional={
            "format": st.sampled_from(["auto", "unix", "%Y-%m-%d %H:%M:%S", "dd/MM/yyyy HH:mm", "yyyy", "%", "q", ""]),
            "zone": st.sampled_from(["", "Europe/Berlin", "Mars", "UTC"]),
            "day_first": st.booleans(),
        },
    ),
    "actions": st.dictionaries(st.text(max_size=5), st.sampled_from(["allow", "block", "x"]), max_size=3),
    "ignore": st.lists(
        st.fixed_dictionaries({}, optional={"drop": _PATTERNS, "keep": _PATTERNS, "field": _NAMES}), max_size=2
    ),
    "incomplete": st.sampled_from(["reject", "ignore", "x"]),
}

DOCUMENTS: Final = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["a", "a b", ""]) | _ODD,
        "kind": st.sampled_from([*get_args(Kind), "csv"]),
        "fields": st.dictionaries(st.sampled_from([*Fields.__struct_fields__, "x"]), _SOURCES, max_size=4) | _ODD,
    },
    optional={name: strategy | _ODD for name, strategy in _OPTIONS.items()},
)
"""Documents of all sorts, most of them wrong."""


@st.composite
def likely(draw: st.DrawFn) -> dict[str, Any]:
    """Return a document of which most can be used: its options go with its kind."""
    kind = draw(st.sampled_from(get_args(Kind)))
    good = st.sampled_from(["c", "u", "a.b", "src ip", "*"])
    made: dict[str, Any] = {
        "name": "made",
        "kind": kind,
        "fields": {"source_ip": draw(good), "url": draw(good | st.lists(good, min_size=1, max_size=2))},
    }
    for name, strategy in _OPTIONS.items():
        if kind in ONLY_FOR.get(name, get_args(Kind)) and name not in {"columns", "patterns"} and draw(st.booleans()):
            made[name] = draw(strategy)
    if kind == "regex":
        made["patterns"] = [r"(?P<c>\S+) (?P<u>\S+)"]
        made["fields"] = {"source_ip": "c", "url": "u"}
    return made
