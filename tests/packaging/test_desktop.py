"""The files by which a desktop knows the program: menu entry, software catalogue, file type; all under one name."""

import configparser
import datetime
import os
import re
import shlex
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PIL import Image
from script_loading import ROOT, load

import workbench
from workbench.recipe.file_names import RECIPE_SUFFIX
from workbench.session.places import resources_folder

identity = load("identity")

DESKTOP = ROOT / "packaging" / "desktop"
ENTRY = DESKTOP / f"{identity.APP_ID}.desktop"
METAINFO = DESKTOP / f"{identity.APP_ID}.metainfo.xml"
FILE_TYPE = DESKTOP / f"{identity.APP_ID}.xml"
MIME = "{http://www.freedesktop.org/standards/shared-mime-info}"
EXAMPLE = resources_folder() / "examples" / "hinton-mnist" / "student.toml"


def entry():
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str
    parser.read(ENTRY, encoding="utf-8")
    return parser


def component():
    return ET.parse(METAINFO).getroot()  # noqa: S314 - our own file


def file_type():
    (found,) = ET.parse(FILE_TYPE).getroot()  # noqa: S314 - our own file
    return found


def tool(name, package):
    """Where a program of the system lies that looks at such files."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is missing; on Debian and Ubuntu: sudo apt-get install {package}")
    return path


def run(*command, environ=None):
    return subprocess.run(
        [str(word) for word in command],
        env={**os.environ, "LC_ALL": "C.UTF-8", **(environ or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )


# -- one name


def test_the_program_the_menu_and_the_catalogue_use_one_name():
    assert workbench.APP_ID == identity.APP_ID
    assert component().findtext("id") == identity.APP_ID
    launchable = component().find("launchable")
    assert (launchable.get("type"), launchable.text) == ("desktop-id", ENTRY.name)
    assert entry()["Desktop Entry"]["Icon"] == identity.APP_ID
    assert entry()["Desktop Entry"]["Name"] == component().findtext("name") == identity.NAME


def test_a_running_window_says_the_name_of_its_menu_entry(qapp, monkeypatch):
    from workbench.gui.arrivals import introduce

    said = {}
    for name in ("setDesktopFileName", "setApplicationName"):
        monkeypatch.setattr(qapp, name, lambda value, name=name: said.setdefault(name, value))
    introduce(qapp)
    assert f"{said['setDesktopFileName']}.desktop" == ENTRY.name
    # X11's WM_CLASS is made of this one; tests/gui/on_screen reads it from a real window.
    assert said["setApplicationName"] == entry()["Desktop Entry"]["StartupWMClass"]


def test_every_file_lies_where_the_packages_for_linux_look_for_it(tmp_path):
    load("job")
    load("targets/wheel", "targets.wheel")
    linux_files = load("linux_files")
    job = load("job").Job(python=tmp_path, out=tmp_path, work=tmp_path)
    places = linux_files.shared_files(job)
    assert all(file.stat().st_size > 0 for file in places.values())
    assert {ENTRY, METAINFO, FILE_TYPE} <= set(places.values())


# -- the menu entry


def test_the_menu_entry_opens_the_window_with_the_files_it_is_given():
    section = entry()["Desktop Entry"]
    assert section["Exec"] == f"{identity.PACKAGE} window %F"
    assert section["TryExec"] == identity.PACKAGE
    assert section["Terminal"] == "false"


def test_the_actions_of_the_menu_entry_are_options_that_the_program_has():
    import typer

    from workbench.cli.commands import app

    window = typer.main.get_command(app).commands["window"]
    options = {option for parameter in window.params for option in parameter.opts}
    actions = entry()["Desktop Entry"]["Actions"].strip(";").split(";")
    for action in actions:
        program, verb, *rest = shlex.split(entry()[f"Desktop Action {action}"]["Exec"])
        assert (program, verb) == (identity.PACKAGE, "window")
        assert set(rest) <= options


def test_double_clicks_are_claimed_for_recipes_and_nothing_else():
    assert entry()["Desktop Entry"]["MimeType"] == f"{identity.RECIPE_MIME};"
    assert [found.text for found in component().iter("mediatype")] == [identity.RECIPE_MIME]


def test_desktop_file_validate_has_nothing_to_say():
    said = run(tool("desktop-file-validate", "desktop-file-utils"), ENTRY)
    assert (said.returncode, said.stdout) == (0, "")


# -- the catalogue of software


def test_appstream_finds_no_fault():
    # Releases before 1.0 do not know <developer> yet, and say so at the level of information.
    said = run(tool("appstreamcli", "appstream"), "validate", "--no-net", "--no-color", METAINFO)
    assert said.returncode == 0, said.stdout
    assert not re.findall(r"^[EW]: .*", said.stdout, flags=re.MULTILINE)


def test_every_screenshot_is_a_picture_of_this_repository_in_its_own_size():
    start = identity.homepage().replace("https://github.com/", "https://raw.githubusercontent.com/") + "/main/"
    shots = component().findall("screenshots/screenshot")
    assert [shot.get("type") for shot in shots] == ["default", *[None] * (len(shots) - 1)]
    for shot in shots:
        assert shot.findtext("caption")
        image = shot.find("image")
        assert image.text.startswith(start)
        with Image.open(ROOT / image.text.removeprefix(start)) as picture:
            assert picture.size == (int(image.get("width")), int(image.get("height")))


def test_the_catalogue_tells_of_this_version_and_leads_home():
    newest = component().find("releases/release")
    assert newest.get("version") == identity.version()
    assert datetime.date.fromisoformat(newest.get("date"))
    urls = {url.get("type"): url.text for url in component().findall("url")}
    assert urls["homepage"] == identity.homepage()
    assert all(url.startswith(identity.homepage()) for url in urls.values())
    assert component().findtext("provides/binary") == identity.PACKAGE


# -- the file type


def test_the_suffix_of_recipes_is_one_everywhere():
    assert RECIPE_SUFFIX == identity.RECIPE_SUFFIX
    assert file_type().get("type") == identity.RECIPE_MIME
    assert [glob.get("pattern") for glob in file_type().findall(f"{MIME}glob")] == [f"*{identity.RECIPE_SUFFIX}"]


def test_a_desktop_knows_a_recipe_and_opens_it_with_the_program_but_no_other_toml_file(tmp_path):
    update_types, ask = tool("update-mime-database", "shared-mime-info"), tool("gio", "libglib2.0-bin")
    update_entries = tool("update-desktop-database", "desktop-file-utils")
    shares, commands = tmp_path / "share", tmp_path / "bin"
    for file, place in ((FILE_TYPE, "mime/packages"), (ENTRY, "applications")):
        (shares / place).mkdir(parents=True)
        shutil.copy(file, shares / place)
    commands.mkdir()
    (commands / identity.PACKAGE).write_text("#!/bin/sh\n")
    (commands / identity.PACKAGE).chmod(0o755)
    environ = {
        "XDG_DATA_HOME": str(shares),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}",
    }
    said = run(update_types, shares / "mime", environ={"XDG_DATA_DIRS": str(shares)})
    assert (said.returncode, said.stdout) == (0, "")
    run(update_entries, shares / "applications", environ=environ)
    recipe, other = tmp_path / "mine.distil", tmp_path / "mine.toml"
    for file in (recipe, other):
        shutil.copy(EXAMPLE, file)
    query = (ask, "info", "-a", "standard::content-type,standard::icon")
    told = run(*query, recipe, environ=environ).stdout
    assert f"standard::content-type: {identity.RECIPE_MIME}" in told
    assert f"standard::icon: {icon_of_recipes()}" in told
    assert identity.RECIPE_MIME not in run(*query, other, environ=environ).stdout
    assert ENTRY.name in run(ask, "mime", identity.RECIPE_MIME, environ=environ).stdout
    for kind in ("application/toml", "text/plain", "text/csv", "inode/directory"):
        assert ENTRY.name not in run(ask, "mime", kind, environ=environ).stdout


def icon_of_recipes():
    return identity.RECIPE_MIME.replace("/", "-")


# -- icons


def test_the_icons_that_entry_and_file_type_name_are_there_in_every_size():
    assert file_type().find(f"{MIME}icon").get("name") == icon_of_recipes()
    hicolor = DESKTOP / "icons" / "hicolor"
    icons = load("make_icons")
    for context, name in (("apps", identity.APP_ID), ("mimetypes", icon_of_recipes())):
        found = {path.relative_to(hicolor).as_posix() for path in hicolor.glob(f"*/{context}/*")}
        sized = {f"{size}x{size}/{context}/{name}.png" for size in icons.SIZES}
        assert found == {*sized, f"scalable/{context}/{name}.svg"}


def test_the_project_says_where_it_lives():
    import tomllib

    urls = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]
    assert set(urls) >= {"Homepage", "Source", "Issues", "Changelog"}
    branch, file = urls["Changelog"].removeprefix(f"{urls['Homepage']}/blob/").split("/", 1)
    assert branch == "main"
    assert Path(ROOT, file).is_file()
