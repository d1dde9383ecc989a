"""Sounds become frames that keep their file together, resampled without what the new rate cannot hold."""

import numpy as np
import pytest
import soundfile
import torch
from closeness import assert_close

from workbench.engine.data import read_data
from workbench.engine.data.audio import cut, standardised
from workbench.engine.data.waves import read_wave, resample
from workbench.engine.objectives import UNLABELLED
from workbench.errors import WorkbenchError
from workbench.recipe.data import Audio


def tone(hertz, rate=16_000, samples=8192):
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(samples) / rate)).astype(np.float32)


@pytest.fixture
def sounds(tmp_path):
    for place, name in enumerate(("high", "low")):
        (tmp_path / "sounds" / name).mkdir(parents=True)
        for n in range(4):
            soundfile.write(tmp_path / "sounds" / name / f"{n}.wav", tone(300 + 1000 * place + 7 * n), 16_000, "FLOAT")
    return tmp_path


def read(folder, **section):
    return read_data(Audio(folder="sounds", **({"validation_fraction": 0.25} | section)), folder)


def test_a_file_is_cut_into_frames_and_the_rest_is_dropped():
    wave = np.arange(10, dtype=np.float32)
    assert cut(wave, 4, 4).tolist() == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert cut(wave, 4, 3).tolist() == [[0, 1, 2, 3], [3, 4, 5, 6], [6, 7, 8, 9]]
    assert cut(wave[:2], 4, 4).tolist() == [[0, 1, 0, 0]]


def test_frames_of_one_file_are_never_on_both_sides(sounds):
    dataset = read(sounds, samples=512, hop=256)
    waves = {file.read_bytes(): None for file in sounds.rglob("*.wav")}
    assert len(waves) == 8
    for files, part in ((6, dataset.training), (2, dataset.validation)):
        starts = {
            tuple(cut(soundfile.read(path, dtype="float32")[0], 512, 256)[3][:9]) for path in sounds.rglob("*.wav")
        }
        given = {tuple(frame) for frame in part.inputs_NX[:, :9].tolist()}
        assert len(starts & given) == files
        assert len(part) == files * 31
    assert dataset.training.classes == ("high", "low")
    assert dataset.training.traits.rate == 16_000


def test_channels_are_averaged(tmp_path):
    both = np.stack([tone(440), -tone(440) + 0.25], axis=1)
    soundfile.write(tmp_path / "a.flac", both, 16_000, "PCM_24")
    assert np.allclose(read_wave(tmp_path / "a.flac", 16_000), 0.125, atol=1e-5)


def test_a_tone_keeps_its_pitch_and_loudness_at_another_rate():
    heard = resample(tone(1000, 44_100, 44_100), 44_100, 16_000)
    assert abs(len(heard) - 16_000) <= 1
    middle = heard[2000:14_000]
    assert np.abs(middle - tone(1000, 16_000, 16_000)[2000:14_000]).max() < 1e-3


def test_what_the_new_rate_cannot_hold_is_below_60_decibels():
    heard = resample(tone(10_000, 44_100, 44_100), 44_100, 16_000)[2000:14_000]
    assert 20 * np.log10(np.abs(heard).max() / 0.5) < -60


def test_standardising_does_what_torchcrepe_does_and_leaves_silence_silent():
    frames = torch.stack([torch.arange(16.0), torch.zeros(16)])
    done = standardised(frames)
    assert_close(done[0].mean(), 0.0, scale=float(done.abs().max()), layers=1)
    assert_close(done[0].std(), 1.0, layers=1)
    assert not done[1].any()


def test_log_mel_pictures_have_a_channel_bands_and_frames(sounds):
    training = read(sounds, features="log_mel", samples=4096, mels=40).training
    assert training.inputs_NX.shape == (12, 1, 40, 23)


def test_short_files_are_filled_up_and_named(sounds):
    soundfile.write(sounds / "sounds" / "low" / "short.wav", tone(100, samples=50), 16_000)
    training = read(sounds).training
    assert any(
        "1 of 9 sounds are shorter than 1,024 samples" in note.title and "short.wav" in note.title
        for note in training.notes
    )


@pytest.mark.parametrize("content", [b"", b"no sound", b"RIFF\xff\xff\xff\xffWAVE", None])
def test_broken_files_are_refused_by_name_or_left_out_with_a_note(sounds, content):
    path = sounds / "sounds" / "low" / "odd.wav"
    if content is None:
        soundfile.write(path, np.full(4096, np.nan, np.float32), 16_000, "FLOAT")
    else:
        path.write_bytes(content)
    with pytest.raises(WorkbenchError, match=r"odd\.wav") as error:
        read(sounds)
    assert "skip_broken" in error.value.hint
    training = read(sounds, skip_broken=True).training
    assert any("1 of 9 sounds cannot be read" in note.title and "odd.wav" in note.title for note in training.notes)


def test_a_list_names_files_and_labels_and_none_outside_the_folder(sounds):
    listing = sounds / "list.csv"
    rows = [f"{name}/{n}.wav,{('x', 'y')[n % 2]}" for name in ("high", "low") for n in range(4)]
    listing.write_text("\n".join(["file,label", *rows]), encoding="utf-8")
    training = read(sounds, listing="list.csv").training
    assert training.classes == ("x", "y")
    listing.write_text("file,label\n../list.csv,x\n", encoding="utf-8")
    with pytest.raises(WorkbenchError, match=r"line 2: “\.\./list\.csv” is no file inside"):
        read(sounds, listing="list.csv")


def test_sounds_beside_the_folders_are_unlabelled_and_stay_in_training(sounds):
    soundfile.write(sounds / "sounds" / "loose.wav", tone(50), 16_000)
    dataset = read(sounds)
    assert int((dataset.training.labels_N == UNLABELLED).sum()) == 8
    assert UNLABELLED not in dataset.validation.labels_N


def test_held_out_sounds_follow_the_classes_of_the_training_ones(sounds):
    (sounds / "held" / "low").mkdir(parents=True)
    soundfile.write(sounds / "held" / "low" / "a.wav", tone(50), 16_000)
    dataset = read(sounds, validation_folder="held")
    assert dataset.validation.labels_N.tolist() == [1] * 8
    (sounds / "held" / "other").mkdir()
    soundfile.write(sounds / "held" / "other" / "a.wav", tone(50), 16_000)
    with pytest.raises(WorkbenchError, match="“other” is none of the 2 classes"):
        read(sounds, validation_folder="held")


def test_folders_without_sounds_are_refused(tmp_path):
    with pytest.raises(WorkbenchError, match="no folder at"):
        read(tmp_path)
    (tmp_path / "sounds" / "a").mkdir(parents=True)
    with pytest.raises(WorkbenchError, match="no sounds in"):
        read(tmp_path)


def test_a_missing_library_is_said_in_words(sounds, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "soundfile", None)
    with pytest.raises(WorkbenchError, match="soundfile, which cannot be loaded"):
        read(sounds)
