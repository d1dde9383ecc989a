"""The wheel and the sdist hold the program, its resources and their licences, and nothing that git leaves out."""

import email
import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from script_loading import ROOT, load, reporting

identity = load("identity")
job = load("job")
wheel = load("targets/wheel", "target_wheel")

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DATE = "1700000000"
IGNORED = "resources/examples/smollm2/teacher.gguf"


@dataclass(frozen=True)
class JobElsewhere(job.Job):
    """A job for a copy of the project."""

    source: Path = ROOT

    @property
    def root(self):
        return self.source


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Build both from this tree."""
    folder = tmp_path_factory.mktemp("built")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", DATE)
        return wheel.build(job.Job(python=Path(sys.executable), out=folder, work=folder / "build"))


@pytest.fixture(scope="module")
def files(built):
    """Every file of the wheel by its name."""
    with zipfile.ZipFile(built[0]) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def metadata(files):
    [content] = [content for name, content in files.items() if name.endswith(".dist-info/METADATA")]
    return email.message_from_bytes(content)


def kept_by_git(*folders):
    """Ask git for what is in it, or would be with the next `git add`."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout, which tells what belongs in; clone the repository")
    git = ["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *folders]
    names = subprocess.run(git, capture_output=True, text=True, check=True).stdout.split("\0")
    return {name for name in names if name and (ROOT / name).is_file()}


def test_the_wheel_holds_the_program_and_its_resources_as_git_knows_them(files):
    expected = {
        f"workbench/{name}" if name.startswith("resources/") else name for name in kept_by_git("workbench", "resources")
    }
    assert {name for name in files if ".dist-info/" not in name} == expected


def test_the_sdist_holds_what_the_wheel_is_made_and_tested_from(built):
    with tarfile.open(built[1]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    expected = kept_by_git("workbench", "resources", "packaging", "tests", ".github")
    assert names - {"PKG-INFO", ".gitignore", "pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE"} == expected


@pytest.mark.parametrize("name", ["resources/examples/hinton-mnist/student.toml", "resources/fonts/Inter-Regular.otf"])
def test_a_resource_keeps_its_bytes(files, name):
    assert files[f"workbench/{name}"] == (ROOT / name).read_bytes()


def test_what_git_ignores_is_in_neither(built, files):
    with tarfile.open(built[1]) as archive:
        names = [*files, *archive.getnames()]
    assert not [name for name in names if ".gguf" in name or "/runs/" in name or name.endswith(".pyc")]


def test_the_licences_of_what_it_brings_along_are_in_its_metadata(files):
    held = {name.partition(".dist-info/licenses/")[2] for name in files}
    assert {
        "LICENSE",
        "resources/fonts/OFL.txt",
        "resources/examples/hinton-mnist/digits/LICENSE.txt",
    } <= held


def test_there_is_a_command_for_terminals_and_one_that_opens_no_console(files):
    [content] = [content for name, content in files.items() if name.endswith("entry_points.txt")]
    assert content.decode().split() == [
        "[console_scripts]",
        "distillation-workbench",
        "=",
        "workbench.__main__:main",
        "[gui_scripts]",
        "distillation-workbench-window",
        "=",
        "workbench.app:main",
    ]


def test_the_metadata_says_what_pyproject_says(metadata):
    assert metadata["Name"] == identity.PACKAGE
    assert metadata["Version"] == identity.version()
    assert metadata["Requires-Python"] == PROJECT["requires-python"]
    assert metadata["License-Expression"] == PROJECT["license"]
    urls = dict(url.split(", ") for url in metadata.get_all("Project-URL"))
    assert urls == PROJECT["urls"]
    assert urls["Homepage"] == identity.homepage()
    assert len(metadata.get_all("Requires-Dist")) == len(PROJECT["dependencies"])


def test_the_sdist_makes_the_same_bytes_without_git_and_beside_a_file_that_belongs_in_none(built, tmp_path):
    with tarfile.open(built[1]) as archive:
        archive.extractall(tmp_path, filter="data")
    [source] = tmp_path.iterdir()
    (source / IGNORED).touch()
    assert not (source / ".git").exists()
    elsewhere = JobElsewhere(Path(sys.executable), tmp_path / "dist", tmp_path / "build", source=source)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", DATE)
        again = wheel.build(elsewhere)
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in built]


def test_an_installed_wheel_finds_its_resources(built, tmp_path):
    shutil.unpack_archive(built[0], tmp_path, "zip")
    script = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from workbench.session.places import resources_folder; print(resources_folder())"
    )
    command = [sys.executable, "-I", "-c", script]
    found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.strip()
    assert Path(found) == tmp_path / "workbench" / "resources"
    assert (Path(found) / "examples" / "hinton-mnist" / "student.toml").is_file()


def test_an_editable_installation_points_at_the_source_where_the_resources_lie(tmp_path):
    script = "import sys; from hatchling.build import build_editable; print(build_editable(sys.argv[1]))"
    command = [sys.executable, "-c", script, tmp_path]
    name = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()[-1]
    with zipfile.ZipFile(tmp_path / name) as archive:
        [pth] = [entry for entry in archive.namelist() if ".dist-info/" not in entry]
        assert Path(archive.read(pth).decode().strip()).resolve() == ROOT


def test_the_caller_s_date_comes_first(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert wheel.source_date(ROOT) == 1700000000


def test_a_tree_without_git_has_the_date_of_its_newest_release(monkeypatch, tmp_path):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    log = "## [Unreleased]\n\n## [0.2.0] - 2027-01-01\n\n## [0.1.0] - 2026-12-01\n"
    (tmp_path / "CHANGELOG.md").write_text(log, encoding="utf-8")
    assert wheel.source_date(tmp_path) == 1798761600  # 2027-01-01, midnight UTC


def test_a_checkout_has_the_date_of_its_last_commit(monkeypatch, tmp_path):
    if shutil.which("git") is None:
        pytest.skip("git is missing; install it")
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    day = "2026-11-24T12:00:00+00:00"
    named = {f"GIT_{who}_{what}": "a@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environ = {**os.environ, **named, "GIT_AUTHOR_DATE": day, "GIT_COMMITTER_DATE": day}
    for arguments in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "first"]):
        subprocess.run([shutil.which("git"), *arguments], cwd=tmp_path, env=environ, check=True)
    assert wheel.source_date(tmp_path) == 1795521600


def test_what_hatchling_says_about_a_fault_reaches_the_person(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n", encoding="utf-8")
    (tmp_path / "CHANGELOG.md").touch()
    elsewhere = JobElsewhere(Path(sys.executable), tmp_path / "dist", tmp_path / "build", source=tmp_path)
    with pytest.raises(reporting.Refusal, match=r"hatchling failed(?s:.)*version"):
        wheel.build(elsewhere)
