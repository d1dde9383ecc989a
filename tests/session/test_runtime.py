"""What the program runs on, in words."""

from importlib.metadata import PackageNotFoundError, version

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
    assert facts.torch_threads == torch.get_num_threads()
    assert any(words.startswith("CPU") for words in facts.devices)
    assert len(set(facts.devices)) == len(facts.devices)


def test_components_hold_what_dependencies_need_in_turn_and_no_optional_extras() -> None:
    found = {component.name.lower(): component for component in runtime.components()}
    for name in ("torch", "sympy", "pydantic_core", "rich", "python", "inter (font)"):
        assert found[name].licence
    assert "pytest" not in found
    assert all("\n" not in component.licence and len(component.licence) <= 120 for component in found.values())


def test_there_are_processors_and_memory() -> None:
    total, free = runtime.memory_bytes()
    assert 0 < free <= total
    assert runtime.processors() >= 1
