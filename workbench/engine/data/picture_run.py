"""All pictures of a source decoded, in their order, into one file; what is broken named or left out.

N pictures.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from workbench.engine.data.decoding import Broken, Form, decode, quiet
from workbench.engine.data.picture_files import PictureFile, shown
from workbench.engine.data.picture_store import Index, write_pixels
from workbench.engine.data.side_by_side import side_by_side
from workbench.engine.objectives import UNLABELLED
from workbench.errors import WorkbenchError
from workbench.events import Finding

MOST_NAMED = 20
_ENOUGH_BROKEN = 100
_SKIP = "Repair or remove them, or set data.skip_broken to leave them out."


@dataclass
class PictureRun:
    """Everything that is known before the first picture is decoded.

    Attributes:
        paths: Of all files.
        files: The same, as they were found.
        labels: Of each.
        classes: Names in label order.
        order: Places among the files; those to train on come first.
        training: How many these are.
        form: What every picture is made into.
        broken: Name and reason of what cannot be used; grows.
        skips: Whether that is left out, instead of refusing all.
        notes: What was passed over.
        pulse: Hears how far it is; what it raises ends the work.
    """

    paths: list[str]
    files: list[PictureFile]
    labels: list[int]
    classes: tuple[str, ...]
    order: list[int]
    training: int
    form: Form
    broken: list[tuple[str, str]]
    skips: bool
    notes: tuple[Finding, ...]
    pulse: Callable[[str], None]

    @property
    def nbytes(self) -> int:
        """Of all pixels, if no file is broken."""
        return len(self.paths) * self.form.nbytes

    def run(self, file: BinaryIO) -> Index:
        """Decode all pictures, in their order, into a file.

        Raises:
            WorkbenchError: Some are broken and the recipe does not say to leave them out, or the disk is full.
        """
        quiet()
        kept: list[int] = []
        total = len(self.paths) + len(self.broken)
        digest = write_pixels(self._pictures(kept), file)
        if self.broken and not self.skips:
            raise broken_error(self.broken, total, is_all=len(self.broken) < _ENOUGH_BROKEN)
        training = sum(place < self.training for place in kept)
        if not 0 < training < len(kept):
            raise broken_error(self.broken, total, is_all=True)
        notes = [*self.notes]
        if self.broken:
            notes.append(_left_out(self.broken, total))
        labels = tuple(self.labels[self.order[place]] for place in kept)
        unlabelled = labels.count(UNLABELLED)
        if unlabelled:
            notes.append(_unlabelled(unlabelled, len(labels)))
        return Index(self.form.shape, training, labels, self.classes, tuple(notes), digest)

    def _pictures(self, kept: list[int]) -> Iterator[NDArray[np.uint8]]:
        """The pictures that can be decoded; the places in the order are noted in `kept`."""
        paths = [self.paths[place] for place in self.order]
        decoded = side_by_side(partial(decode, form=self.form), paths, self.pulse, "Decoding pictures")
        for place, picture in enumerate(decoded):
            if isinstance(picture, Broken):
                self.broken.append((self.files[self.order[place]].name, picture.reason))
                if not self.skips and len(self.broken) >= _ENOUGH_BROKEN:
                    decoded.close()  # type: ignore[attr-defined]
                    return
            else:
                kept.append(place)
                yield picture


def broken_error(broken: Sequence[tuple[str, str]], total: int, *, is_all: bool) -> WorkbenchError:
    """The refusal of broken files: how many of how many, the first in the sentence and more of them as details."""
    more = "" if is_all else " or more"
    name, reason = broken[0] if broken else ("", "")
    first = f"the first is {shown(name)}: {reason}" if broken else "nothing is left"
    return WorkbenchError(
        f"{len(broken):,}{more} of {total:,} pictures cannot be used; {first}.",
        _SKIP,
        "\n".join(f"{shown(name)}: {reason}" for name, reason in broken[:MOST_NAMED]),
    )


def _left_out(broken: Sequence[tuple[str, str]], total: int) -> Finding:
    names = ", ".join(shown(name) for name, _ in broken[:MOST_NAMED])
    more = f" and {len(broken) - MOST_NAMED:,} more" if len(broken) > MOST_NAMED else ""
    title = f"{len(broken):,} of {total:,} pictures cannot be used and were left out: {names}{more}."
    return Finding(level="warning", title=title, fix=f"The first: {broken[0][1]}.")


def _unlabelled(count: int, total: int) -> Finding:
    title = f"{count:,} of {total:,} pictures have no label."
    return Finding(level="warning", title=title, fix="They are learned from by the teacher's soft targets only.")
