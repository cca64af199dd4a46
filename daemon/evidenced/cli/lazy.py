"""A group whose commands are imported when one of them is asked for, and not to list them."""

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup


class Entry(NamedTuple):
    """A command that is not imported yet: where it is, and what a list of commands says of it.

    `at` is `module:name` of the function, or of the Typer of a group. `help` is the first
    paragraph of its own help.
    """

    at: str
    help: str


class LazyGroup(TyperGroup):
    """A group that knows its commands by a table, which a subclass has; the table is their order.

    Help, completion and suggestions take what is in the table, so that they import no command.
    """

    table: ClassVar[Mapping[str, Entry]] = MappingProxyType({})

    def __init__(self, **attributes: Any) -> None:  # noqa: ANN401  Typer's own
        super().__init__(**attributes)
        for name, entry in self.table.items():
            self.add_command(TyperCommand(name, help=entry.help))

    def resolve_command(
        self,
        ctx: Any,  # noqa: ANN401  a class that Typer keeps to itself
        args: list[str],
    ) -> tuple[str | None, Any, list[str]]:
        """The command that the first of the arguments names, imported, and the other arguments."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, self.imported(name) if name else command, rest

    def imported(self, name: str) -> TyperCommand | TyperGroup:
        """The command of this name itself."""
        module, _, attribute = self.table[name].at.partition(":")
        with _uncollected():
            found = getattr(import_module(module), attribute)
        return _group(name, found) if isinstance(found, typer.Typer) else _single(name, found)


def whole(app: typer.Typer) -> Any:  # noqa: ANN401  a class that Typer keeps to itself
    """The command of an app with all commands in it imported, also those in groups of groups."""
    return _filled(typer.main.get_command(app))


def _filled(command: Any) -> Any:  # noqa: ANN401  the same
    if isinstance(command, LazyGroup):
        for name in command.table:
            command.add_command(_filled(command.imported(name)))
    return command


def _group(name: str, app: typer.Typer) -> TyperGroup:
    group = typer.main.get_group(app)
    group.name = name
    return group


def _single(name: str, function: Callable[..., None]) -> Any:  # noqa: ANN401  the same
    alone = typer.Typer(add_completion=False)
    alone.command(name)(function)
    return typer.main.get_command(alone)


@contextmanager
def _uncollected() -> Iterator[None]:
    # What is imported stays: to look for garbage in it meanwhile is a quarter of the way to start.
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()
