"""What goes into the bundle: locked wheels with hashes, no parts that are never loaded, the licence of everything."""

import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from script_loading import SCRIPTS, bundle, leaving_out, licences, lock_hashes, model_families, reporting

HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def locked_releases() -> dict[str, int]:
    """Each pinned release of locked-bundle.txt with its marker, and the number of its hashes."""
    text = (SCRIPTS / "locked-bundle.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {line.split(" --hash")[0].strip(): len(HASH.findall(line)) for line in lines}


def test_the_hashes_are_those_of_exactly_the_pinned_releases():
    asked_for = {f"{release}; {marker}" if marker else release for release, marker in lock_hashes.pins()}
    assert set(locked_releases()) == asked_for, "start packaging/lock_hashes.py after a change of the pins"


def test_every_release_has_the_hash_of_a_wheel_on_each_system_it_is_needed_on():
    for release, marker in lock_hashes.pins():
        count = locked_releases()[f"{release}; {marker}" if marker else release]
        systems = [system for system in lock_hashes.PLATFORMS if lock_hashes.is_needed(marker, system)]
        # A wheel for every system has one hash, wheels for each have one each.
        assert count in {1, len(systems)}


def test_a_marker_of_an_unknown_kind_is_refused_instead_of_ignored():
    with pytest.raises(reporting.Refusal, match="platform_machine"):
        lock_hashes.is_needed('platform_machine == "arm64"', "darwin")


@pytest.mark.parametrize(
    "place",
    [
        "torch/lib/libtorch_cpu.so",
        "torch/bin/torch_shm_manager",
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/Qt/plugins/platforms/libqoffscreen.so",
        "PySide6/Qt/plugins/platforms/libqwayland.so",
        "PySide6/Qt/lib/libQt6Svg.so.6",
        "workbench/resources/examples/hinton-mnist/student.toml",
        "licences/index.json",
        "torch-2.13.0+cpu.dist-info/METADATA",
    ],
)
def test_what_the_program_loads_is_kept(place):
    assert leaving_out.is_kept(place)


@pytest.mark.parametrize(
    "place",
    [
        "torch/bin/protoc",
        "torch/include/torch/extension.h",
        "torch\\include\\torch\\extension.h",
        "PySide6/Qt/plugins/platformthemes/libqgtk3.so",
        "PySide6/Qt/lib/libQt6Quick.so.6",
        "numpy/__init__.pyi",
        "libharfbuzz.so.0",
        "libmvec.so.1",
        "libreadline.so.8",
        "torch-2.13.0+cpu.dist-info/licenses/LICENSE",
    ],
)
def test_what_it_never_loads_is_left_out(place):
    assert not leaving_out.is_kept(place)


@pytest.mark.parametrize(
    ("text", "is_kept"),
    [
        ("@torch.jit.script\ndef f(x): ...", True),
        ("install_config_module(sys.modules[__name__])", True),
        ("@torch._jit_internal._overload_method\ndef f(x): ...", True),
        ("def f(x): ...", False),
    ],
)
def test_only_sources_that_are_read_are_kept(tmp_path, text, is_kept):
    file = tmp_path / "module.py"
    file.write_text(text, encoding="utf-8")
    assert leaving_out.is_read_or_no_source("torch", "torch/nn/module.py", str(file)) is is_kept
    assert leaving_out.is_read_or_no_source("torch", "torch/onnx/module.py", str(file))
    assert leaving_out.is_read_or_no_source("torch", "transformers/module.py", str(file))
    assert leaving_out.is_read_or_no_source("torch", "torch/lib/libtorch.so", str(file))


def test_libraries_are_not_started_and_the_program_is(tmp_path):
    for name in ("libx.so", "distillation-workbench", "torch_shm_manager"):
        (tmp_path / name).write_bytes(b"")
        (tmp_path / name).chmod(0o777)
    bundle._set_modes(tmp_path)
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == {"libx.so": 0o644, "distillation-workbench": 0o755, "torch_shm_manager": 0o755}


def test_everybody_can_read_what_a_careful_person_builds(tmp_path):
    (tmp_path / "licences" / "system").mkdir(parents=True)
    (tmp_path / "licences" / "system" / "copyright.txt").write_bytes(b"")
    for path in (tmp_path, *tmp_path.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
    bundle._set_modes(tmp_path)
    modes = {path.stat().st_mode & 0o777 for path in (tmp_path, *tmp_path.rglob("*"))}
    assert modes == {0o755, 0o644}


def test_a_library_under_the_gpl_is_not_put_beside_the_program():
    assert "readline" in leaving_out.MODULES


@pytest.fixture
def system_licences(tmp_path, monkeypatch):
    """A bundle with a library of the system, and what the system says of it."""
    monkeypatch.setattr(licences, "_DOCS", tmp_path / "doc")
    monkeypatch.setattr(licences, "_COMMON_TEXTS", tmp_path / "common")
    for name, text in {
        "doc/libglib2.0-0/copyright": "See /usr/share/common-licenses/LGPL-2.1. Or /usr/share/common-licenses/Lost.",
        "common/LGPL-2.1": "the whole text",
        "bundle/_internal/licences/index.json": "[]",
        "bundle/_internal/libglib-2.0.so.0": "library",
        "system/libglib-2.0.so.0": "library",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / "bundle"


def test_texts_that_every_debian_has_come_along_for_those_who_have_none(system_licences, monkeypatch):
    monkeypatch.setattr(licences, "_packages_of", lambda internal: {"libglib2.0-0": ["libglib-2.0.so.0"]})
    licences.add_system_libraries(system_licences)
    folder = system_licences / "_internal" / "licences"
    (entry,) = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    assert entry["files"] == ["system/libglib2.0-0/copyright.txt", "system/common/LGPL-2.1.txt"]
    assert (folder / entry["files"][1]).read_text(encoding="utf-8") == "the whole text"


def test_a_library_that_only_has_the_name_of_one_of_the_systems_is_not_told_as_that(system_licences, monkeypatch):
    internal, place = system_licences / "_internal", system_licences.parent / "system" / "libglib-2.0.so.0"

    def answer(command, *_args, **_options):
        return f"\tlibglib-2.0.so.0 (libc6,x86-64) => {place}\n"

    monkeypatch.setattr(licences, "run_quietly", answer)
    monkeypatch.setattr(licences.shutil, "which", lambda name: "/bin/sh")
    asked = SimpleNamespace(stdout=f"libglib2.0-0:amd64: {place}\n")
    monkeypatch.setattr(licences.subprocess, "run", lambda *_args, **_options: asked)
    assert licences._packages_of(internal) == {"libglib2.0-0": ["libglib-2.0.so.0"]}
    (internal / "libglib-2.0.so.0").write_text("of somebody else", encoding="utf-8")
    assert licences._packages_of(internal) == {}


@pytest.fixture(scope="module")
def families():
    return model_families.ModelFamilies()


@pytest.mark.parametrize(
    "family", ["llama", "qwen3", "gemma3", "gpt2", "bert", "distilbert", "vit", "resnet", "convnext"]
)
def test_families_that_write_or_classify_are_carried(families, family):
    assert families.has(f"transformers.models.{family}.modeling_{family}")
    assert families.has(f"transformers/models/{family}/modeling_{family}.py")


def test_a_family_that_does_neither_is_known_by_its_config_only(families):
    assert not families.has("transformers.models.detr.modeling_detr")
    assert families.has("transformers.models.detr.configuration_detr")
    assert families.has("transformers.models.detr")


def test_sources_of_generated_files_are_left_out_and_everything_else_of_transformers_stays(families):
    assert not families.has("transformers.models.qwen3.modular_qwen3")
    assert families.has("transformers.modeling_utils")
    assert families.has("transformers.models.auto.modeling_auto")
    assert families.has("torch.nn")


def test_what_a_carried_family_imports_from_another_is_carried_too(families):
    # "auto" names all families and imports them when they are asked for.
    for family in sorted(families.kept - {"auto"}):
        needed = {name for name in families._imported(family) if (families._folder / name).is_dir()}
        assert needed <= families.kept, family


def test_licences_are_gathered_with_texts_names_and_versions(tmp_path):
    licences.gather(Path(sys.executable), tmp_path / "licences")
    index = json.loads((tmp_path / "licences" / "index.json").read_text(encoding="utf-8"))
    by_name = {entry["name"]: entry for entry in index}
    for name in ("Python", "torch", "PySide6_Essentials", "soxr", "transformers", "numpy", "tokenizers"):
        entry = by_name[name]
        assert entry["version"]
        assert entry["files"], f"{name} has no text"
        assert all((tmp_path / "licences" / file).stat().st_size > 100 for file in entry["files"])
    qt = "".join((tmp_path / "licences" / file).read_text("utf-8") for file in by_name["PySide6_Essentials"]["files"])
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in qt
    assert "GNU GENERAL PUBLIC LICENSE" in qt
    assert "pip" not in by_name, "what builds the program is no part of it"


def test_sizes_are_told_by_library_and_count_each_file_once(tmp_path):
    (tmp_path / "_internal" / "numpy").mkdir(parents=True)
    (tmp_path / "_internal" / "numpy.libs").mkdir()
    (tmp_path / "_internal" / "numpy" / "a.so").write_bytes(b"1234")
    (tmp_path / "_internal" / "numpy.libs" / "b.so").write_bytes(b"12")
    (tmp_path / "program").write_bytes(b"1")
    (tmp_path / "_internal" / "again").symlink_to("numpy/a.so")
    assert bundle.sizes(tmp_path) == {"numpy": 6, "program": 1}


def test_a_bundle_that_grew_beyond_its_bound_is_refused_with_its_size(tmp_path, monkeypatch):
    (tmp_path / "program").write_bytes(b"x" * 2 * 2**20)
    monkeypatch.setattr(bundle, "MOST_BYTES", 2**20)
    with pytest.raises(reporting.Refusal, match="has 2 MiB, and may have 1"):
        bundle._hold_to_its_size(tmp_path)
