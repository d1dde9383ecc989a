"""The workflows call what is there, may do no more than they must, and try every installer before they keep it."""

import re
import shlex
import shutil
import subprocess
import sys
import tomllib

import pytest
import yaml
from script_loading import ROOT, SCRIPTS, environment, load, reporting

identity = load("identity")
windows = load("targets/windows", "target_windows")
release_notes = load("release_notes")

FOLDER = ROOT / ".github" / "workflows"
TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.yml"))}
WORKFLOWS = {name: yaml.safe_load(text) for name, text in TEXTS.items()}
JOBS = {f"{name}/{job}": value for name, flow in WORKFLOWS.items() for job, value in flow["jobs"].items()}
STEPS = [(job, step) for job, value in JOBS.items() for step in value["steps"]]
SCRIPTS_RUN = [(job, step) for job, step in STEPS if "run" in step]
CALLS = [
    (job, match[1], shlex.split(match[2]))
    for job, step in SCRIPTS_RUN
    for match in re.finditer(r"packaging/(\w+\.py)([^\n|>;]*)", step["run"])
]
BUILDING = [job for job, script, _ in CALLS if script == "build.py"]
TRUSTED = re.compile(r"actions/[\w-]+@(v\d+|[0-9a-f]{40})|pypa/gh-action-pypi-publish@(release/v1|[0-9a-f]{40})")


def place_of(job, wanted):
    """Say which step of a job is the first that fits."""
    return next((place for place, step in enumerate(JOBS[job]["steps"]) if wanted(step)), None)


def shell_of(job, step):
    flow = WORKFLOWS[job.partition("/")[0]]
    inherited = JOBS[job].get("defaults", flow.get("defaults", {})).get("run", {}).get("shell", "")
    return step.get("shell", inherited)


def test_there_is_one_for_tests_and_one_for_releases():
    assert {"tests", "release"} <= set(WORKFLOWS)


def test_the_scripts_they_call_were_found():
    assert {script for _, script, _ in CALLS} == {"build.py", "test.py", "release_notes.py"}


@pytest.mark.parametrize(("job", "script", "words"), CALLS)
def test_a_script_that_is_called_is_there_and_knows_the_options(job, script, words):
    assert (SCRIPTS / script).is_file(), f"{job} calls {script}"
    command = [sys.executable, SCRIPTS / script, "--help"]
    known = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for word in words:
        if word.startswith("-"):
            assert re.search(rf"(?<![\w-]){re.escape(word)}\b", known), f"{script} has no option {word}"


@pytest.mark.parametrize(("job", "words"), [(job, words) for job, script, words in CALLS if script == "build.py"])
def test_every_target_that_is_built_exists(job, words):
    targets = {path.stem for path in (SCRIPTS / "targets").glob("*.py")} - {"__init__"}
    assert words
    assert set(words) <= targets, f"{job} builds what is none of {sorted(targets)}"


def test_every_kind_of_installer_is_built():
    built = {word for _, script, words in CALLS if script == "build.py" for word in words}
    assert built == {"wheel", "deb", "rpm", "run", "windows", "macos"}


@pytest.mark.parametrize("job", BUILDING)
def test_what_is_built_is_tried_before_it_is_kept(job):
    built = place_of(job, lambda step: "packaging/build.py" in step.get("run", ""))
    tried = place_of(job, lambda step: "--selftest --window" in step.get("run", ""))
    kept = place_of(job, lambda step: step.get("uses", "").startswith("actions/upload-artifact@"))
    assert built < tried < kept


def test_on_windows_the_program_of_the_menu_and_that_of_terminals_are_both_tried():
    [script] = [step["run"] for step in JOBS["release/windows"]["steps"] if "--selftest" in step.get("run", "")]
    assert all(f'"$folder\\{name}"' in script for name in windows.EXECUTABLES)
    assert len(re.findall(r"--selftest(?!-)", script)) == len(windows.EXECUTABLES)
    assert "--selftest-out" in script, "a program without a console has nowhere else to put its report"


def test_nothing_is_released_before_every_installer_was_tried():
    others = {job.partition("/")[2] for job in JOBS if job.startswith("release/")} - {"draft", "pypi"}
    assert set(JOBS["release/draft"]["needs"]) == others
    assert set(JOBS["release/pypi"]["needs"]) == others


def test_a_draft_is_made_only_for_a_tag_and_never_published():
    assert JOBS["release/draft"]["if"] == "github.event_name == 'push'"
    [script] = [step["run"] for step in JOBS["release/draft"]["steps"] if "gh release create" in step.get("run", "")]
    assert "--draft" in script
    assert "SHA256SUMS" in script
    assert WORKFLOWS["release"][True]["push"] == {"tags": ["v*"]}  # YAML reads the key `on` as true


def test_bundles_are_built_with_the_python_their_wheels_are_locked_for():
    for job in BUILDING:
        if JOBS[job].get("container") == "debian:12":
            continue  # its python3 is that one
        [step] = [step for step in JOBS[job]["steps"] if step.get("uses", "").startswith("actions/setup-python@")]
        assert step["with"]["python-version"] == environment.BUNDLE_PYTHON


def test_the_checks_run_everywhere_with_the_oldest_python_and_a_newer_one():
    matrix = JOBS["tests/test"]["strategy"]["matrix"]
    assert {system.partition("-")[0] for system in matrix["os"]} == {"ubuntu", "windows", "macos"}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f">={matrix['python'][0]}" == project["requires-python"]
    assert len(matrix["python"]) == 2


@pytest.mark.parametrize(("job", "step"), [(job, step) for job, step in STEPS if "uses" in step])
def test_an_action_is_github_s_own_or_pypi_s_and_pinned(job, step):
    assert TRUSTED.fullmatch(step["uses"]), job
    if step["uses"].startswith("actions/checkout@"):
        assert step["with"]["persist-credentials"] is False


def test_each_may_only_read_except_for_the_two_jobs_that_publish():
    assert all(flow["permissions"] == {"contents": "read"} for flow in WORKFLOWS.values())
    more = {job: value["permissions"] for job, value in JOBS.items() if "permissions" in value}
    assert more == {"release/draft": {"contents": "write"}, "release/pypi": {"id-token": "write"}}


def test_pypi_is_reached_by_hand_on_a_tag_and_without_a_password():
    job = JOBS["release/pypi"]
    for condition in ("workflow_dispatch", "inputs.publish", "refs/tags/v"):
        assert condition in job["if"]
    assert job["environment"] == "pypi"
    assert "secrets." not in TEXTS["release"]


def test_every_job_ends_in_time_and_no_two_stand_in_each_other_s_way():
    assert all(value["timeout-minutes"] <= 90 for value in JOBS.values())
    assert all("concurrency" in flow for flow in WORKFLOWS.values())


@pytest.mark.parametrize(("job", "step"), SCRIPTS_RUN)
def test_no_script_is_put_together_from_expressions(job, step):
    assert "${{" not in step["run"], f"{job}: pass it through the environment"


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is missing; apt install shellcheck")
@pytest.mark.parametrize(("job", "step"), [(job, step) for job, step in SCRIPTS_RUN if shell_of(job, step) == "bash"])
def test_shellcheck_finds_nothing(job, step):
    command = ["shellcheck", "--shell=bash", "-"]
    result = subprocess.run(command, input=f"set -e\n{step['run']}", capture_output=True, text=True, check=False)
    assert result.returncode == 0, f"{job}:\n{result.stdout}"


CHANGELOG = """# Changelog

## [Unreleased]

## [0.2.0] - 2027-01-01

### Added

- Installers.

## [0.1.0] - 2026-12-01

- First.

[0.1.0]: https://example.org/0.1.0
"""


@pytest.mark.parametrize(("version", "notes"), [("0.2.0", "### Added\n\n- Installers."), ("0.1.0", "- First.")])
def test_the_notes_of_a_release_are_its_section_of_the_changelog(version, notes):
    assert release_notes.notes(CHANGELOG, version) == notes


@pytest.mark.parametrize(("version", "reason"), [("0.3.0", r"no section \[0\.3\.0\]"), ("Unreleased", "says nothing")])
def test_a_release_without_notes_is_refused(version, reason):
    with pytest.raises(reporting.Refusal, match=reason):
        release_notes.notes(CHANGELOG, version)


def test_a_tag_of_another_version_is_refused():
    release_notes.check_tag(f"v{identity.version()}", identity.version())
    with pytest.raises(reporting.Refusal, match=r"its tag is v0\.1\.0"):
        release_notes.check_tag("v0.2.0", "0.1.0")
