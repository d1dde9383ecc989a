"""Size and normalisation from preprocessor_config.json, compared with what the processors do to pixels."""

from pathlib import Path
from typing import Any

import pytest
import torch
from closeness import assert_close

from engine.hugging_face_models import write_json
from workbench.engine.checkpoints.picture_processor import PictureProcessor, read_processor
from workbench.errors import WorkbenchError

HALF = {"image_mean": [0.5], "image_std": [0.25]}


def read(folder: Path, **settings: Any) -> PictureProcessor:
    write_json(folder / "preprocessor_config.json", settings)
    return read_processor(folder)


@pytest.mark.parametrize(
    ("settings", "size"),
    [
        ({"size": 24}, (24, 24)),
        ({"size": {"height": 20, "width": 30}}, (20, 30)),
        ({"size": {"shortest_edge": 40}}, (40, 40)),
        ({"size": {"shortest_edge": 40}, "crop_size": {"height": 32, "width": 32}}, (32, 32)),
        ({"size": 40, "crop_size": 32, "do_center_crop": False}, (40, 40)),
        ({"size": 40, "do_resize": False}, None),
        ({"size": [20, 30]}, (20, 30)),
        ({}, None),
    ],
)
def test_the_size_is_what_comes_out_at_the_end(
    tmp_path: Path, settings: dict[str, Any], size: tuple[int, int] | None
) -> None:
    assert read(tmp_path, **settings).size == size


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (HALF, lambda pixel: (pixel / 255 - 0.5) / 0.25),
        (HALF | {"do_rescale": False}, lambda pixel: (pixel - 0.5) / 0.25),
        (HALF | {"rescale_factor": 1 / 127.5}, lambda pixel: (pixel / 127.5 - 0.5) / 0.25),
        (HALF | {"do_normalize": False}, lambda pixel: pixel / 255),
        (HALF | {"do_normalize": False, "do_rescale": False}, lambda pixel: pixel),
        (
            HALF | {"image_processor_type": "EfficientNetImageProcessor"},
            lambda pixel: (pixel / 255 - 0.5) / 0.25 / 0.25,
        ),
    ],
)
def test_normalising_pixels_of_0_to_1_comes_to_what_the_processor_does(
    tmp_path: Path, settings: dict[str, Any], expected: Any
) -> None:
    found = read(tmp_path, **settings)
    pixels = torch.tensor([0.0, 17.0, 255.0], dtype=torch.float64)
    torch.testing.assert_close((pixels / 255 - found.mean[0]) / found.std[0], expected(pixels))


def test_the_processor_of_the_library_agrees_on_a_picture(tmp_path: Path) -> None:
    from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

    settings = {"image_mean": [0.5, 0.4, 0.3], "image_std": [0.2, 0.3, 0.4], "size": {"height": 8, "width": 8}}
    picture = torch.randint(0, 256, (8, 8, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    theirs = ViTImageProcessorPil(**settings)(picture.numpy(), return_tensors="pt")["pixel_values"][0]
    found = read(tmp_path, **settings)
    mean, std = (torch.tensor(values)[:, None, None] for values in (found.mean, found.std))
    assert_close((picture.permute(2, 0, 1).float() / 255 - mean) / std, theirs)


def test_silence_is_told_from_no_normalisation(tmp_path: Path) -> None:
    assert read_processor(tmp_path) == PictureProcessor()
    assert read(tmp_path, size=8).std == ()
    assert read(tmp_path, do_normalize=False).std == (1.0,)


@pytest.mark.parametrize(
    "settings",
    [
        {"size": {"height": 0, "width": 3}},
        {"size": "large"},
        {"size": 10**9},
        {"image_mean": [0.5], "image_std": [0.0]},
        {"image_mean": [0.5, 0.5], "image_std": [1.0]},
        {"image_mean": [], "image_std": []},
        {"image_mean": ["x"], "image_std": [1.0]},
        HALF | {"rescale_factor": 0},
        HALF | {"rescale_factor": "large"},
        {"crop_size": [1, 2, 3]},
    ],
)
def test_impossible_numbers_are_refused_with_the_name_of_the_file(tmp_path: Path, settings: dict[str, Any]) -> None:
    with pytest.raises(WorkbenchError, match=r"preprocessor_config\.json"):
        read(tmp_path, **settings)
