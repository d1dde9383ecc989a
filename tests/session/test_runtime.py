"""What the program runs on, in words."""

import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import onnxruntime
import pytest
import torch

from workbench import __version__
from workbench.session import runtime


def test_versions_name_the_program_python_the_system_and_the_libraries() -> None:
    found = runtime.versions()
    assert found["Distillation Workbench"] == __version__
    assert found["Python"].startswith("3.")
    assert found["torch"] == version("torch")
    assert f"torch {version('torch')}" in runtime.versions_text().splitlines()


def test_a_library_without_metadata_is_named_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(runtime, "version", missing)
    runtime.versions.cache_clear()
    try:
        assert runtime.versions()["torch"] == "not found"
    finally:
        runtime.versions.cache_clear()


def test_facts_are_those_of_the_loaded_libraries() -> None:
    facts = runtime.runtime_facts()
    assert facts.torch == torch.__version__
    assert facts.onnxruntime == onnxruntime.__version__
    assert facts.circumstances == runtime.circumstances()
    assert facts.torch_threads == torch.get_num_threads()
    assert any(words.startswith("CPU") for words in facts.devices)
    assert len(set(facts.devices)) == len(facts.devices)


def test_circumstances_are_those_of_this_process() -> None:
    found = runtime.circumstances()
    assert found.torch == torch.__version__
    assert found.used in ("cpu", "cuda", "mps")
    assert found.threads == torch.get_num_threads()
    assert found.python == sys.executable
    assert not found.is_packaged


@pytest.mark.parametrize(("kept", "is_hidden"), [(None, False), ("0", False), ("", True), ("-1", True)])
def test_a_variable_that_hides_every_gpu_is_seen(
    kept: str | None, monkeypatch: pytest.MonkeyPatch, *, is_hidden: bool
) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if kept is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", kept)
    assert runtime.circumstances().is_hidden is is_hidden


def test_a_packaged_program_knows_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert runtime.circumstances().is_packaged


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A computer without a GPU; the folder is where the driver and the bus would be."""
    monkeypatch.setattr(runtime, "_DRIVER", tmp_path / "driver")
    monkeypatch.setattr(runtime, "_PCI", tmp_path / "bus")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    (tmp_path / "bin").mkdir()
    return tmp_path


def test_a_computer_without_an_nvidia_gpu_has_none(bare: Path) -> None:
    assert runtime.nvidia_gpu() == ("", False)


def test_the_gpu_s_name_is_read_from_its_driver_on_linux(bare: Path) -> None:
    place = bare / "driver" / "gpus" / "0000:01:00.0"
    place.mkdir(parents=True)
    (place / "information").write_text("Model: \t\t NVIDIA GeForce RTX 4090\nIRQ:   \t\t 93\n")
    assert runtime.nvidia_gpu() == ("NVIDIA GeForce RTX 4090", True)


@pytest.mark.parametrize(("kind", "name"), [("0x030000", "NVIDIA GPU"), ("0x040300", "")])
def test_a_card_without_a_driver_is_seen_on_the_bus_and_its_sound_is_no_gpu(bare: Path, kind: str, name: str) -> None:
    card = bare / "bus" / "0000:01:00.0"
    card.mkdir(parents=True)
    (card / "vendor").write_text("0x10de\n")
    (card / "class").write_text(f"{kind}\n")
    assert runtime.nvidia_gpu() == (name, False)


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands in for NVIDIA's tool; run it on Linux")
@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("echo 'NVIDIA A10'; echo 'NVIDIA A10'", ("NVIDIA A10", True)),
        ("echo 'NVIDIA-SMI has failed'; exit 9", ("", False)),
        ("exit 0", ("", False)),
    ],
)
def test_where_the_driver_keeps_no_files_its_tool_is_asked(bare: Path, script: str, told: tuple[str, bool]) -> None:
    tool = bare / "bin" / "nvidia-smi"
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o755)
    assert runtime.nvidia_gpu() == told


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands in for NVIDIA's tool; run it on Linux")
def test_a_tool_that_never_answers_is_not_waited_for(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "_SMI_SECONDS", 0.2)
    tool = bare / "bin" / "nvidia-smi"
    tool.write_text("#!/bin/sh\nexec /bin/sleep 30\n")
    tool.chmod(0o755)
    assert runtime.nvidia_gpu() == ("", False)


def test_there_are_processors_and_memory() -> None:
    total, free = runtime.memory_bytes()
    assert 0 < free <= total
    assert runtime.processors() >= 1
