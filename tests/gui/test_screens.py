"""The README shows the program as it is: its pictures taken anew look the same but for what runs make different."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from gui.take_screens import KEPT

_SCREENS = Path(__file__).with_name("screens")
_SCRIPT = Path(__file__).with_name("take_screens.py")
_ROOT = Path(__file__).parents[2]
_GRID = (32, 20)
# In levels of 255, the most that a cell's brightness may differ, and all of them on average. Two runs of the same day
# differed by 16 and 0.65; without one panel it is 24 and 1.5.
_CELL, _MEAN = 40.0, 1.25
# Taken while a run trains, at a step that is never quite the same: by 50 and 1.1.
_LIVE, _LIVE_FACTOR = "training", 2.0


def _cells(picture: Image.Image) -> NDArray[np.float64]:
    return np.asarray(picture.convert("L").resize(_GRID, Image.Resampling.BOX), dtype=np.float64)


def _difference(one: Image.Image, other: Image.Image, factor: float = 1.0) -> str:
    """Why two pictures do not show the same; empty where they do."""
    if one.size != other.size:
        return f"the sizes are {one.size} and {other.size}"
    apart = np.abs(_cells(one) - _cells(other))
    if apart.mean() > factor * _MEAN or apart.max() > factor * _CELL:
        return f"cells differ by {apart.mean():.1f} on average and {apart.max():.0f} at most"
    return ""


def test_every_kept_picture_is_there_and_no_other() -> None:
    assert {path.stem for path in _SCREENS.glob("*.png")} == {*KEPT}


def test_a_missing_panel_an_empty_view_and_the_other_theme_are_noticed() -> None:
    with Image.open(_SCREENS / "result-light.png") as kept:
        good = kept.convert("RGB")
    without_panel = good.copy()
    ImageDraw.Draw(without_panel).rectangle((0, 110, 340, 765), fill="#f8f9fb")
    assert _difference(good, without_panel)
    with Image.open(_SCREENS / "result-dark.png") as dark:
        assert _difference(good, dark.convert("RGB"))
    assert _difference(good, Image.new("RGB", good.size, "#f8f9fb"))
    assert _difference(good, good.resize((640, 400)))
    assert not _difference(good, good)


@pytest.mark.slow
def test_the_pictures_taken_anew_look_like_those_that_are_kept(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(_SCRIPT), str(tmp_path)],
        cwd=_ROOT,
        env={**os.environ, "PYTHONPATH": str(_ROOT)},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for name in KEPT:
        with Image.open(_SCREENS / f"{name}.png") as kept, Image.open(tmp_path / f"{name}.png") as taken:
            factor = _LIVE_FACTOR if name == _LIVE else 1.0
            why = _difference(kept.convert("RGB"), taken.convert("RGB"), factor)
        assert not why, (
            f"{name}: {why}. If the view was meant to change: python {_SCRIPT.relative_to(_ROOT)} {_SCREENS}"
        )
