"""Sounds of known pitch for torchcrepe, written as files: sines, harmonics, glides, vibrato, noise.

N samples, F frames. The pitch bins are those of torchcrepe/convert.py: 360 of 20 cents each.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

RATE = 16_000
FRAME = 1024
BINS = 360
_LOWEST_CENTS = 1997.3794084376191
# Where a voice or an instrument sings; the outermost bins are hardly ever met.
_LOW, _HIGH = 50.0, 1600.0
_SHARES = {"sine": 0.15, "harmonic": 0.35, "glide": 0.2, "vibrato": 0.2, "noise": 0.1}
_STEADY = ("sine", "harmonic")


@dataclass(frozen=True)
class Sound:
    """One sound.

    Attributes:
        samples_N: At 16 kHz, from −1 to 1.
        pitch: In Hz where it is one and the same in every frame, else None.
    """

    samples_N: NDArray[np.float32]
    pitch: float | None


def bin_of(pitch: float) -> int:
    """The class of a pitch in Hz."""
    cents = 1200 * np.log2(pitch / 10)
    return int(np.clip(np.rint((cents - _LOWEST_CENTS) / 20), 0, BINS - 1))


def class_names() -> tuple[str, ...]:
    """What the classes are called: their pitch in Hz."""
    return tuple(f"{10 * 2 ** ((20 * place + _LOWEST_CENTS) / 1200):.1f} Hz" for place in range(BINS))


def make_sound(kind: str, frames: int, random: np.random.Generator) -> Sound:
    """One sound of so many whole frames; a glide or a vibrato has a pitch only where it is one frame long."""
    time_N = np.arange(frames * FRAME) / RATE
    middle = float(_LOW * (_HIGH / _LOW) ** random.random())
    if kind == "noise":
        samples_N = random.standard_normal(len(time_N))
        if random.random() < 0.5:
            samples_N = np.cumsum(samples_N)
            samples_N -= np.linspace(samples_N[0], samples_N[-1], len(samples_N))
        return Sound(_scaled(samples_N, random), None)
    offset_N = time_N - time_N.mean()
    cents_N = np.zeros_like(time_N)
    if kind == "glide":
        # In cents a second.
        cents_N = random.uniform(-1200, 1200) * offset_N
    elif kind == "vibrato":
        cents_N = random.uniform(10, 60) * np.sin(2 * np.pi * (random.uniform(4, 7) * offset_N + random.random()))
    frequency_N = middle * 2 ** (cents_N / 1200)
    phase_N = 2 * np.pi * np.cumsum(frequency_N) / RATE
    partials = 1 if kind == "sine" else int(random.integers(2, 16))
    slope = random.uniform(0.5, 2)
    samples_N = np.zeros_like(time_N)
    for number in range(1, partials + 1):
        if number * frequency_N.max() < RATE / 2:
            samples_N += np.sin(number * phase_N + random.uniform(0, 2 * np.pi)) / number**slope
    samples_N += random.uniform(0, 0.1) * samples_N.std() * random.standard_normal(len(time_N))
    steady = kind in _STEADY or frames == 1
    return Sound(_scaled(samples_N, random), float(frequency_N[len(frequency_N) // 2]) if steady else None)


def write_tones(folder: Path, name: str, frames: int, *, length: int, labelled: bool, seed: int) -> Path:
    """Write sounds into `folder`/`name`, and the list of their labels beside it.

    Args:
        folder: Is made where it is missing.
        name: Of the folder inside, and of the list: `name`.csv.
        frames: Of 1,024 samples, over all sounds.
        length: Frames of one sound.
        labelled: Whether every sound must have one pitch; without it, the list says none.
        seed: Of what they are.

    Returns:
        The list: columns file and label, counted from `folder`.
    """
    random = np.random.default_rng(seed)
    (folder / name).mkdir(parents=True, exist_ok=True)
    pitched = _STEADY if length > 1 else (*_STEADY, "glide", "vibrato")
    kinds = pitched if labelled else tuple(_SHARES)
    shares = np.array([_SHARES[kind] for kind in kinds])
    names = class_names()
    listing = folder / f"{name}.csv"
    with listing.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["file", "label"])
        for number in range(frames // length):
            kind = str(random.choice(kinds, p=shares / shares.sum()))
            sound = make_sound(kind, length, random)
            relative = f"{name}/{number:05}-{kind}.wav"
            soundfile.write(folder / relative, sound.samples_N, RATE, subtype="PCM_16")
            label = names[bin_of(sound.pitch)] if labelled and sound.pitch is not None else ""
            rows.writerow([relative, label])
    return listing


def _scaled(samples_N: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.float32]:
    return (samples_N / np.abs(samples_N).max() * random.uniform(0.1, 0.9)).astype(np.float32)
