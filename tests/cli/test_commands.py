"""The command line as a person or a script uses it, in a process of its own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Calls the program with its data in the test's own folder."""
    monkeypatch.setenv("DISTILLATION_WORKBENCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("NO_COLOR", "1")

    def call(*arguments: object) -> "subprocess.CompletedProcess[str]":
        words = [sys.executable, "-m", "workbench", *map(str, arguments)]
        return subprocess.run(words, capture_output=True, encoding="utf-8", timeout=120, check=False)

    return call


def _lines(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


def test_run_with_a_baseline_prints_the_verdict(command: Call, recipe_file: Path) -> None:
    done = command("run", recipe_file, "--baseline", "--device", "cpu")
    assert done.returncode == 0, done.stderr
    assert "T² · KL" not in done.stdout
    assert "L = 0.5 · 2² · KL(p_T ‖ p_S) at T = 2 + 0.5 · CE(hard label, p_S at T = 1)" in done.stdout
    assert any(word in done.stdout for word in ("BEATS", "DOES NOT BEAT", "INCONCLUSIVE"))


def test_json_output_is_one_object_a_line_from_folder_to_finish(command: Call, recipe_file: Path) -> None:
    done = command("run", recipe_file, "--json", "--device", "cpu", "--set", "student.seed=4")
    assert done.returncode == 0, done.stderr
    records = _lines(done.stdout)
    assert records[0]["event"] == "RunFolder"
    assert records[-1]["event"] == "Finished"
    steps = [record for record in records if record["event"] == "StepDone"]
    assert [row["step"] for record in steps for row in record["metrics"]] == list(range(1, 21))
    assert "seed = 4" in (Path(records[0]["path"]) / "recipe.toml").read_text()


def test_a_recipe_file_with_a_suffix_of_its_own_trains_like_any_toml_file(command: Call, recipe_file: Path) -> None:
    own = recipe_file.rename(recipe_file.with_suffix(".distil"))
    done = command("run", own, "--json", "--device", "cpu")
    assert done.returncode == 0, done.stderr
    folder = Path(_lines(done.stdout)[0]["path"])
    assert (folder / "recipe.toml").is_file()
    judged = command("evaluate", folder / "student" / "student.safetensors", "--data", own, "--json")
    assert judged.returncode == 0, judged.stdout


def test_a_refused_recipe_exits_with_2_and_names_the_line(command: Call, recipe_file: Path) -> None:
    recipe_file.write_text(recipe_file.read_text().replace("temperature = 2.0", "temperature = -2.0"))
    line = recipe_file.read_text().splitlines().index("temperature = -2.0") + 1
    for verb in ("run", "check"):
        done = command(verb, recipe_file)
        assert done.returncode == 2
        assert f"line {line}: stages.0.objective.temperature = -2.0 is out of range" in done.stderr.replace("\n", " ")
        assert "Traceback" not in done.stderr


def test_a_run_that_fails_exits_with_1(command: Call, recipe_file: Path, tiny_data: Path) -> None:
    tiny_data.unlink()
    done = command("run", recipe_file, "--device", "cpu")
    assert done.returncode == 1
    assert "There is no file at" in done.stderr


def test_check_prints_every_promise_and_trains_nothing(command: Call, recipe_file: Path, tmp_path: Path) -> None:
    done = command("check", recipe_file, "--device", "cpu")
    assert done.returncode == 0, done.stderr
    assert "a student equal to the teacher has a soft term of" in done.stdout
    assert not (tmp_path / "home" / "runs").exists()


def test_evaluate_judges_a_checkpoint_on_the_held_out_set(command: Call, recipe_file: Path, tiny_data: Path) -> None:
    teacher = recipe_file.parent / "teacher.safetensors"
    held_out = _lines(command("evaluate", teacher, "--data", recipe_file, "--json").stdout)[0]
    everything = _lines(command("evaluate", teacher, "--data", tiny_data, "--teacher", teacher, "--json").stdout)[0]
    assert (held_out["examples"], everything["examples"]) == (15, 60)
    assert everything["agreement"] == 1.0
    assert everything["kl_to_teacher"] == 0.0


def test_ctrl_c_keeps_a_checkpoint_and_resume_goes_on_to_the_same_student(
    command: Call, recipe_file: Path, tmp_path: Path
) -> None:
    change = ("--set", "stages.0.optimisation.steps=3000", "--set", "monitoring.evaluate_every=100", "--device", "cpu")
    words = [sys.executable, "-m", "workbench", "run", str(recipe_file), "--json", *change]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if '"StepDone"' in line:
                process.send_signal(signal.SIGINT)
                break
        records = _lines(process.stdout.read())
    assert process.returncode == 130
    assert records[-1]["reason"] == "stopped"
    assert 0 < records[-1]["step"] < 3000
    (stopped,) = (tmp_path / "home" / "runs").iterdir()
    assert command("resume", stopped, "--device", "cpu").returncode == 0
    assert command("run", recipe_file, *change).returncode == 0
    whole = next(path for path in (tmp_path / "home" / "runs").iterdir() if path != stopped)
    student = Path("student", "student.safetensors")
    assert (stopped / student).read_bytes() == (whole / student).read_bytes()


def test_runs_lists_what_there_is(command: Call, recipe_file: Path) -> None:
    assert "No runs" in command("runs").stdout
    command("run", recipe_file, "--device", "cpu")
    listed = command("runs").stdout
    assert "complete" in listed
    assert "20/20" in listed
    (record,) = _lines(command("runs", "--json").stdout)
    assert record["status"] == "complete"


_CALL = """
import os, sys
from workbench.__main__ import main
sys.argv = ["distillation-workbench", sys.argv[1]]
try:
    main()
except SystemExit:
    print("torch" in sys.modules, os.environ["OMP_WAIT_POLICY"])
"""


@pytest.mark.parametrize("word", ["--help", "--version"])
def test_answers_without_torch_and_sets_openmp_to_wait_passively(word: str) -> None:
    # Spinning OpenMP threads would starve a window; it must be said before torch is imported.
    environment = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    done = subprocess.run(
        [sys.executable, "-c", _CALL, word], capture_output=True, text=True, env=environment, check=True
    )
    assert done.stdout.splitlines()[-1] == "False PASSIVE"


_EXPORTER = """
import sys
from workbench.__main__ import main
sys.argv = ["distillation-workbench", "--version"]
try:
    main()
except SystemExit:
    import torch._dynamo.package
"""


@pytest.mark.slow
def test_the_exporter_of_pytorch_makes_no_folder_among_temporary_files(tmp_path: Path) -> None:
    temporary, home = tmp_path / "temporary", tmp_path / "home"
    temporary.mkdir()
    places = {"TMPDIR": str(temporary), "TEMP": str(temporary), "DISTILLATION_WORKBENCH_HOME": str(home)}
    environment = {name: value for name, value in os.environ.items() if name != "TORCHINDUCTOR_CACHE_DIR"} | places
    subprocess.run([sys.executable, "-c", _EXPORTER], env=environment, capture_output=True, check=True)
    assert not list(temporary.iterdir())
    assert (home / "cache" / "compiled").is_dir()


def test_output_into_a_file_of_another_encoding_does_not_end_the_program(
    command: Call, recipe_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "cp1252")
    done = command("check", recipe_file, "--device", "cpu")
    assert done.returncode == 0, done.stderr
    assert "α = 0 is the hard term alone" in done.stdout


def test_a_folder_name_with_brackets_is_only_a_name(command: Call, tmp_path: Path) -> None:
    done = command("runs", "--runs-dir", tmp_path / "x[/]y")
    assert done.returncode == 0, done.stderr
    assert "x[/]y" in done.stdout


def test_a_device_that_is_not_there_is_refused_before_anything_is_done(
    command: Call, recipe_file: Path, tmp_path: Path
) -> None:
    done = command("run", recipe_file, "--device", "quantum")
    assert done.returncode == 2
    assert "quantum" in done.stderr
    assert not (tmp_path / "home").exists()


def test_a_finished_student_is_written_as_a_checkpoint_and_judged(
    command: Call, recipe_file: Path, tmp_path: Path
) -> None:
    path = _lines(command("run", recipe_file, "--json", "--device", "cpu").stdout)[0]["path"]
    target = tmp_path / "small.safetensors"
    assert command("export", path, "--checkpoint", target, "--half").returncode == 0
    assert target.stat().st_size < Path(path, "student", "student.safetensors").stat().st_size
    assert _lines(command("evaluate", target, "--data", recipe_file, "--json").stdout)[0]["examples"] == 15


@pytest.fixture
def no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without a screen."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a display")
def test_without_a_display_and_a_command_there_is_help_a_sentence_and_exit_code_2(
    command: Call, no_display: None
) -> None:
    done = command()
    assert done.returncode == 2
    assert "Usage:" in done.stdout
    assert "resume" in done.stdout
    assert done.stderr.strip() == ("There is no display here, so no window was opened; `run` trains in the terminal.")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a display")
def test_a_window_asked_for_by_name_is_refused_in_words_where_there_is_no_display(
    command: Call, no_display: None, recipe_file: Path
) -> None:
    done = command("window", recipe_file)
    assert done.returncode == 2
    assert "There is no display here" in done.stderr
    assert "Traceback" not in done.stderr


_ASKED = """
import sys
import workbench.app
workbench.app.main = lambda words: print(words) or 0
from workbench.__main__ import main
main()
"""


def test_a_window_of_its_own_is_asked_for_beside_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    command = [sys.executable, "-c", _ASKED, "window", "a.toml", "--new-window", "b.distil"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip() == "['--new-window', 'a.toml', 'b.distil']"


@pytest.mark.parametrize("word", ["there.bin", "not there.distil"])
def test_a_file_in_the_place_of_a_command_is_opened_in_the_window(
    word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    (tmp_path / "there.bin").touch()
    path = str(tmp_path / word)
    command = [sys.executable, "-c", _ASKED, path, "b.distil", "--new-window"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip() == str(["--new-window", path, "b.distil"])


def test_a_command_is_not_a_file_of_its_name_and_a_misspelt_one_is_refused(
    command: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs").mkdir()
    assert "No runs in" in command("runs").stdout
    done = command("rnus")
    assert done.returncode == 2
    assert "No such command 'rnus'" in done.stderr


_QT_FREE = """
import sys
from workbench.__main__ import main
sys.argv = ["distillation-workbench", *sys.argv[1:]]
try:
    main()
finally:
    sys.stdout.write("\\nQt" if any(name.startswith("PySide6") for name in sys.modules) else "\\nno Qt")
"""


@pytest.mark.parametrize("words", [["--version"], ["runs"], ["--help"]])
def test_the_terminal_s_commands_answer_without_qt(words: list[str], command: Call) -> None:
    # Asked of a process that inherits the home of `command`.
    done = subprocess.run([sys.executable, "-c", _QT_FREE, *words], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "no Qt"


def test_the_version_is_that_of_the_package(command: Call) -> None:
    from workbench import __version__

    assert command("--version").stdout.strip() == f"distillation-workbench {__version__}"


def test_a_damaged_run_is_listed_with_the_reason_and_ends_no_list(command: Call, tmp_path: Path) -> None:
    run = tmp_path / "runs" / "torn"
    run.mkdir(parents=True)
    (run / "recipe.toml").write_text("")
    (run / "run.sqlite").write_bytes(b"")
    done = command("runs", "--runs-dir", tmp_path / "runs")
    assert done.returncode == 0
    assert "torn  damaged" in done.stdout
    assert "run.sqlite is empty (0 bytes)." in done.stdout
