"""The program as `--screenshot` starts it, in seconds: a short run, and each view in one theme. RECIPE DIR."""

import sys
from pathlib import Path

from workbench import app
from workbench.gui import photo_walk
from workbench.gui.photographer import Photographer
from workbench.session.examples import Example


def main(recipe: Path, folder: Path) -> int:
    """Walk through the window."""
    photo_walk.list_examples = lambda: [Example(recipe, "", "")]
    photo_walk._STEP_OF_CHANGE, photo_walk._STEP_OF_PICTURE = 20, 40
    photo_walk.CHAPTERS = (photo_walk._beginning, photo_walk._training, photo_walk._results, photo_walk._dialogs)
    # Another theme is a second of work each time.
    Photographer.take_both = Photographer.take
    return app.main(["--screenshot", str(folder)])


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
