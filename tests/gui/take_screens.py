"""Takes the README's pictures anew: python tests/gui/take_screens.py tests/gui/screens

The program's own `--screenshot` takes more views; these are the ones that are kept and compared by test_screens.py.
"""

import os
import sys
import tempfile
from pathlib import Path

from PIL import Image

KEPT = (
    *("welcome-light", "welcome-dark", "training", "result-light", "result-dark", "curves-error-dark"),
    *("curves-all-light", "runs-and-softening-dark", "compare-and-playground-light", "playground-dark"),
    *("export-light", "preferences-light", "palette"),
)


def main(folder: Path) -> int:
    """Walk, keep what is kept, small enough for a repository."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    with tempfile.TemporaryDirectory() as home:
        os.environ["DISTILLATION_WORKBENCH_HOME"] = home
        from workbench import app
        from workbench.gui import photo_walk

        names = ("_beginning", "_training", "_results", "_playing", "_dialogs")
        photo_walk.CHAPTERS = tuple(getattr(photo_walk, name) for name in names)
        taken = Path(home) / "pictures"
        code = app.main(["--screenshot", str(taken), "1280x800"])
        folder.mkdir(parents=True, exist_ok=True)
        for name in KEPT:
            with Image.open(taken / f"{name}.png") as picture:
                picture.convert("RGB").quantize(128).save(folder / f"{name}.png", optimize=True)
    return code


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
