"""Examples to judge by from whatever file a person names: a recipe, arrays, IDX, a table, texts or pictures."""

from pathlib import Path

from workbench.engine.data.arrays import array_examples
from workbench.engine.data.examples import Examples
from workbench.engine.data.idx import idx_examples
from workbench.engine.data.image_folder import image_folder
from workbench.engine.data.table import table_examples
from workbench.engine.data.text import text_examples
from workbench.engine.data.wishes import Wishes
from workbench.engine.loading import read_recipe_data
from workbench.engine.traits import Traits
from workbench.errors import WorkbenchError
from workbench.recipe import read_recipe
from workbench.recipe.data import Arrays, ImageFolder
from workbench.recipe.file_names import is_named_as_recipe

_PICTURE_AXES = 3


def held_out_examples(
    path: Path,
    labels: Path | None,
    classes: tuple[str, ...],
    input_shape: tuple[int, ...] = (),
    traits: Traits | None = None,
) -> Examples:
    """All examples of a data file, or the held-out ones of a recipe.

    Args:
        path: A recipe (.distil or .toml), an .npz, .safetensors or IDX file, a table or texts, or a folder of pictures.
        labels: The IDX labels that belong to IDX pictures; not needed otherwise.
        classes: The names the model uses, in label order.
        input_shape: Of one input of the model; pictures are made to fit, texts get this length.
        traits: Of the model, for its columns or its tokenizer.

    Raises:
        WorkbenchError: The file cannot be used.
    """
    if is_named_as_recipe(path):
        return read_recipe_data(read_recipe(path), path.parent).validation
    if path.is_dir():
        return _pictures(path, classes, input_shape)
    try:
        with path.open("rb") as file:
            start = file.read(9)
    except OSError as error:
        raise WorkbenchError(f"{path} cannot be read: {error.strerror}.", "Check the name after --data.") from None
    if start[:4] == b"PK\x03\x04" or start[8:9] == b"{":
        return array_examples(path, Arrays(file=str(path), classes=classes))
    # IDX begins with two zero bytes, and may be gzipped.
    if labels is not None or start[:2] in (b"", b"\0\0", b"\x1f\x8b"):
        return idx_examples(str(path), str(labels) if labels else "", classes, Path())
    return _rows(path, classes, input_shape, traits or Traits())


def _rows(path: Path, classes: tuple[str, ...], input_shape: tuple[int, ...], traits: Traits) -> Examples:
    if traits.reads == "tokens" and traits.tokenizer and input_shape:
        return text_examples(path, traits, input_shape[0], classes)
    if traits.columns:
        return table_examples(path, traits.columns, classes)
    raise WorkbenchError(
        f"{path} is neither arrays nor IDX, and the model does not say which columns of a table it reads.",
        "Give a recipe whose data section names the file.",
    )


def _pictures(path: Path, classes: tuple[str, ...], input_shape: tuple[int, ...]) -> Examples:
    if input_shape and len(input_shape) != _PICTURE_AXES:
        raise WorkbenchError(
            f"{path} is a folder, and the model reads no pictures.", "Give a recipe whose data section names it."
        )
    # Held-out pictures are read whole: nothing is split off.
    section = ImageFolder(folder=str(path), validation_folder=str(path), classes=classes)
    return image_folder(section, Path(), Wishes(input_shape=input_shape)).validation
