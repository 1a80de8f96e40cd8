"""What pages are made of: addresses, who may enter, what is shown, what a form does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from opencasb.model.user import User
from opencasb.portal.page import Page
from opencasb.portal.visit import Visit

Right = Callable[[User], bool]
Show = Callable[[Visit], Page]
Act = Callable[[Visit], "Page | str"]
"""Does what a form says; returns a page, or the address below ``/portal/`` where the browser goes then."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What is asked before something is done that cannot be undone, or that people would notice.

    The form that leads to it has no fields, for the question is a page by itself, which browsers can come back to.
    ``subject`` names what it is done to, and raises :class:`NotFound` where that is not there.
    """

    title: str
    text: str
    button: str
    subject: Callable[[Visit], str]


@dataclass(frozen=True, slots=True)
class View:
    """A page at ``path``; ``<name>`` in it is a variable."""

    path: str
    right: Right
    show: Show


@dataclass(frozen=True, slots=True)
class Action:
    """A form that is sent to ``path``. ``page`` shows the form again, where something in it is wrong."""

    path: str
    right: Right
    act: Act
    page: Show
    confirmation: Confirmation | None = None


def match(template: str, path: str) -> Mapping[str, str] | None:
    """Return the variables of a path that a template fits, else None."""
    wanted, given = template.split("/"), path.split("/")
    if len(wanted) != len(given):
        return None
    variables = {}
    for name, value in zip(wanted, given, strict=True):
        if name.startswith("<") and value:
            variables[name[1:-1]] = value
        elif name != value:
            return None
    return variables
