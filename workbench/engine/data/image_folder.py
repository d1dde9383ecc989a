"""Pictures in a folder, one folder a class, or named by a CSV list: decoded once, kept on disk, mapped where large.

N pictures; P places among the files.
"""

import hashlib
import os
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import torch
from torch import Tensor

from workbench.engine.data.decoding import Broken, Form, Look, look, quiet
from workbench.engine.data.examples import Dataset, Examples, split
from workbench.engine.data.picture_files import (
    PictureFiles,
    class_names,
    pictures_in_folder,
    pictures_in_list,
    shown,
)
from workbench.engine.data.picture_run import MOST_NAMED, PictureRun, broken_error
from workbench.engine.data.picture_store import Index, PictureStore, read_unnamed, refuse_unless_room
from workbench.engine.data.side_by_side import side_by_side
from workbench.engine.data.wishes import Wishes
from workbench.engine.objectives import UNLABELLED
from workbench.errors import WorkbenchError
from workbench.recipe.data import ImageFolder
from workbench.recipe.section import whole_name

_GIB = 2**30


def image_folder(section: ImageFolder, folder: Path, wishes: Wishes) -> Dataset:
    """Pictures as a recipe names them, in the size and colours that its models want.

    Raises:
        WorkbenchError: There are none, files are broken, classes are unknown, sizes differ and none is asked for, or
            the disk has no room for what is decoded.
    """
    source = _Source.found(section, folder, wishes)
    if wishes.cache_folder is None:
        index, training_NX, held_out_NX = source.in_unnamed_file()
    else:
        store = PictureStore(wishes.cache_folder / "pictures", source.place, source.key())
        index, training_NX, held_out_NX = store.read(source.most_bytes) or source.into(store)
    labels_N = torch.tensor(index.labels, dtype=torch.int64)
    count = index.training
    return Dataset(
        Examples(
            training_NX, labels_N[:count], index.classes, notes=index.notes, digest=f"{index.digest} {count} first"
        ),
        Examples(held_out_NX, labels_N[count:], index.classes, digest=f"{index.digest} {count} left out"),
    )


@dataclass(frozen=True)
class _Source:
    """The files of both sides, and what is wanted of them.

    Attributes:
        section: Of the recipe.
        wishes: Of the models.
        sides: The files to train on, and those held out where they are given.
    """

    section: ImageFolder
    wishes: Wishes
    sides: tuple[PictureFiles, ...]

    @classmethod
    def found(cls, section: ImageFolder, folder: Path, wishes: Wishes) -> "_Source":
        """Look for the files."""
        sides = [_files(section.folder, section.listing, folder, wishes)]
        if section.validation_folder or section.validation_listing:
            held_out = section.validation_folder or section.folder
            sides.append(_files(held_out, section.validation_listing, folder, wishes))
        return cls(section, wishes, tuple(sides))

    @property
    def most_bytes(self) -> float:
        """What may lie in memory."""
        return self.section.memory * _GIB

    @property
    def channels(self) -> int | None:
        """As the recipe says, else as the models wish; None goes by the pictures."""
        wished = self.wishes.input_shape
        known = {"rgb": 3, "grey": 1}.get(self.section.colour)
        return known or (wished[0] if len(wished) == 3 and wished[0] in (1, 3) else None)

    @property
    def size(self) -> tuple[int, int] | None:
        """Height and width as the recipe says, else as the models wish; None goes by the pictures."""
        if self.section.size:
            return self.section.size[0], self.section.size[-1]
        wished = self.wishes.input_shape
        return (wished[1], wished[2]) if len(wished) == 3 else None

    @property
    def place(self) -> str:
        """Which folders in which form."""
        return repr(([str(side.folder) for side in self.sides], self.section.listing, self._asked))

    @property
    def _asked(self) -> tuple[object, ...]:
        return self.channels, self.size, self.section.fit

    def key(self) -> str:
        """A hash of everything that decides what is stored: the files by name, size and time, and the settings."""
        section = self.section
        settings = (self._asked, section.classes, section.validation_fraction, section.seed, section.skip_broken)
        digest = hashlib.sha256(repr(settings).encode("utf-8", "surrogatepass"))
        for side in self.sides:
            lines = [f"{file.name}\0{file.label}\0{file.size}\0{file.time}\0" for file in side.files]
            rest = f"\1{side.broken}\1{sorted(side.passed_over.items())}\1"
            digest.update(("".join(lines) + rest).encode("utf-8", "surrogatepass"))
        return digest.hexdigest()

    def into(self, store: PictureStore) -> tuple[Index, Tensor, Tensor]:
        """Decode into a store; nothing is left behind where that ends early."""
        decoding = self._decoding()
        file, unfinished = store.begin(decoding.nbytes)
        try:
            index = store.write(decoding.run(file), file, unfinished)
        except BaseException:
            file.close()
            unfinished.unlink(missing_ok=True)
            raise
        read = store.read(self.most_bytes)
        if read is None:
            raise WorkbenchError(f"The {len(index.labels):,} pictures just decoded are not on the disk any more.")
        return read

    def in_unnamed_file(self) -> tuple[Index, Tensor, Tensor]:
        """Decode into a file that goes away by itself."""
        decoding = self._decoding()
        refuse_unless_room(Path(tempfile.gettempdir()), decoding.nbytes)
        with tempfile.TemporaryFile() as opened:
            file = cast(BinaryIO, opened)
            index = decoding.run(file)
            return index, *read_unnamed(file, index, self.most_bytes)

    def _decoding(self) -> PictureRun:
        files = [file for side in self.sides for file in side.files]
        where = shown(str(self.sides[0].folder))
        broken = [pair for side in self.sides for pair in side.broken]
        if broken and not self.section.skip_broken:
            raise broken_error(broken, len(files) + len(broken), is_all=True)
        if any(not side.files for side in self.sides):
            empty = next(side for side in self.sides if not side.files)
            what = "".join(note.title for note in empty.notes())
            raise WorkbenchError(
                f"There is no picture in {shown(str(empty.folder))}.",
                "Put pictures into one folder a class there, or name another folder.",
                "\n".join([what, *(f"{shown(name)}: {reason}" for name, reason in broken[:MOST_NAMED])]),
            )
        classes = class_names(files, self.section.classes, where)
        numbers = {name: number for number, name in enumerate(classes)}
        labels = [UNLABELLED if file.label is None else numbers[file.label] for file in files]
        paths = [f"{side.folder}{os.sep}{file.name}" for side in self.sides for file in side.files]
        order, training = self._order(labels, classes)
        return PictureRun(
            paths,
            files,
            labels,
            classes,
            order,
            training,
            self._form(paths),
            broken,
            self.section.skip_broken,
            tuple(note for side in self.sides for note in side.notes()),
            self.wishes.pulse,
        )

    def _order(self, labels: list[int], classes: tuple[str, ...]) -> tuple[list[int], int]:
        """All places, those to train on first, and how many these are."""
        count = len(labels)
        if len(self.sides) == 2:
            return list(range(count)), len(self.sides[0].files)
        # The split of any other data, made on places instead of pictures.
        places_P1 = torch.arange(count).unsqueeze(1)
        parts = split(
            Examples(places_P1, torch.tensor(labels, dtype=torch.int64), classes),
            self.section.validation_fraction,
            self.section.seed,
        )
        order_P = torch.cat((parts.training.inputs_NX, parts.validation.inputs_NX)).flatten()
        return order_P.tolist(), len(parts.training)

    def _form(self, paths: Sequence[str]) -> Form:
        channels, size = self.channels, self.size
        if channels is None or size is None:
            quiet()
            looks = list(side_by_side(look, paths, self.wishes.pulse, "Looking at pictures"))
            whole = [found for found in looks if isinstance(found, Look)]
            if not whole:
                broken = [
                    (_below(path, self), cast(Broken, found).reason) for path, found in zip(paths, looks, strict=True)
                ]
                raise broken_error(broken, len(paths), is_all=True)
            channels = channels or (1 if all(found.is_grey for found in whole) else 3)
            size = size or _one_size(whole)
        return Form(channels, *size, self.section.fit)


def _files(folder: str, listing: str, start: Path, wishes: Wishes) -> PictureFiles:
    whole = whole_name(start, folder)
    if listing:
        return pictures_in_list(whole_name(start, listing), whole, wishes.pulse)
    return pictures_in_folder(whole, wishes.pulse)


def _one_size(looks: Sequence[Look]) -> tuple[int, int]:
    sizes = Counter((found.height, found.width) for found in looks)
    (size, count), *others = sizes.most_common()
    if others:
        raise WorkbenchError(
            f"The pictures have {len(sizes):,} different sizes; {count:,} of {len(looks):,} have the commonest, "
            f"{size[1]:,} × {size[0]:,} pixels.",
            f"Say to which height and width to scale them: data.size = [{size[0]}, {size[1]}], or smaller.",
        )
    return size


def _below(path: str, source: _Source) -> str:
    for side in source.sides:
        if path.startswith(str(side.folder)):
            return path[len(str(side.folder)) + 1 :]
    return path
