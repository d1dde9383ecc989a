"""Sounds of a folder as frames of fixed length, or as log-mel pictures of these; frames of one file are never parted.

N frames, S samples.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from workbench.engine.data.examples import Dataset, Examples, as_dataset, as_examples
from workbench.engine.data.label_columns import unlabelled_notes
from workbench.engine.data.labelled_sounds import LabelledSounds, sounds_in
from workbench.engine.data.log_mel import log_mel
from workbench.engine.data.waves import BrokenSoundError, read_wave
from workbench.engine.data.wishes import Wishes
from workbench.engine.traits import Traits
from workbench.errors import WorkbenchError
from workbench.events import Finding
from workbench.recipe.data import Audio
from workbench.recipe.section import whole_name

_MOST_BYTES = 16 * 2**30
_MOST_NAMED = 20
_CHUNK = 1024
# As torchcrepe divides silent frames.
_FLOOR = 1e-10


def audio(section: Audio, folder: Path, wishes: Wishes | None = None) -> Dataset:
    """Frames of sounds as a recipe names them; a split holds out whole files.

    Raises:
        WorkbenchError: There are no sounds, or files cannot be decoded.
    """
    wishes = wishes or Wishes()
    listing = whole_name(folder, section.listing) if section.listing else None
    training_files = sounds_in(whole_name(folder, section.folder), listing, section.classes, wishes.pulse)
    training, groups_N = _frames(section, training_files, wishes)
    if not section.validation_folder:
        return as_dataset(training, None, section.validation_fraction, section.seed, groups_N)
    listing = whole_name(folder, section.validation_listing) if section.validation_listing else None
    place, classes = whole_name(folder, section.validation_folder), training_files.classes
    validation, _ = _frames(section, sounds_in(place, listing, classes, wishes.pulse), wishes)
    return as_dataset(training, validation, section.validation_fraction, section.seed)


@dataclass
class _Found:
    """What has been read so far."""

    frames: list[NDArray[np.float32]]
    files: list[int]
    broken: list[WorkbenchError]
    short: list[str]
    bytes: int = 0


def _frames(section: Audio, sounds: LabelledSounds, wishes: Wishes) -> tuple[Examples, Tensor]:
    """The frames of all files, and which file each is of."""
    found = _Found([], [], [], [])
    for place, path in enumerate(sounds.files):
        wishes.pulse(f"Reading the sounds: {place:,} of {len(sounds.files):,}")
        try:
            wave_S = read_wave(path, section.rate)
        except BrokenSoundError as error:
            found.broken.append(error)
            continue
        if len(wave_S) < section.samples:
            found.short.append(path.name)
        frames_NS = cut(wave_S, section.samples, section.hop or section.samples)
        found.frames.append(frames_NS)
        found.files += [place] * len(frames_NS)
        found.bytes += frames_NS.size * 4
        if found.bytes > _MOST_BYTES:
            raise WorkbenchError(
                f"{sounds.name}: the frames of the first {place + 1:,} of {len(sounds.files):,} sounds take more than "
                f"{_MOST_BYTES >> 30} GiB.",
                "Use fewer sounds, a lower data.rate or a larger data.hop.",
            )
    _refuse_broken(section, sounds, found)
    wishes.pulse("Preparing the frames")
    inputs_NX = _as_inputs(section, torch.from_numpy(np.concatenate(found.frames)))
    files_N = torch.tensor(found.files)
    labels_N = torch.tensor(sounds.labels)[files_N]
    # Numbered without gaps, for the split.
    groups_N = torch.unique(files_N, return_inverse=True)[1]
    notes = (*_notes(section, sounds, found), *unlabelled_notes(sounds.name, labels_N))
    return as_examples(
        inputs_NX, labels_N, sounds.classes, sounds.name, traits=Traits(rate=section.rate), notes=notes
    ), groups_N


def cut(wave_S: NDArray[np.float32], samples: int, hop: int) -> NDArray[np.float32]:
    """Frames [N, samples] of a wave, the last partial one dropped; one that is too short is filled up with zeros."""
    if len(wave_S) < samples:
        return np.pad(wave_S, (0, samples - len(wave_S)))[None]
    return np.ascontiguousarray(np.lib.stride_tricks.sliding_window_view(wave_S, samples)[::hop])


def standardised(frames_NS: Tensor) -> Tensor:
    """Every frame with mean 0 and deviation 1, silence left at 0, as torchcrepe.core.preprocess does."""
    centred_NS = frames_NS - frames_NS.mean(1, keepdim=True)
    return centred_NS / centred_NS.std(1, keepdim=True).clamp_min(_FLOOR)


def _as_inputs(section: Audio, frames_NS: Tensor) -> Tensor:
    parts = []
    for chunk_NS in frames_NS.split(_CHUNK):  # type: ignore[no-untyped-call]
        ready_NS = standardised(chunk_NS) if section.standardise else chunk_NS
        parts.append(log_mel(ready_NS, section.rate, section.mels) if section.features == "log_mel" else ready_NS)
    return torch.cat(parts)


def _refuse_broken(section: Audio, sounds: LabelledSounds, found: _Found) -> None:
    if found.broken and (not section.skip_broken or not found.frames):
        named = "\n".join(error.title for error in found.broken[:_MOST_NAMED])
        more = (
            f" {len(found.broken) - 1:,} more of {len(sounds.files):,} sounds cannot be read."
            if found.broken[1:]
            else ""
        )
        raise WorkbenchError(
            f"{found.broken[0].title}{more}", "Replace it, or set data.skip_broken to leave such files out.", named
        )


def _notes(section: Audio, sounds: LabelledSounds, found: _Found) -> tuple[Finding, ...]:
    notes = []
    if found.broken:
        named = ", ".join(error.title.split(" cannot be", 1)[0].split(" holds ", 1)[0] for error in found.broken[:3])
        title = f"{len(found.broken):,} of {len(sounds.files):,} sounds cannot be read and are left out: {named}."
        notes.append(Finding(level="warning", title=title, fix="Replace them to learn from them too."))
    if found.short:
        title = (
            f"{sounds.name}: {len(found.short):,} of {len(sounds.files):,} sounds are shorter than "
            f"{section.samples:,} samples and are filled up with silence: {', '.join(found.short[:3])}."
        )
        notes.append(Finding(level="warning", title=title, fix="A smaller data.samples needs no filling up."))
    if not section.validation_folder:
        notes.append(Finding(level="ok", title="Whole files are held out, so that no sound is on both sides."))
    return tuple(notes)
