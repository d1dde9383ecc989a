"""One sound file as one wave: decoded by libsndfile, mixed to mono, resampled by the SoX resampler.

S samples.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.errors import WorkbenchError
from workbench.plain_files import refuse_unless_plain

_RATES = (1000, 768_000)
_MOST_CHANNELS = 64
_MOST_SAMPLES = 2**28
_BLOCK = 2**18
# From here on the size in a RIFF header is what programs write that do not know it yet.
_UNKNOWN_SIZE = 2**31 - 2**16


class BrokenSoundError(WorkbenchError):
    """A file that cannot be decoded; others in its folder may be whole."""


def read_wave(path: Path, rate: int) -> NDArray[np.float32]:
    """A file as float32 [S] at `rate`, the mean of its channels.

    Args:
        path: WAV, FLAC, OGG or whatever else libsndfile reads.
        rate: Samples a second.

    Raises:
        BrokenSoundError: It cannot be decoded, holds nothing, or claims what cannot be.
        WorkbenchError: The library that reads sounds is not there.
    """
    try:
        import soundfile
    except (ImportError, OSError) as error:
        raise WorkbenchError(
            f"Sounds are read by the library soundfile, which cannot be loaded: {error}.",
            "Install it: pip install soundfile. On Linux it may also need the package libsndfile1.",
        ) from None
    try:
        refuse_unless_plain(path)
    except WorkbenchError as error:
        raise BrokenSoundError(error.title, error.hint) from None
    try:
        with soundfile.SoundFile(path) as file:
            _refuse_cut_short(path)
            _refuse_absurd(path, file.samplerate, file.channels, file.frames)
            own = file.samplerate
            wave_S = _mono(file, file.channels)
    except (soundfile.SoundFileError, RuntimeError, OSError, ValueError, TypeError) as error:
        raise BrokenSoundError(f"{path} cannot be read as a sound: {str(error)[:200]}.") from None
    if not len(wave_S):
        raise BrokenSoundError(f"{path} holds no samples.")
    if not np.isfinite(wave_S).all():
        raise BrokenSoundError(f"{path} holds samples that are NaN or infinite.")
    return wave_S if own == rate else resample(wave_S, own, rate)


def resample(wave_S: NDArray[np.float32], old: int, new: int) -> NDArray[np.float32]:
    """A wave at another rate, band-limited; what the new rate cannot hold is gone, not folded back."""
    import soxr

    return np.asarray(soxr.resample(wave_S, old, new, quality="HQ"), np.float32)


def _refuse_cut_short(path: Path) -> None:
    """Refuse a file that is shorter than it says: libsndfile would give what is left of it without a word."""
    with path.open("rb") as file:
        start = file.read(28)
    said, size = _size_in(start), path.stat().st_size
    if size + 1 < said:
        raise BrokenSoundError(f"{path} is cut short: it says it has {said:,} bytes, and {size:,} are there.")


def _size_in(start: bytes) -> int:
    """The size that a WAV, RF64, W64 or AIFF file says it has; 0 where it says none."""
    if start[:4] == b"RIFF" and start[8:12] == b"WAVE":
        said = int.from_bytes(start[4:8], "little") + 8
        return said if said < _UNKNOWN_SIZE else 0
    if start[:4] == b"RF64" and start[12:16] == b"ds64":
        return int.from_bytes(start[20:28], "little") + 8
    if start[:4] == b"riff":
        return int.from_bytes(start[16:24], "little")
    if start[:4] == b"FORM" and start[8:12] in (b"AIFF", b"AIFC"):
        said = int.from_bytes(start[4:8], "big") + 8
        return said if said < _UNKNOWN_SIZE else 0
    return 0


def _refuse_absurd(path: Path, rate: int, channels: int, frames: int) -> None:
    if not _RATES[0] <= rate <= _RATES[1]:
        raise BrokenSoundError(
            f"{path} says it has {rate:,} samples a second; {_RATES[0]:,} to {_RATES[1]:,} are read."
        )
    if not 1 <= channels <= _MOST_CHANNELS:
        raise BrokenSoundError(f"{path} says it has {channels:,} channels; 1 to {_MOST_CHANNELS} are read.")
    if frames > _MOST_SAMPLES:
        raise BrokenSoundError(
            f"{path} says it has {frames:,} samples, {frames / rate / 3600:,.1f} hours; "
            f"at most {_MOST_SAMPLES:,} are read. Cut it into several files."
        )


def _mono(file: "object", channels: int) -> NDArray[np.float32]:
    """Block by block: memory by what is in the file, not by what its header says."""
    parts, count = [], 0
    while len(block_SC := file.read(_BLOCK // channels, dtype="float32", always_2d=True)):  # type: ignore[attr-defined]
        parts.append(block_SC.mean(1, dtype=np.float32) if channels > 1 else block_SC[:, 0])
        count += len(block_SC)
        if count > _MOST_SAMPLES:
            raise ValueError(f"more than {_MOST_SAMPLES:,} samples follow")
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)
