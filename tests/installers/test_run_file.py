"""The .run file in a bare system: an ordinary user installs it without root, uses it, and removes it."""

import pytest
from installers import program
from installers.scripts import bare_system, identity

RELEASES = ("bookworm",)  # which Debian it is makes no difference to a shell script
COMMAND = identity.PACKAGE
ENTRY = f"share/applications/{identity.APP_ID}.desktop"
# What a system with a desktop has already: the program's own needs, as the .deb declares them.
NEEDED = ("libegl1", "libgl1", "libfontconfig1", "libdbus-1-3", "fonts-dejavu-core")
# Databases of what is in a folder, which the systems' tools write; they may stay, without the program in them.
DATABASES = ("/share/applications/mimeinfo.cache", "/share/mime/")
# a folder that a person with a space in its name would choose
CHOSEN = f"{bare_system.HOME}/my programs"


@pytest.fixture(scope="module")
def desktop(system: "bare_system.BareSystem") -> "bare_system.BareSystem":
    """The system as a person has it who installs a .run file: a desktop is there."""
    system.install(*NEEDED, *program.ON_SCREEN, *program.DESKTOP)
    return system


@pytest.fixture(scope="module")
def before(desktop) -> dict[str, str]:
    """What was in the system before."""
    return program.files_of(desktop, "/home", "/usr", "/etc", "/opt")


@pytest.fixture(scope="module")
def prefix(desktop, before, run_file, measured) -> str:
    """Where it was installed to."""
    inside = desktop.copy_in(run_file)
    done = desktop.run("sh", inside)
    desktop.inside(inside).unlink()
    assert done.status == 0, done.out + done.err
    measured("size of the .run file", f"{run_file.stat().st_size / 1e6:.0f} MB")
    measured("the .run file, installed by an ordinary user", f"{done.seconds:.0f} s")
    return f"{bare_system.HOME}/.local"


def test_only_the_persons_own_folder_was_changed(desktop, before, prefix):
    after = program.files_of(desktop, "/usr", "/etc", "/opt")
    assert after == {path: what for path, what in before.items() if not path.startswith("/home/")}
    added = program.files_of(desktop, "/home").keys() - before.keys()
    assert added
    assert [path for path in added if not path.startswith(f"{prefix}/")] == []


def test_the_installed_program_passes_the_self_test(desktop, prefix):
    report = program.selftest(desktop, f"{prefix}/bin/{COMMAND}")
    assert report["parts"]


def test_the_example_is_trained_and_exported(desktop, prefix):
    onnx = program.train_example(desktop, f"{prefix}/bin/{COMMAND}", f"{prefix}/lib/{COMMAND}")
    assert onnx.stat().st_size > 100_000


def test_the_persons_menu_entry_opens_a_recipe_in_the_window(desktop, prefix, pictures):
    recipe = program.recipe_for_double_click(desktop, f"{prefix}/lib/{COMMAND}")
    # PATH in a menu has no ~/.local/bin: the entry has to say where the program is
    title, _ = program.open_from_menu(desktop, f"{prefix}/{ENTRY}", recipe, pictures / "menu-run.png")
    assert identity.NAME in title
    assert program.RECIPE_NAME in title


def test_the_menu_knows_the_type_of_recipe_files(desktop, prefix):
    recipe = program.recipe_for_double_click(desktop, f"{prefix}/lib/{COMMAND}")
    assert identity.RECIPE_MIME in desktop.run("gio", "info", "-a", "standard::content-type", recipe).out
    assert f"{identity.APP_ID}.desktop" in desktop.run("gio", "mime", identity.RECIPE_MIME).out


def test_installing_again_replaces_it_and_keeps_runs(desktop, prefix, run_file):
    runs = {path for path in program.files_of(desktop, bare_system.HOME) if path.endswith(".onnx")}
    assert runs, "there is a run that could be lost"
    stale = desktop.inside(f"{prefix}/lib/{COMMAND}/_internal/of-an-older-version")
    stale.write_text("old", encoding="utf-8")
    inside = desktop.copy_in(run_file)
    done = desktop.run("sh", inside)
    desktop.inside(inside).unlink()
    assert done.status == 0, done.out + done.err
    assert not stale.exists()
    assert runs <= program.files_of(desktop, bare_system.HOME).keys()


def test_the_uninstaller_takes_the_program_and_leaves_everything_of_the_person(desktop, before, prefix):
    uninstaller = f"{prefix}/lib/{COMMAND}/uninstall.sh"
    homes = program.files_of(desktop, bare_system.HOME)
    installed = (desktop.inside(prefix) / "lib" / COMMAND / "installed-files").read_text("utf-8").split("\n")
    own = {f"{prefix}/{name}" for name in installed if name}
    done = desktop.run("sh", uninstaller)
    assert done.status == 0, done.out + done.err
    after = program.files_of(desktop, bare_system.HOME)
    persons = {
        path: what
        for path, what in homes.items()
        if not path.startswith(f"{prefix}/lib/") and path not in own and not _is_database(path, prefix)
    }
    assert any(path.endswith(".onnx") for path in persons)
    assert {path: what for path, what in after.items() if not _is_database(path, prefix)} == persons
    left = [path for path in after if _is_database(path, prefix)]
    assert [path for path in left if identity.APP_ID.encode() in desktop.inside(path).read_bytes()] == []
    assert not desktop.inside(f"{prefix}/lib").exists()


def test_a_folder_of_ones_own_choice_with_a_space_in_its_name_is_used(desktop, prefix, run_file):
    inside = desktop.copy_in(run_file)
    done = desktop.run("sh", inside, "--", "--prefix", CHOSEN)
    desktop.inside(inside).unlink()
    assert done.status == 0, done.out + done.err
    told = desktop.run(f"{CHOSEN}/bin/{COMMAND}", "--version")
    assert identity.version() in told.out, told.err
    assert program.executable_of(desktop.inside(f"{CHOSEN}/{ENTRY}")) == f"{CHOSEN}/bin/{COMMAND}"
    removed = desktop.run("sh", f"{CHOSEN}/lib/{COMMAND}/uninstall.sh")
    assert removed.status == 0, removed.err
    assert [path for path in program.files_of(desktop, CHOSEN) if not _is_database(path, CHOSEN)] == []


def _is_database(path: str, prefix: str) -> bool:
    return path.startswith(tuple(f"{prefix}{name}" for name in DATABASES))
