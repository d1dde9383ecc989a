"""A file where a command belongs is opened in the window, as it comes when it is dropped on the program's icon."""

from pathlib import Path
from typing import Any

from typer.core import TyperGroup


class CommandsAndFiles(TyperGroup):
    """The commands, and `window` where the first word is none of them but names a file or folder."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """As the base class does."""
        if args[0] not in self.commands and _is_place(Path(args[0])):
            args = ["window", *args]
        return super().resolve_command(ctx, args)


def _is_place(named: Path) -> bool:
    from workbench.recipe.file_names import is_named_as_recipe

    # Of a recipe that is not there, the window says so.
    return is_named_as_recipe(named) or named.exists()
