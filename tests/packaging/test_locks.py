"""The lock files pin everything the project asks for, and the scripts' folder shadows nothing."""

import importlib.metadata
import re
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from script_loading import ROOT, SCRIPTS, torch_build

import packaging


def locked(*names: str) -> list[Requirement]:
    """Read lock files, refusing anything that is not an exact pin."""
    found = []
    for name in names:
        for line in (SCRIPTS / name).read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                assert re.fullmatch(r"[\w.-]+==[\w.]+( *;.+)?", line), f"{name}: {line!r} is no exact pin"
                found.append(Requirement(line))
    return found


def pins(*names: str) -> dict[str, str]:
    """Canonical name and release of everything in lock files."""
    found: dict[str, str] = {}
    for requirement in locked(*names):
        key = canonicalize_name(requirement.name)
        assert key not in found, f"{key} is pinned twice"
        found[key] = str(requirement.specifier).removeprefix("==")
    return found


ALL_PINS = pins("locked.txt", "locked-dev.txt")
FOR_THIS_SYSTEM = [
    canonicalize_name(pin.name)
    for pin in locked("locked.txt", "locked-dev.txt")
    if pin.marker is None or pin.marker.evaluate()
]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ASKED_FOR = [
    *PROJECT["project"]["dependencies"],
    *PROJECT["dependency-groups"]["dev"],
    *PROJECT["build-system"]["requires"],
]


@pytest.mark.parametrize("line", ASKED_FOR)
def test_every_dependency_has_a_pin_inside_its_range(line):
    requirement = Requirement(line)
    pin = ALL_PINS.get(canonicalize_name(requirement.name))
    assert pin is not None
    assert requirement.specifier.contains(pin)


@pytest.mark.parametrize("name", FOR_THIS_SYSTEM)
def test_whatever_a_pinned_package_needs_is_pinned_too(name):
    try:
        needs = importlib.metadata.requires(name) or []
    except importlib.metadata.PackageNotFoundError:
        pytest.skip(f"{name} is not installed where the tests run: start them by python3 packaging/test.py")
    for requirement in map(Requirement, needs):
        nvidia = 'platform_system == "Linux"' in str(requirement.marker)  # pinned by torch's own CUDA build
        if nvidia or (requirement.marker and not requirement.marker.evaluate({"extra": ""})):
            continue
        assert requirement.specifier.contains(ALL_PINS[canonicalize_name(requirement.name)])


def test_the_release_of_torch_is_read_from_the_lock():
    assert torch_build.pinned_version(SCRIPTS / "locked.txt") == ALL_PINS["torch"]


def test_the_program_does_not_depend_on_the_test_tools():
    program = pins("locked.txt")
    for line in [*PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"]]:
        assert canonicalize_name(Requirement(line).name) in program


def test_the_folder_of_the_scripts_does_not_shadow_the_packaging_library():
    assert not (SCRIPTS / "__init__.py").exists()
    assert Path(packaging.__file__).resolve().parent != SCRIPTS


def test_no_script_that_others_import_shadows_a_module_of_python():
    # test.py is only ever started, and nothing it starts has its folder on the path
    names = {path.stem for path in SCRIPTS.glob("*.py")} - {"test"}
    assert not names & set(sys.stdlib_module_names)
