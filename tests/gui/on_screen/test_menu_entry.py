"""The command of the menu entry opens a window that docks and task bars find the entry of."""

import configparser
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path

from Xlib.display import Display
from Xlib.xobject.drawable import Window

from workbench import APP_ID
from workbench.recipe import read_recipe

_ROOT = Path(__file__).parents[3]
_ENTRY = _ROOT / "packaging" / "desktop" / f"{APP_ID}.desktop"
_PATIENCE_S = 60


def test_a_window_opened_by_a_double_click_on_a_recipe_belongs_to_the_menu_entry(recipe_file: Path, home: Path) -> None:
    entry = configparser.ConfigParser(interpolation=None)
    entry.read(_ENTRY, encoding="utf-8")
    asked = entry["Desktop Entry"]
    recipe = recipe_file.rename(recipe_file.with_suffix(".distil"))
    _, *words = shlex.split(asked["Exec"].replace("%F", shlex.quote(str(recipe))))
    display = Display()
    environ = {**os.environ, "PYTHONPATH": str(_ROOT), "DISTILLATION_WORKBENCH_HOME": str(home)}
    with subprocess.Popen([sys.executable, "-m", "workbench", *words], cwd=home.parent, env=environ) as program:
        try:
            window = _titled(display, read_recipe(recipe).name)
            assert window.get_wm_class() == (asked["StartupWMClass"],) * 2
            named = window.get_full_text_property(display.intern_atom("_GTK_APPLICATION_ID"))
            assert named == APP_ID
        finally:
            program.terminate()
            display.close()


def _titled(display: Display, words: str) -> Window:
    """The window with these words in its title, once it is there."""
    name = display.intern_atom("_NET_WM_NAME")
    end = time.monotonic() + _PATIENCE_S
    while time.monotonic() < end:
        for window in display.screen().root.query_tree().children:
            if words in (window.get_full_text_property(name) or ""):
                return window
        time.sleep(0.1)
    raise AssertionError(f"no window with “{words}” in its title")
