"""Examples to judge by from whatever file a person names: a recipe, arrays or IDX, told by its content."""

from pathlib import Path

from workbench.engine.data import read_data
from workbench.engine.data.arrays import array_examples
from workbench.engine.data.examples import Examples
from workbench.engine.data.idx import idx_examples
from workbench.errors import WorkbenchError
from workbench.recipe import read_recipe
from workbench.recipe.data import Arrays


def held_out_examples(path: Path, labels: Path | None, classes: tuple[str, ...]) -> Examples:
    """All examples of a data file, or the held-out ones of a recipe.

    Args:
        path: A recipe (.toml), .npz, .safetensors or IDX file.
        labels: The IDX labels that belong to IDX pictures; not needed otherwise.
        classes: The names the model uses, in label order.

    Raises:
        WorkbenchError: The file cannot be used.
    """
    if path.suffix == ".toml":
        return read_data(read_recipe(path).data, path.parent).validation
    try:
        with path.open("rb") as file:
            start = file.read(9)
    except OSError as error:
        raise WorkbenchError(f"{path} cannot be read: {error.strerror}.", "Check the name after --data.") from None
    if start[:4] == b"PK\x03\x04" or start[8:9] == b"{":
        return array_examples(path, Arrays(file=str(path), classes=classes))
    return idx_examples(str(path), str(labels) if labels else "", classes, Path())
