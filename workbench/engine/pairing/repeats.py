"""Examples that occur twice, told by their content: in training, or in training and among those held out.

N examples, X any input axes.
"""

from collections.abc import Iterable

from workbench.engine.data import Dataset
from workbench.engine.data.duplicates import duplicates
from workbench.engine.wording import share_of
from workbench.events import Finding

# Reading more than this from a disk costs longer than the answer is worth before every run.
_MOST_BYTES = 2**30
_MANY = 0.01


def look_for_repeats(dataset: Dataset) -> Iterable[Finding]:
    """Held-out examples that are trained on too, and examples that are trained on more than once."""
    training_NX, validation_NX = dataset.training.inputs_NX, dataset.validation.inputs_NX
    size = training_NX.nbytes + validation_NX.nbytes
    if size > _MOST_BYTES:
        title = f"Not looked for repeated examples: the data has {size / 2**30:.1f} GiB, and 1 GiB is looked through."
        yield Finding(level="ok", title=title)
        return
    found = duplicates(dataset)
    shared, repeated = found.overlap, found.repeated
    if shared:
        title = (
            f"{shared:,} of {len(validation_NX):,} held-out examples ({share_of(shared, len(validation_NX))}) are "
            "among those trained on too, the same in every value."
        )
        fix = "Errors will look too few: give validation files without them, or remove them."
        yield Finding(level="warning", title=title, fix=fix)
    if repeated:
        many = repeated > _MANY * len(training_NX)
        share = share_of(repeated, len(training_NX))
        title = f"{repeated:,} of {len(training_NX):,} training examples ({share}) are repeats."
        fix = "They count more than others; remove them if that is not meant." if many else ""
        yield Finding(level="warning" if many else "ok", title=title, fix=fix)
    if found.contradicting:
        title = f"{found.contradicting:,} training examples repeat another one under a different label."
        fix = "One of the two labels is wrong, or the inputs do not say enough."
        yield Finding(level="warning", title=title, fix=fix)
