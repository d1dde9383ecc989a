"""The bands of a log-mel picture lie where Slaney's scale puts them."""

import numpy as np
import pytest
import torch

from workbench.engine.data.log_mel import hertz_of, log_mel, mel_filters, mel_of, window_of


def test_the_scale_is_even_below_1000_hertz_and_logarithmic_above():
    mels = mel_of(np.array([0.0, 500.0, 1000.0, 6400.0]))
    assert np.allclose(mels, [0, 7.5, 15, 42])
    assert np.allclose(hertz_of(mels), [0, 500, 1000, 6400])


@pytest.mark.parametrize(("rate", "bands"), [(8000, 512), (16_000, 64), (22_050, 128), (48_000, 512)])
def test_every_band_hears_some_frequency_and_all_have_the_same_area(rate, bands):
    window, hop = window_of(rate, 10**6, bands)
    filters = mel_filters(rate, window, bands)
    assert filters.shape == (bands, window // 2 + 1)
    assert hop <= window
    assert bool((filters.sum(1) > 0).all())
    wide = mel_filters(rate, 2**17, bands).sum(1) * rate / 2**17
    assert torch.allclose(wide, torch.ones(bands), rtol=0.02)


@pytest.mark.parametrize("hertz", [300, 1000, 5000])
def test_a_tone_is_loudest_in_the_band_around_it(hertz):
    wave = torch.sin(2 * torch.pi * hertz * torch.arange(16_000) / 16_000)[None]
    picture = log_mel(wave, 16_000, 64)
    assert picture.shape[:3] == (1, 1, 64)
    edges = hertz_of(np.linspace(0, float(mel_of(np.array(8000.0))), 66))
    band = int(picture[0, 0].mean(1).argmax())
    assert edges[band] < hertz < edges[band + 2]


def test_silence_is_at_the_floor():
    assert log_mel(torch.zeros(2, 4000), 16_000, 32).unique().tolist() == [-100]
