"""Names from files are shown in the terminal and never obeyed, whichever command prints them."""

import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.table import Table
from rich.text import Text

from workbench.cli.commands import app
from workbench.cli.progress import TrainingProgress
from workbench.cli.terminal import Terminal, json_line, keep_logs_visible

# Clears the screen by two ways, forges a line, and turns the direction of what follows.
NASTY = "\x1b[2J\x9b2J\u2028\u202ecod"
# What a file may be called everywhere.
NASTY_NAME = "\x9b2J\u202ecod"


def acting(output: str) -> set[str]:
    """The characters of an output that a terminal obeys or that break its lines."""
    return {character for character in output if not character.isprintable() and character not in "\n\u00a0"}


@pytest.fixture
def hostile(tmp_path: Path, recipe_file: Path) -> Path:
    """A recipe whose name, stage, classes and files are named to be obeyed by a terminal."""
    escaped = "".join(f"\\U{ord(character):08x}" for character in NASTY)
    folder = tmp_path / f"folder{NASTY_NAME}"
    folder.mkdir()
    for name in ("data.npz", "teacher.safetensors"):
        (tmp_path / name).rename(folder / f"{NASTY_NAME}{name}")
    text = recipe_file.read_text()
    text = text.replace('name = "tiny"', f'name = "tiny{escaped}\\nforged"')
    in_toml = "".join(f"\\U{ord(character):08x}" for character in NASTY_NAME)
    text = text.replace('file = "data.npz"', f'file = "{in_toml}data.npz"\nclasses = ["a{escaped}", "b", "c"]')
    text = text.replace('"teacher.safetensors"', f'"{in_toml}teacher.safetensors"')
    text = text.replace("[[stages]]\n", f'[[stages]]\nname = "stage{escaped}\\nforged"\n')
    path = folder / f"{NASTY_NAME}.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Calls the program with its data in the test's own folder; returns what it prints, where nothing may act.

    In this process: some thirty calls would each load PyTorch.
    """
    monkeypatch.setenv("DISTILLATION_WORKBENCH_HOME", str(tmp_path / f"home{NASTY_NAME}"))
    monkeypatch.setenv("COLUMNS", "400")

    def call(*arguments: object, code: int = 0) -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
        with pytest.raises(SystemExit) as ended:
            app([str(word) for word in arguments])
        printed = capsys.readouterr()
        assert (ended.value.code or 0) == code, (arguments, printed)
        assert not acting(printed.out + printed.err), arguments
        return printed.out

    return call


def test_no_command_prints_what_a_terminal_obeys(command: Callable[..., str], hostile: Path, tmp_path: Path) -> None:
    assert "\\x9b2J" in command("check", hostile, "--device", "cpu")
    ran = command("run", hostile, "--device", "cpu", "--seeds", 2)
    assert r"stage\x1b[2J\x9b2J\u2028\u202ecod\nforged" in ran
    assert not [line for line in ran.splitlines() if line.startswith("forged")]
    lines = command("run", hostile, "--device", "cpu", "--json").splitlines()
    records = [json.loads(line) for line in lines]
    (stage,) = {record["name"] for record in records if record["event"] == "StageStarted"}
    assert stage == f"stage{NASTY}\nforged"
    folder = records[0]["path"]
    command("runs")
    command("runs", "--json")
    command("resume", folder, "--device", "cpu")
    teacher = hostile.parent / f"{NASTY_NAME}teacher.safetensors"
    command("evaluate", teacher, "--data", hostile)
    command("export", folder, "--checkpoint", tmp_path / f"{NASTY_NAME}.safetensors")
    command("trust", teacher, code=2)


def test_no_refusal_prints_what_a_terminal_obeys(command: Callable[..., str], tmp_path: Path) -> None:
    missing = tmp_path / f"missing{NASTY_NAME}"
    for words in (("run", missing), ("check", missing), ("resume", missing), ("export", missing, "--onnx", tmp_path)):
        command(*words, code=2)
    command("evaluate", missing, "--data", missing, code=2)
    command("trust", missing, code=2)
    command("trust", "--withdraw", NASTY, code=2)
    command("runs", "--runs-dir", missing)
    command(f"unknown{NASTY_NAME}", code=2)
    command("runs", f"--unknown{NASTY_NAME}", code=2)
    command("runs", f"too{NASTY_NAME}", "many", code=2)
    code = tmp_path / f"{NASTY_NAME}.py"
    code.write_text("class Model: ...\n")
    command("trust", code, code=2)
    command("trust", code, "--yes")
    assert "\\x9b2J" in command("trust", "--list")
    command("trust", "--list", "--json")


def test_output_in_another_encoding_is_still_one_object_a_line(
    hostile: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISTILLATION_WORKBENCH_HOME", str(tmp_path / "home"))
    environment = os.environ | {"PYTHONIOENCODING": "ascii:strict"}
    words = [sys.executable, "-m", "workbench", "run", str(hostile), "--device", "cpu", "--json"]
    done = subprocess.run(words, capture_output=True, env=environment, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert all(json.loads(line) for line in done.stdout.splitlines())


def test_json_keeps_exact_values_on_one_line_without_a_character_that_acts() -> None:
    record = {"name": f"{NASTY}\udc9b\x7f\U000e0041α日\n", "loss": float("inf")}
    line = json_line(record)
    assert not acting(line)
    assert "α日" in line
    assert json.loads(line) == {**record, "loss": None}
    assert json.loads(line.encode()) == json.loads(line)


def written(*, is_terminal: bool = True) -> tuple[Terminal, io.StringIO]:
    stream = io.StringIO()
    return Terminal(file=stream, force_terminal=is_terminal, color_system=None, width=120, highlight=False), stream


def test_styles_still_work_and_text_objects_are_shown_as_well_as_strings() -> None:
    stream = io.StringIO()
    terminal = Terminal(file=stream, force_terminal=True, color_system="standard", width=120, highlight=False)
    terminal.print("[red]a\x1b[0m[/]")
    terminal.print(Text("b\x9b"))
    assert stream.getvalue() == "\x1b[31ma\\x1b[0m\x1b[0m\nb\\x9b\n"


def test_a_table_knows_how_wide_an_escape_is() -> None:
    terminal, stream = written()
    table = Table("name", "next", title="t\x1b", box=None, pad_edge=False)
    table.add_row("a\x1b", "7")
    table.add_row("abcde", "8")
    terminal.print(table)
    rows = stream.getvalue().splitlines()[-2:]
    assert rows[0].index("7") == rows[1].index("8")
    assert "a\\x1b" in rows[0]


def test_a_progress_bar_shows_a_name_and_does_not_obey_it() -> None:
    terminal, stream = written()
    progress = TrainingProgress(terminal)
    progress.begin("a\x1b[31mname\n\x9b")
    progress.end()
    assert "a\\x1b[31mname" in stream.getvalue()
    assert "\x1b[31m" not in stream.getvalue()
    assert "\x9b" not in stream.getvalue()


def test_a_line_that_a_name_forges_is_indented() -> None:
    terminal, stream = written(is_terminal=False)
    terminal.print_lines("Cannot read “x\n✓ all is well”.")
    assert stream.getvalue() == "Cannot read “x\n  ✓ all is well”.\n"


def test_records_of_libraries_are_shown_and_not_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    monkeypatch.setattr(logging, "lastResort", handler)
    keep_logs_visible()
    handler.handle(logging.makeLogRecord({"msg": "model %s\nmore", "args": ("\x1b[31m",)}))
    assert stream.getvalue() == "model \\x1b[31m\nmore\n"
