"""Routing of pages: paths, access rights, views and form actions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from opencasb.model.user import User
from opencasb.portal.page import Page
from opencasb.portal.visit import Visit

Right = Callable[[User], bool]
Show = Callable[[Visit], Page]
Act = Callable[[Visit], "Page | str"]
"""Carries out a form; returns a page, or the address below ``/portal/`` to redirect to."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The question asked before an action that cannot be undone, or that people would notice.

    The form that leads to it has no fields, because the question is a page of its own that browsers can return to.
    ``subject`` names what the action applies to, and raises :class:`NotFound` if that does not exist.
    """

    title: str
    text: str
    button: str
    subject: Callable[[Visit], str]


@dataclass(frozen=True, slots=True)
class View:
    """A page at ``path``, in which ``<name>`` is a variable."""

    path: str
    right: Right
    show: Show


@dataclass(frozen=True, slots=True)
class Action:
    """The handler of a form posted to ``path``; ``page`` shows the form again if it is invalid."""

    path: str
    right: Right
    act: Act
    page: Show
    confirmation: Confirmation | None = None


def match(template: str, path: str) -> Mapping[str, str] | None:
    """Return the variables of a path if the template matches it, else None."""
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
