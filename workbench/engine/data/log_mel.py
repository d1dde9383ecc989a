"""Log-mel pictures of waves: power of short-time spectra in bands that are even on the mel scale of Slaney.

N waves, S samples, M bands, F frames, B frequencies.
Source: Slaney, Auditory Toolbox, version 2, 1998; the same as librosa's default (htk=False, norm="slaney").
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

_LINEAR_STEP = 200 / 3  # Hz a mel below 1,000 Hz
_BREAK_HZ, _BREAK_MEL = 1000.0, 15.0
_LOG_STEP = np.log(6.4) / 27
_FLOOR = 1e-10
_WINDOW_SECONDS, _MOST_SECONDS = 0.025, 0.010


def mel_of(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Frequencies on the mel scale: even below 1,000 Hz, logarithmic above."""
    above = _BREAK_MEL + np.log(np.maximum(hertz, _BREAK_HZ) / _BREAK_HZ) / _LOG_STEP
    return np.where(hertz < _BREAK_HZ, hertz / _LINEAR_STEP, above)


def hertz_of(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    """The frequencies at places on the mel scale."""
    above = _BREAK_HZ * np.exp(_LOG_STEP * (np.maximum(mels, _BREAK_MEL) - _BREAK_MEL))
    return np.where(mels < _BREAK_MEL, mels * _LINEAR_STEP, above)


def mel_filters(rate: int, window: int, bands: int) -> Tensor:
    """Triangles [M, B] of equal area, from 0 Hz to half the rate; B = window / 2 + 1."""
    edges = _edges(rate, bands)
    frequencies = np.linspace(0, rate / 2, window // 2 + 1)
    low, middle, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    triangles_MB = np.minimum((frequencies - low) / (middle - low), (high - frequencies) / (high - middle)).clip(0)
    return torch.from_numpy((triangles_MB * 2 / (high - low)).astype(np.float32))


def window_of(rate: int, samples: int, bands: int) -> tuple[int, int]:
    """Length of the window, and from one to the next: 25 ms and 10 ms; longer where bands are many."""
    # Narrower than its lowest triangle, or a band would lie between two frequencies and hear nothing.
    finest = int(rate / float(_edges(rate, bands)[2])) + 1
    window = max(round(_WINDOW_SECONDS * rate), finest)
    window = min(1 << (window - 1).bit_length(), samples)
    return window, max(min(round(_MOST_SECONDS * rate), window), 1)


def _edges(rate: int, bands: int) -> NDArray[np.float64]:
    """Where the triangles begin, peak and end, in Hz: bands + 2."""
    return hertz_of(np.linspace(0, float(mel_of(np.array(rate / 2))), bands + 2))


def log_mel(waves_NS: Tensor, rate: int, bands: int) -> Tensor:
    """Waves as pictures [N, 1, M, F] of 10 · log10(power), low bands first; silence is −100."""
    window, hop = window_of(rate, waves_NS.shape[1], bands)
    spectra_NBF = torch.stft(waves_NS, window, hop, window=torch.hann_window(window), center=False, return_complex=True)
    power_NMF = mel_filters(rate, window, bands) @ spectra_NBF.abs().square()
    return 10 * power_NMF.clamp_min(_FLOOR).log10().unsqueeze(1)
