"""A file where a command belongs is opened in the window, as it comes when it is dropped on the program's icon."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from typer.core import TyperGroup

from workbench.wording import visible


class CommandsAndFiles(TyperGroup):
    """The commands, and `window` where the first word is none of them but names a file or folder."""

    def make_context(self, *arguments: Any, **options: Any) -> Any:
        """As the base class does."""
        with _visible_message():
            return super().make_context(*arguments, **options)

    def invoke(self, ctx: Any) -> Any:
        """As the base class does."""
        with _visible_message():
            return super().invoke(ctx)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """As the base class does."""
        if args[0] not in self.commands and _is_place(Path(args[0])):
            args = ["window", *args]
        return super().resolve_command(ctx, args)


@contextmanager
def _visible_message() -> Iterator[None]:
    """What was typed wrongly may be a name with control characters, put in by the shell."""
    try:
        yield
    except Exception as error:
        message = getattr(error, "message", None)
        if isinstance(message, str):
            error.message = visible(message)  # type: ignore[attr-defined]
        raise


def _is_place(named: Path) -> bool:
    from workbench.recipe.file_names import is_named_as_recipe

    # Of a recipe that is not there, the window says so.
    return is_named_as_recipe(named) or named.exists()
