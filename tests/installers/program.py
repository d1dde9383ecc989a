"""The installed program, as a person in a bare system uses it: without a network."""

import hashlib
import json
import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from installers.scripts import bare_system, identity

# for a screen, a hand and a camera; and what reads menus, file types and manuals
ON_SCREEN = ("xvfb", "xauth", "xdotool", "x11-utils", "scrot")
DESKTOP = ("libglib2.0-bin", "shared-mime-info", "desktop-file-utils", "man-db")
RECIPE_NAME = "my first recipe"
OFFSCREEN = {"QT_QPA_PLATFORM": "offscreen"}
_XVFB = ("xvfb-run", "-a", "-s", "-screen 0 1600x1000x24")
_DESKTOP_WITH_WINDOW = r"""
set -eu
entry=$1; recipe=$2; picture=$3; class=$4
gio launch "$entry" "$recipe" &
window=
for turn in $(seq 240); do
    window=$(xdotool search --onlyvisible --class "$class" 2> /dev/null | head -n 1) || true
    [ -z "$window" ] || break
    sleep 0.25
done
[ -n "$window" ] || { echo "no window of class $class within a minute" >&2; exit 1; }
# The recipe is read, and the panels are furnished, after the first paint.
sleep 6
xdotool getwindowname "$window"
xprop -id "$window" WM_CLASS
scrot --overwrite "$picture"
"""


def selftest(
    system: "bare_system.BareSystem", command: str, *options: str, environ: Mapping[str, str] = OFFSCREEN
) -> dict[str, Any]:
    """Let the installed program try itself, and return its report once every part was found to be right."""
    done = system.run(command, "--selftest", *options, environ=environ)
    return _report(done)


def selftest_on_screen(system: "bare_system.BareSystem", command: str) -> dict[str, Any]:
    """Let it try its window, too, on a virtual screen."""
    environ = {"QT_QPA_PLATFORM": "xcb", "LIBGL_ALWAYS_SOFTWARE": "1"}
    return _report(system.run(*_XVFB, command, "--selftest", "--window", environ=environ))


def _report(done: "bare_system.Finished") -> dict[str, Any]:
    assert done.out.lstrip().startswith("{"), f"exit status {done.status}\n{done.out}\n{done.err}"
    report: dict[str, Any] = json.loads(done.out)
    wrong = {part["name"]: part.get("error") for part in report["parts"] if not part["ok"]}
    assert not wrong, f"{wrong}\n{done.err}"
    assert (done.status, report["ok"], report["frozen"]) == (0, True, True), done.err
    assert report["version"] == identity.version()
    return report


def open_from_menu(system: "bare_system.BareSystem", entry: str, recipe: str, picture: Path) -> tuple[str, str]:
    """Choose a menu entry for a recipe file on a virtual screen; returns the window's title and its class."""
    script = system.inside("/mnt/menu.sh")
    script.write_text(_DESKTOP_WITH_WINDOW, encoding="utf-8")
    inside = f"{bare_system.HOME}/{picture.name}"
    done = system.run(*_XVFB, "sh", "/mnt/menu.sh", entry, recipe, inside, identity.PACKAGE)
    assert done.status == 0, done.out + done.err
    made = system.inside(inside)
    picture.write_bytes(made.read_bytes())
    made.unlink()
    title, window_class = done.out.splitlines()[-2:]
    return title, window_class


def example_of(system: "bare_system.BareSystem", program: str) -> str:
    """Where the example lies that comes with the program, inside."""
    found = [path.parent for path in system.inside(program).rglob("student.toml") if path.parent.name == "hinton-mnist"]
    assert found, f"the program in {program} has no example hinton-mnist"
    return "/" + found[0].relative_to(system.folder).as_posix()


def train_example(system: "bare_system.BareSystem", command: str, program: str) -> Path:
    """Train the example that comes with the program for one epoch; returns the exported file."""
    recipe = f"{example_of(system, program)}/student.toml"
    done = system.run(command, "run", recipe, "--set", "stages.0.optimisation.epochs=1")
    assert done.status == 0, done.out + done.err
    found = list(system.inside(bare_system.HOME).rglob("*.onnx"))
    assert found, f"no .onnx among {files_of(system, bare_system.HOME)}\n{done.out}"
    return found[0]


def recipe_for_double_click(system: "bare_system.BareSystem", program: str) -> str:
    """Put a recipe file with a space in its name into the person's home; returns its path inside."""
    folder = example_of(system, program)
    text = system.inside(f"{folder}/student.toml").read_text(encoding="utf-8")
    text = text.replace('name = "hinton-mnist"', f'name = "{RECIPE_NAME}"')
    text = text.replace('"teacher.', f'"{folder}/teacher.').replace('"digits/', f'"{folder}/digits/')
    target = system.inside(f"{bare_system.HOME}/{RECIPE_NAME}{identity.RECIPE_SUFFIX}")
    target.write_text(text, encoding="utf-8")
    os.chown(target, 1000, 1000)
    return f"{bare_system.HOME}/{target.name}"


def executable_of(entry: Path) -> str:
    """The program that a menu entry starts."""
    line = next(line for line in entry.read_text(encoding="utf-8").splitlines() if line.startswith("Exec="))
    return shlex.split(line.removeprefix("Exec="))[0]


def files_of(system: "bare_system.BareSystem", *folders: str) -> dict[str, str]:
    """Every file and link below some folders of a system, by path inside, with the digest of what it holds."""
    found = {}
    for folder in folders:
        for path in sorted(system.inside(folder).rglob("*")):
            inside = "/" + path.relative_to(system.folder).as_posix()
            if path.is_symlink():
                found[inside] = f"-> {path.readlink()}"
            elif path.is_file():
                found[inside] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found
