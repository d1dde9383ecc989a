"""A screen of 2560 × 1600 pixels at 200 %, where the window has just its usual size."""

import os
import subprocess
import sys
from pathlib import Path

from PySide6.QtGui import QImage

from workbench.recipe import absolute_text
from workbench.session.examples import list_examples

_WALK = Path(__file__).with_name("short_walk.py")
_ROOT = Path(__file__).parents[3]
_VIEWS = (
    *("welcome", "before-training", "training", "result", "runs-and-softening", "compare-and-playground"),
    *("export", "preferences", "about", "palette"),
)


def test_every_view_is_drawn_at_200_per_cent_without_a_word_of_complaint(tmp_path: Path, home: Path) -> None:
    example = list_examples()[0].path
    text = absolute_text(example.read_text(encoding="utf-8"), example.parent, str(example))
    recipe = tmp_path / "short.toml"
    assert "epochs = 15" in text
    recipe.write_text(text.replace("epochs = 15", "epochs = 1"), encoding="utf-8")
    pictures = tmp_path / "pictures"
    # A server of its own: that of the other tests has a smaller screen.
    server = ["xvfb-run", "-a", "-s", "-screen 0 2560x1600x24"]
    done = subprocess.run(
        [*server, sys.executable, str(_WALK), str(recipe), str(pictures)],
        cwd=_ROOT,
        env={**os.environ, "QT_SCALE_FACTOR": "2", "PYTHONPATH": str(_ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    # Some releases of xvfb-run pass complaints on as output.
    assert not done.stdout + done.stderr
    assert done.returncode == 0
    log = (home / "logs" / "window.log").read_text(encoding="utf-8")
    assert " WARNING " not in log
    assert " ERROR " not in log
    assert {path.stem for path in pictures.iterdir()} >= {*_VIEWS}
    for path in pictures.iterdir():
        size = QImage(str(path)).size()
        assert (size.width(), size.height()) == (2560, 1600), path.name
