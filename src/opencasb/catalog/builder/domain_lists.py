"""The community's domain lists, with the meaning their format gives to includes and attributes.

A bare rule or ``domain:`` stands for a domain and everything below it, ``full:`` for one host; ``regexp:`` and
``keyword:`` are left out, they describe resolver names rather than apps. ``include:x @ads`` takes only the rules of x
that carry the attribute, ``include:x @-cn`` all but those; read as plain includes they would make every large vendor
an advertising network.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from opencasb.catalog.builder import category_rules
from opencasb.catalog.builder.json_lines import lines

SOURCE: Final = "v2fly-domain-list-community"
ADS: Final = "@ads"

_NOT_SERVICES: Final = ("category-", "geolocation-", "tld-", "test", "private", "connectivity-check", "cn")
_NOT_APPS: Final = ("category-porn",)
# Lists of kinds of services that matter in a company's traffic: their own domains are apps though nobody names them.
_LISTS_OF_APPS: Final = (
    "category-ai",
    "category-anticensorship",
    "category-collaborate",
    "category-communication",
    "category-documents",
    "category-netdisk",
    "category-password-management",
    "category-proxy-tunnels",
    "category-remote-control",
    "category-urlshortner",
    "category-voip",
    "category-vpnservices",
    "category-web-archive",
)


class Rule(msgspec.Struct, frozen=True, order=True):
    """One host rule; ``full`` rules do not reach below the host."""

    host: str
    full: bool
    attributes: tuple[str, ...]


class Include(msgspec.Struct, frozen=True):
    """A reference to another list, narrowed by attributes."""

    name: str
    attributes: tuple[str, ...]

    def takes(self, rule: Rule) -> bool:
        """Return whether a rule of the other list passes the attributes."""
        return all(
            "@" + attribute[2:] not in rule.attributes if attribute.startswith("@-") else attribute in rule.attributes
            for attribute in self.attributes
        )


class DomainList(msgspec.Struct, frozen=True):
    """A list: its own rules and the lists it includes."""

    name: str
    rules: tuple[Rule, ...]
    includes: tuple[Include, ...]


def read_lists(root: Path) -> dict[str, DomainList]:
    """Return the lists by name; affiliations (``&other``) add a rule to the other list too."""
    rules: dict[str, set[Rule]] = {}
    includes: dict[str, list[Include]] = {}
    for record in lines(root / SOURCE / "lists.jsonl"):
        name = record["list"]
        rules.setdefault(name, set())
        for text in record["rules"]:
            head, *marks = text.split()
            attributes = tuple(sorted(mark for mark in marks if mark.startswith("@")))
            if head.startswith("include:"):
                includes.setdefault(name, []).append(Include(head[8:], attributes))
            elif rule := _rule(head, attributes):
                for owner in (name, *(mark[1:] for mark in marks if mark.startswith("&"))):
                    rules.setdefault(owner, set()).add(rule)
    return {
        name: DomainList(name, tuple(sorted(found)), tuple(includes.get(name, ()))) for name, found in rules.items()
    }


def _rule(text: str, attributes: tuple[str, ...]) -> Rule | None:
    kind, _, host = text.rpartition(":")
    return Rule(host, kind == "full", attributes) if kind in {"", "domain", "full"} else None


def resolved(lists: Mapping[str, DomainList], name: str, seen: frozenset[str] = frozenset()) -> set[Rule]:
    """Return the rules of a list with those of its includes."""
    found = lists.get(name)
    if found is None or name in seen:
        return set()
    rules = set(found.rules)
    for include in found.includes:
        rules |= {rule for rule in resolved(lists, include.name, seen | {name}) if include.takes(rule)}
    return rules


def service_lists(lists: Mapping[str, DomainList]) -> dict[str, tuple[Rule, ...]]:
    """Return the own rules of the lists that stand for one service; a ``-cn`` list belongs to its parent's."""
    adult = {include.name for name in _NOT_APPS if name in lists for include in lists[name].includes}
    services: dict[str, tuple[Rule, ...]] = {}
    for name in sorted(lists):
        parent = name.removesuffix("-cn")
        owner = parent if parent in lists else name
        if owner not in adult and name not in adult and not name.startswith(_NOT_SERVICES):
            services[owner] = (*services.get(owner, ()), *lists[name].rules)
    return services


def categories(lists: Mapping[str, DomainList]) -> dict[str, set[str]]:
    """Return the categories that ``category-...`` lists give to hosts, with their includes."""
    found: dict[str, set[str]] = {}
    for name in sorted(lists):
        category = category_rules.of_list(name)
        if category is None:
            continue
        for rule in resolved(lists, name):
            found.setdefault(rule.host, set()).add(category)
    return found


def apps_of_lists(lists: Mapping[str, DomainList]) -> set[str]:
    """Return the domains that lists of one kind of app hold directly."""
    return {
        rule.host
        for name in lists
        if name.startswith(_LISTS_OF_APPS)
        for rule in lists[name].rules
        if ADS not in rule.attributes
    }


def trackers(lists: Mapping[str, DomainList]) -> set[str]:
    """Return the hosts that serve advertising or measuring."""
    marked = {rule.host for found in lists.values() for rule in found.rules if ADS in rule.attributes}
    return marked | {rule.host for name in ("category-ads", "category-ads-all") for rule in resolved(lists, name)}
