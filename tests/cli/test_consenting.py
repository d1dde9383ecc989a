"""The command `trust`: a file that can run code is shown, asked about, remembered and forgotten again."""

import json
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from workbench import consents
from workbench.cli.commands import app


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Python file, and consents of the test's own."""
    monkeypatch.setenv("DISTILLATION_WORKBENCH_HOME", str(tmp_path / "home"))
    (tmp_path / "net.py").write_text("x = 1\n")
    return tmp_path / "net.py"


def trust(*words: object, answer: str = "") -> tuple[int, str]:
    """The exit code and all that was written."""
    done = CliRunner().invoke(app, ["trust", *map(str, words)], input=answer)
    return done.exit_code, done.output


def test_a_file_is_shown_with_size_and_digest_and_agreed_to_on_yes(code: Path) -> None:
    assert trust(code, answer="y\n")[0] == 0
    assert consents.consents() == {consents.digest_of(code): str(code)}


@pytest.mark.parametrize("answer", ["n\n", "\n", ""])
def test_anything_but_yes_is_no_consent(code: Path, answer: str) -> None:
    assert trust(code, answer=answer)[0] != 0
    assert consents.consents() == {}


def test_yes_on_the_command_line_asks_nothing(code: Path) -> None:
    assert trust("--yes", code)[0] == 0
    assert consents.is_agreed(consents.digest_of(code))


def test_a_consent_is_withdrawn_by_its_digest(code: Path) -> None:
    trust("--yes", code)
    digest = consents.digest_of(code)
    assert trust("--withdraw", digest)[0] == 0
    assert not consents.is_agreed(digest)
    assert trust("--withdraw", digest)[0] == 2


def test_the_list_is_an_object_a_line_for_machines(code: Path) -> None:
    trust("--yes", code)
    _, output = trust("--list", "--json")
    assert json.loads(output.splitlines()[-1]) == {"digest": consents.digest_of(code), "name": str(code)}


def test_what_runs_no_code_cannot_be_agreed_to(code: Path) -> None:
    torch.save({"0.weight": torch.zeros(3, 4), "0.bias": torch.zeros(3)}, code.parent / "bare.pt")
    assert trust("--yes", code.parent / "bare.pt")[0] == 2
    assert consents.consents() == {}


@pytest.mark.parametrize("words", [(), ("absent.py",)])
def test_nothing_named_and_a_file_that_is_not_there_are_refused(code: Path, words: tuple[str, ...]) -> None:
    assert trust(*words)[0] == 2
