"""The Debian package in bare systems: installed by apt, tried by an ordinary user without a network, and purged."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from installers import program
from installers.scripts import bare_system, identity

COMMAND = identity.PACKAGE
PROGRAM = f"/usr/lib/{identity.PACKAGE}"
ENTRY = f"/usr/share/applications/{identity.APP_ID}.desktop"
# What apt, dpkg, and programs that ran meanwhile write for themselves, and where people's files are.
NOT_OF_THE_PACKAGE = re.compile(r"/(var/(lib/(dpkg|apt)|cache|log)|home|mnt|root)/|/etc/ld\.so\.cache$")

Measured = Callable[[str, str], None]


@pytest.fixture(scope="module")
def installed(system: "bare_system.BareSystem", deb: Path, measured: Measured) -> "bare_system.BareSystem":
    """The system with the package, and nothing else that it does not depend on."""
    before = system.packages()
    done = system.install(system.copy_in(deb))
    system.inside(f"/mnt/{deb.name}").unlink()
    added = system.packages() - before
    measured(f"{system.release}: apt-get install of the .deb", f"{done.seconds:.0f} s, {len(added)} packages")
    assert COMMAND in added
    return system


@pytest.fixture(scope="module")
def furnished(installed: "bare_system.BareSystem") -> "bare_system.BareSystem":
    """The system with a screen and what reads menus and file types."""
    installed.install(*program.ON_SCREEN, *program.DESKTOP)
    return installed


def test_apt_installs_it_without_another_python_or_qt(installed):
    strangers = [name for name in installed.packages() if re.match(r"(lib)?(python3|qt6|pyside)", name)]
    assert not strangers, "the program brings its own"
    assert installed.inside(f"/usr/bin/{COMMAND}").readlink() == Path(f"../lib/{COMMAND}/{COMMAND}")


def test_an_ordinary_user_without_a_network_passes_the_self_test(installed, measured):
    report = program.selftest(installed, COMMAND)
    assert report["parts"]
    for part in report["parts"]:
        measured(f"{installed.release}: self-test, {part['name']}", f"{part['seconds']:.1f} s")


def test_the_example_is_trained_and_exported_without_a_network(installed):
    onnx = program.train_example(installed, COMMAND, PROGRAM)
    assert onnx.stat().st_size > 100_000


def test_the_self_test_opens_the_window_on_a_screen(furnished):
    report = program.selftest_on_screen(furnished, COMMAND)
    platforms = {part["facts"]["platform"] for part in report["parts"] if "platform" in part.get("facts", {})}
    assert platforms == {"xcb"}


def test_the_menu_entry_opens_a_recipe_in_the_window(furnished, pictures):
    recipe = program.recipe_for_double_click(furnished, PROGRAM)
    picture = pictures / f"menu-{furnished.release}.png"
    title, window_class = program.open_from_menu(furnished, ENTRY, recipe, picture)
    assert identity.NAME in title
    assert program.RECIPE_NAME in title
    assert f'"{identity.PACKAGE}"' in window_class
    assert picture.stat().st_size > 20_000, "an empty screen makes a small picture"


def test_recipe_files_have_a_type_that_the_program_opens(furnished):
    recipe = program.recipe_for_double_click(furnished, PROGRAM)
    told = furnished.run("gio", "info", "-a", "standard::content-type", recipe).out
    assert identity.RECIPE_MIME in told
    opened_by = furnished.run("gio", "mime", identity.RECIPE_MIME).out
    assert f"{identity.APP_ID}.desktop" in opened_by


def test_there_is_a_manual_page(furnished):
    shown = furnished.run("man", "--pager=cat", COMMAND, environ={"MANWIDTH": "80"})
    assert shown.status == 0, shown.err
    assert "SYNOPSIS" in shown.out


def test_purging_takes_everything_of_the_package_and_nothing_of_the_person(furnished):
    homes = program.files_of(furnished, "/home")
    assert any(path.endswith(".onnx") for path in homes), "there is a run that could be lost"
    own = set(furnished.inside(f"/var/lib/dpkg/info/{COMMAND}.list").read_text("utf-8").split("\n"))
    before = _unowned(furnished)
    purged = furnished.run("apt-get", "purge", "-y", COMMAND, root=True)
    assert purged.status == 0, purged.out + purged.err
    assert program.files_of(furnished, "/home") == homes
    left = [path for path in own if path and _exists(furnished, path) and not furnished.inside(path).is_dir()]
    assert not left
    assert not _unowned(furnished) - before, "files that no package owns any more"
    assert not _mentioning(furnished, identity.PACKAGE, identity.RECIPE_MIME.partition("/")[2])


def _unowned(system: "bare_system.BareSystem") -> set[str]:
    """Files that are of no installed package."""
    owned: set[str] = set()
    for listing in system.inside("/var/lib/dpkg/info").glob("*.list"):
        owned.update(
            re.sub(r"^/(bin|sbin|lib|lib64)/", r"/usr/\1/", line) for line in listing.read_text("utf-8").split("\n")
        )
    return {path for path in _paths(system) if path not in owned}


def _paths(system: "bare_system.BareSystem") -> list[str]:
    paths = ("/" + path.relative_to(system.folder).as_posix() for path in system.folder.rglob("*") if not path.is_dir())
    return [path for path in paths if not NOT_OF_THE_PACKAGE.match(path)]


def _exists(system: "bare_system.BareSystem", path: str) -> bool:
    return system.inside(path).exists() or system.inside(path).is_symlink()


def _mentioning(system: "bare_system.BareSystem", *words: str) -> list[str]:
    """Paths with one of these words in their name or in what they hold."""
    found = []
    for path in _paths(system):
        file = system.inside(path)
        content = b"" if file.is_symlink() or not file.is_file() else file.read_bytes()
        if any(word in path or word.encode() in content for word in words):
            found.append(path)
    return found
