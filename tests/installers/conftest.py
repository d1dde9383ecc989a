"""What a person downloads, and bare systems to install it in; run by `packaging/test.py --installers`."""

import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from installers.scripts import bare_system

_DIST = "DISTILLATION_WORKBENCH_DIST"
_RELEASES = "DISTILLATION_WORKBENCH_RELEASES"

why_no_system = cache(bare_system.why_not)


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave this folder out of every run that names no built files: building them takes minutes."""
    return None if _DIST in os.environ or collection_path.is_dir() else True


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Try in the releases of the file, of DISTILLATION_WORKBENCH_RELEASES, or in all."""
    if "release" in metafunc.fixturenames:
        named = os.environ.get(_RELEASES) or ",".join(bare_system.RELEASES)
        releases = getattr(metafunc.module, "RELEASES", named.split(","))
        metafunc.parametrize("release", releases, scope="module")


def pytest_configure(config: pytest.Config) -> None:
    """Begin a new list of measurements; the processes that tests are spread over share it."""
    if _DIST in os.environ and not hasattr(config, "workerinput"):
        _measurements().unlink(missing_ok=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print sizes and seconds where a person sees them."""
    if _DIST in os.environ and _measurements().is_file():
        terminalreporter.section("measured")
        terminalreporter.write_line(_measurements().read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def measured() -> Callable[[str, str], None]:
    """Keeps a measurement for the summary."""

    def keep(what: str, value: str) -> None:
        with _measurements().open("a", encoding="utf-8") as lines:
            lines.write(f"{what:<64} {value}\n")

    return keep


def _measurements() -> Path:
    return Path(os.environ[_DIST]).absolute() / "measured.txt"


@pytest.fixture(scope="session")
def dist() -> Path:
    """The folder of the built files."""
    return Path(os.environ[_DIST]).absolute()


@pytest.fixture(scope="session")
def pictures(dist: Path) -> Path:
    """A folder for what the windows looked like; a person looks there."""
    folder = dist / "pictures"
    folder.mkdir(exist_ok=True)
    return folder


def _only(dist: Path, pattern: str, target: str) -> Path:
    found = sorted(dist.glob(pattern))
    if not found:
        pytest.skip(f"{dist} has no {pattern}; build it with: python3 packaging/build.py --out {dist} {target}")
    assert len(found) == 1, f"{dist} has {len(found)} files {pattern}; delete the old ones"
    return found[0]


@pytest.fixture(scope="session")
def deb(dist: Path) -> Path:
    """The package for Debian."""
    return _only(dist, "*.deb", "deb")


@pytest.fixture(scope="session")
def rpm(dist: Path) -> Path:
    """The package for Fedora and its like."""
    return _only(dist, "*.rpm", "rpm")


@pytest.fixture(scope="session")
def run_file(dist: Path) -> Path:
    """The installer for one person."""
    return _only(dist, "*.run", "run")


@pytest.fixture(scope="module")
def system(release: str) -> "Iterator[bare_system.BareSystem]":
    """A bare system, shared by the tests of a file."""
    reason = why_no_system(release)
    if reason:
        pytest.skip(f"no bare {release} here: {reason}")
    with bare_system.fresh(release) as made:
        yield made
