"""What a person should know of a Hugging Face folder before it is used, each with its fix."""

from collections.abc import Iterator

from workbench.engine.checkpoints.checkpoint_format import Wanted
from workbench.engine.checkpoints.hugging_face_folder import HuggingFaceFolder, missing_weights
from workbench.engine.checkpoints.hugging_face_reading import tokenizer_of
from workbench.engine.checkpoints.key_fitting import Fit
from workbench.engine.checkpoints.picture_processor import PROCESSOR_FILE, read_processor
from workbench.events import Finding


def notes_on(
    folder: HuggingFaceFolder, fitting: Fit | None, *, pictures: bool, named: bool, before: int, wanted: Wanted
) -> tuple[Finding, ...]:
    """The notes of a card.

    Args:
        folder: What lies there.
        fitting: How its tensors go into the model; None where there are none.
        pictures: Whether it reads pictures, not texts.
        named: Whether its classes have names.
        before: How many classes the file has.
        wanted: What is asked of it.
    """
    return (
        *_on_code(folder),
        *_on_weights(folder, fitting, pictures=pictures),
        *_on_classes(fitting, before, wanted, named=named),
        *(_on_pictures(folder, wanted) if pictures else _on_texts(folder)),
    )


def _on_code(folder: HuggingFaceFolder) -> Iterator[Finding]:
    if "auto_map" in folder.settings:
        title = "The config names Python code that came with the model (auto_map). It is not run."
        fix = "The library's own model of that kind is used; compare its answers with the original's."
        yield Finding(level="warning", title=title, fix=fix)


def _on_weights(folder: HuggingFaceFolder, fitting: Fit | None, *, pictures: bool) -> Iterator[Finding]:
    if fitting is None:
        error = missing_weights(folder.path)
        yield Finding(level="refusal", title=error.title, fix=error.hint)
        return
    if any(".bin" in file.name for file in folder.weights):
        title = "The weights are pickled (.bin); only their numbers are read, and nothing in them is run."
        yield Finding(level="ok", title=title, fix="")
    if fitting.other_faults:
        title = f"{len(fitting.other_faults)} tensors do not fit the config: {fitting.other_faults[0].strip()}."
        fix = "Config and weights do not belong together; download the folder again."
        yield Finding(level="refusal", title=title, fix=fix)
    elif fitting.missing_head:
        what = "pictures" if pictures else "texts"
        title = (
            f"It has no head that tells classes apart: it is the start of a classifier of {what}, not a finished one."
        )
        fix = "Use it as the student's checkpoint, which gets a new head for the classes of the data; not as a teacher."
        yield Finding(level="warning", title=title, fix=fix)


def _on_classes(fitting: Fit | None, before: int, wanted: Wanted, *, named: bool) -> Iterator[Finding]:
    if fitting is None:
        return
    count = len(wanted.classes)
    if wanted.new_head and count and count != before:
        title = f"Its head has {before} classes, and the data has {count}: the student gets a new head."
        yield Finding(level="warning", title=title, fix="The rest of the weights is kept.")
    elif not named and not fitting.missing_head:
        title = f"Its {before} classes have no names."
        fix = "They are taken to be those of the data, in their order; else list them in signature.classes."
        yield Finding(level="warning", title=title, fix=fix)


def _on_pictures(folder: HuggingFaceFolder, wanted: Wanted) -> Iterator[Finding]:
    if not read_processor(folder.path).std and not wanted.signature.std:
        title = f"There is no {PROCESSOR_FILE} that says how pixels are normalised: they go in from 0 to 1."
        yield Finding(level="warning", title=title, fix="If it was trained otherwise, give signature.mean and std.")


def _on_texts(folder: HuggingFaceFolder) -> Iterator[Finding]:
    if not tokenizer_of(folder):
        title = "There is no tokenizer.json, so texts cannot be turned into its tokens."
        fix = "Download it too, or name the folder of its tokenizer in data.tokenizer."
        yield Finding(level="warning", title=title, fix=fix)
