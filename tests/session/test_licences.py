"""Whose work the program uses: from the list in a package, else from what Python has installed."""

import json
import sys
from pathlib import Path

import pytest

from workbench.session import licences
from workbench.session.licences import Component, components, licence_text, package_folder


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """As in a packaged program."""
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    (tmp_path / "licences" / "soxr").mkdir(parents=True)
    return tmp_path


def test_components_hold_what_dependencies_need_in_turn_and_no_optional_extras() -> None:
    found = {component.name.lower(): component for component in components()}
    for name in ("torch", "sympy", "pydantic_core", "rich", "python", "inter (font)"):
        assert found[name].licence
    assert "pytest" not in found
    assert all("\n" not in component.licence and len(component.licence) <= 120 for component in found.values())


def test_the_texts_of_installed_packages_and_of_the_font_are_found_and_can_be_read() -> None:
    found = {component.name.lower(): component for component in components()}
    assert "Permission is hereby granted" in licence_text(found["rich"])
    assert "SIL OPEN FONT LICENSE" in licence_text(found["inter (font)"])
    assert "Permission is hereby granted" in licence_text(found["onnxruntime"])
    assert len(licence_text(found["torch"])) > 100_000


def test_several_texts_are_told_apart_by_the_names_of_their_files(tmp_path: Path) -> None:
    (tmp_path / "deeper").mkdir()
    files = (tmp_path / "LICENSE", tmp_path / "deeper" / "COPYING")
    for place, path in enumerate(files):
        path.write_text(f"text {place}")
    text = licence_text(Component("a", "1", "MIT", files))
    assert "—— LICENSE ——\n\ntext 0" in text
    assert "COPYING ——\n\ntext 1" in text


def test_a_missing_text_is_told_with_the_licence_and_the_page_it_names() -> None:
    text = licence_text(Component("soxr", "1", "LGPL-2.1", page="https://example.org"))
    assert "No licence text came with soxr here" in text
    assert "LGPL-2.1" in text
    assert "https://example.org" in text


def test_a_text_that_cannot_be_read_is_told_in_its_place(tmp_path: Path) -> None:
    text = licence_text(Component("soxr", "1", "LGPL-2.1", (tmp_path / "gone",)))
    assert f"{tmp_path / 'gone'} cannot be read" in text


def test_a_package_lists_what_was_written_while_it_was_packed(bundle: Path) -> None:
    (bundle / "licences" / "soxr" / "COPYING").write_text("GNU LESSER")
    entries = [
        {"name": "soxr", "version": "1.1.0", "licence": "LGPL-2.1-or-later", "files": ["soxr/COPYING"]},
        {"name": "distillation-workbench", "version": "0.1.0", "licence": "MIT", "files": []},
        {"name": "libgomp1 (libgomp.so.1)", "version": "12", "licence": "see its text", "files": []},
    ]
    (bundle / "licences" / "index.json").write_text(json.dumps(entries))
    found = {component.name: component for component in components()}
    assert licence_text(found["soxr"]) == "GNU LESSER\n"
    assert found["libgomp1 (libgomp.so.1)"].version == "12"
    assert not {"rich", "distillation-workbench"} & set(found)
    assert found["Inter (font)"].licence == "OFL-1.1"


@pytest.mark.parametrize("content", ["", "{", "[1]", '[{"version": "1"}]', '{"a": 1}', "null"])
def test_a_package_whose_list_is_broken_still_names_what_python_knows(bundle: Path, content: str) -> None:
    (bundle / "licences" / "index.json").write_text(content)
    assert "rich" in {component.name for component in components()}


def test_the_folder_of_replaceable_libraries_is_the_package_s_own_and_else_python_s(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert package_folder() == bundle
    monkeypatch.delattr(sys, "_MEIPASS")
    assert (package_folder() / "PySide6").is_dir()


def test_a_component_that_is_no_package_has_a_version_and_a_page() -> None:
    python = next(component for component in licences.components() if component.name == "Python")
    assert python.version.startswith("3.")
    assert python.page == "https://www.python.org"
