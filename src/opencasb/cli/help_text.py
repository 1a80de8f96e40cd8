"""What ``--help`` shows besides descriptions and options: whole summaries of commands, and examples."""

from __future__ import annotations

from typing import Final

import click

_WHOLE: Final = 1_000
"""Longer than any summary: click cuts them to one line otherwise."""


class Group(click.Group):
    """A group of commands that lists them with their whole summaries; groups inside it do the same."""

    group_class = type

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands with their summaries, wrapped instead of cut."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, each.get_short_help_str(_WHOLE)) for name, each in commands if each])


def examples(*lines: str) -> str:
    """Return the end of a command's help: command lines to copy, as they are."""
    return "\n".join(("\b", "Examples:", *(f"  opencasb {line}" for line in lines)))
