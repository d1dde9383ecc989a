"""The manual page names every command, option, exit status and place of the program, and none that it has not."""

import re
import shutil
import subprocess
import sys

import pytest
import typer
from script_loading import ROOT, load

from workbench import own_home
from workbench.cli import commands

identity = load("identity")

PAGE = ROOT / "packaging" / "desktop" / f"{identity.PACKAGE}.1"
SOURCE = PAGE.read_text(encoding="utf-8")
TEXT = SOURCE.replace("\\-", "-")
PROGRAM = typer.main.get_command(commands.app)
OPTION = re.compile(r"--[a-z][a-z0-9-]*")


def part(title, heading="SH"):
    """What stands under a heading."""
    found = re.search(rf"^\.{heading} {re.escape(title)}\n(.*?)(?=^\.S[HS] |\Z)", TEXT, flags=re.M | re.S)
    assert found is not None, f"there is no {title}"
    return found[1]


def synopsis(command):
    found = re.search(rf'^\.SY "{identity.PACKAGE} {command}"\n(.*?)^\.YS', TEXT, flags=re.M | re.S)
    assert found is not None, f"{command} is not in the synopsis"
    return found[1]


def options(command):
    """The options of a command, each with all that it can be called; --help is told once for all."""
    return [
        {*parameter.opts, *parameter.secondary_opts}
        for parameter in command.params
        if parameter.param_type_name == "option" and "--help" not in parameter.opts
    ]


def test_every_command_is_told_of_and_no_other():
    assert set(re.findall(r"^\.TP\n\.B ([a-z]+)$", part("COMMANDS"), flags=re.M)) == set(PROGRAM.commands)


@pytest.mark.parametrize("name", sorted(PROGRAM.commands))
def test_every_option_of_a_command_is_in_its_synopsis_and_is_explained(name):
    explained = part("Of several commands", "SS")
    if f"\n.SS Of {name}\n" in TEXT:
        explained += part(f"Of {name}", "SS")
    for names in options(PROGRAM.commands[name]):
        assert names & set(OPTION.findall(synopsis(name))), names
        assert names <= set(OPTION.findall(explained)), names


def test_every_option_of_the_program_itself_is_explained():
    wanted = {option for names in options(PROGRAM) for option in names}
    assert wanted | {"--help"} <= set(OPTION.findall(part("Of the program", "SS")))


def test_no_option_is_told_of_that_the_program_has_not():
    known = {
        option for command in (PROGRAM, *PROGRAM.commands.values()) for names in options(command) for option in names
    }
    assert set(OPTION.findall(TEXT)) <= known | {"--help"}


def test_what_a_command_takes_stands_at_the_end_of_its_synopsis():
    for name, command in PROGRAM.commands.items():
        for argument in command.params:
            if argument.param_type_name == "argument":
                shown = "FILE" if argument.nargs == -1 else (argument.metavar or argument.name).upper()
                assert shown in synopsis(name).splitlines()[-1], name


def test_every_exit_status_of_the_program_is_explained():
    told = set(map(int, re.findall(r"^\.B (\d+)$", part("EXIT STATUS"), flags=re.M)))
    assert told == {0, commands._FAILED, commands._REFUSED, commands._STOPPED}


def test_the_variable_that_moves_everything_is_told():
    assert own_home._HOME in part("ENVIRONMENT")


@pytest.mark.skipif(sys.platform != "linux", reason="manual pages are installed on Linux only; run it there")
def test_the_places_are_those_where_the_program_keeps_things(monkeypatch, tmp_path):
    for name in (own_home._HOME, "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    told = re.findall(r"^\.I (~\S+)$", part("FILES"), flags=re.M)
    places = [
        own_home.configuration_folder(),
        own_home.data_folder() / "runs",
        own_home.cache_root(),
        own_home.log_folder(),
    ]
    assert told == [f"~/{place.relative_to(tmp_path).as_posix()}/" for place in places]


def test_the_page_is_of_this_version_and_leads_home():
    assert f'"{identity.NAME} {identity.version()}"' in SOURCE.splitlines()[0]
    assert f"{identity.homepage()}/issues" in TEXT


def test_man_shows_the_page_without_a_warning():
    man = shutil.which("man")
    if man is None or shutil.which("groff") is None:
        pytest.skip("man or groff is missing; on Debian and Ubuntu: sudo apt-get install man-db groff-base")
    # As Debian's own checker looks at it: MANROFFSEQ keeps tables and equations out.
    done = subprocess.run(
        [man, "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", str(PAGE)],
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "MANROFFSEQ": "", "MANWIDTH": "80"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
