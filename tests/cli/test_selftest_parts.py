"""Each part of the self-test passes where all is well, and names what is not."""

import json
import math
import sys
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest

from workbench.cli.selftest import gguf_file, language, libraries, onnx_file, surroundings, training, weights, window
from workbench.cli.selftest.examination import examine
from workbench.errors import WorkbenchError


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a part is given, when it is asked without the others."""
    monkeypatch.setenv("DISTILLATION_WORKBENCH_HOME", str(tmp_path))
    return tmp_path


def test_surroundings_training_and_weights_pass_and_leave_nothing_in_the_persons_folders(tmp_path, monkeypatch):
    monkeypatch.delenv("DISTILLATION_WORKBENCH_HOME", raising=False)
    for name in ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    for name in ("CONFIG", "DATA", "CACHE", "STATE"):
        monkeypatch.delenv(f"XDG_{name}_HOME", raising=False)
    report = examine((surroundings, training, weights))
    assert report["ok"], json.dumps(report, indent=1)
    found = {part["name"]: part["facts"] for part in report["parts"]}
    assert found["surroundings"]["resources"]["examples"] >= 6
    assert found["surroundings"]["components"]["count"] > 20
    assert found["training"]["steps"] == 20
    assert found["training"]["loss_last"] < found["training"]["loss_first"]
    assert {"export/student.onnx", "student/student.safetensors"} <= set(found["training"]["kept"])
    assert found["safetensors"]["parameters"] == 1276810
    assert list(tmp_path.rglob("*")) == []


# -- surroundings


@pytest.mark.parametrize("missing", ["examples", "icons", "families", "fonts"])
def test_resources_that_did_not_come_along_are_named(missing, home, monkeypatch):
    from workbench.session import examples, places

    resources = home / "resources"
    for name, file in {"examples": "hinton-mnist/student.toml", "icons": "ui/a.svg", "families": "a.json"}.items():
        (resources / name / file).parent.mkdir(parents=True)
        (resources / name / file).write_text("")
    (resources / "fonts").mkdir()
    (resources / "fonts" / "a.otf").write_text("")
    for file in [path for path in (resources / missing).rglob("*") if path.is_file()]:
        file.unlink()
    for module in (examples, places):
        monkeypatch.setattr(module, "resources_folder", lambda: resources)
    with pytest.raises(WorkbenchError, match=f"There are no {missing} in "):
        surroundings.check(home)


def test_a_library_without_metadata_is_named(home, monkeypatch):
    monkeypatch.setattr(surroundings, "requires", lambda _: ["torch>=2", "not_there[extra]>=1; python_version>'3'"])
    with pytest.raises(WorkbenchError, match="There is no metadata of not-there"):
        surroundings.check(home)


def test_a_keyring_that_did_not_come_along_is_named(home, monkeypatch):
    monkeypatch.setattr(surroundings, "entry_points", lambda group: ())
    monkeypatch.setattr(surroundings, "_KEYRINGS", {sys.platform: "SecretService"})
    with pytest.raises(WorkbenchError, match="keyring “SecretService” of this system is not known"):
        surroundings.check(home)


@pytest.mark.skipif(sys.platform != "linux", reason="the loader of Linux alone is asked by LD_LIBRARY_PATH")
def test_a_child_that_would_search_the_bundle_first_is_a_failure(home, monkeypatch):
    monkeypatch.setattr(surroundings, "bundle_folder", lambda: home / "_internal")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/usr/local/lib")
    assert surroundings.check(home)["children"]["LD_LIBRARY_PATH"] == "/usr/local/lib"
    monkeypatch.setenv("LD_LIBRARY_PATH", f"{home / '_internal'}:/usr/local/lib")
    with pytest.raises(WorkbenchError, match=r"search for libraries in .*_internal, by LD_LIBRARY_PATH"):
        surroundings.check(home)


# -- libraries


def test_every_library_does_something(home):
    facts = libraries.check(home)
    assert facts.keys() == libraries.TRIES.keys()
    assert facts["transformers"].endswith(": llama, bert, vit, resnet")


def test_every_library_that_failed_is_named_not_the_first_alone(home, monkeypatch):
    def lacking(_: Path) -> str:
        raise ModuleNotFoundError("No module named 'sub'")

    def leaving(_: Path) -> str:
        raise SystemExit(3)

    monkeypatch.setattr(libraries, "TRIES", {"one": lacking, "two": lambda _: "well", "three": leaving})
    with pytest.raises(WorkbenchError, match="2 of 3 libraries failed") as caught:
        libraries.check(home)
    assert caught.value.title.splitlines()[1:] == [
        "one: ModuleNotFoundError: No module named 'sub'",
        "three: SystemExit: 3",
    ]


# -- training, and what goes on from it


def test_a_run_that_fails_fails_the_part_in_the_runs_own_words(home, monkeypatch):
    text = training.short_recipe().replace("teacher.safetensors", "gone.safetensors")
    monkeypatch.setattr(training, "short_recipe", lambda: text)
    with pytest.raises(WorkbenchError, match=r"gone\.safetensors"):
        training.check(home)


@pytest.mark.parametrize(
    ("losses", "words"), [([1.0] * 20, "does not fall"), ([math.nan] * 20, "no number"), ([], "0 steps")]
)
def test_a_loss_that_does_not_fall_fails_the_part(losses, words, home, monkeypatch):
    from workbench.session.metric_log import MetricLog

    monkeypatch.setattr(training, "driven", lambda run, reins: [])
    monkeypatch.setattr(MetricLog, "column", lambda self, name: np.array(losses))
    with pytest.raises(WorkbenchError, match=words):
        training.check(home)


@pytest.mark.parametrize("part", [weights, onnx_file])
def test_parts_without_a_student_point_to_the_part_that_makes_it(part, home):
    with pytest.raises(WorkbenchError, match="See why the part “training” failed"):
        part.check(home)


def test_weights_that_come_back_otherwise_and_onnx_files_that_answer_otherwise_are_failures(home, monkeypatch):
    from workbench.engine import checkpoints

    training.check(home)
    to_bytes, asked = checkpoints.to_bytes, onnx_file._asked

    def nudged(student):
        student = checkpoints.load(training.trained(home).student_file)
        next(student.parameters()).data[0, 0] += 1e-7
        return to_bytes(student)

    monkeypatch.setattr(checkpoints, "to_bytes", nudged)
    with pytest.raises(WorkbenchError, match="came back otherwise"):
        weights.check(home)
    facts = onnx_file.check(home)
    assert {"student.onnx", "student.int8.onnx"} <= facts["files"].keys()
    assert facts["max_difference"] < 1e-4
    monkeypatch.setattr(onnx_file, "_asked", lambda path, inputs: asked(path, inputs) + 0.001)
    with pytest.raises(WorkbenchError, match=r"student\.onnx answers up to 0\.001 away"):
        onnx_file.check(home)
    monkeypatch.setattr(
        onnx_file, "_asked", lambda path, inputs: asked(path, inputs) * (-1 if "int8" in path.name else 1)
    )
    with pytest.raises(WorkbenchError, match=r"student\.int8\.onnx agrees with the student on 0% only"):
        onnx_file.check(home)


# -- language


@pytest.mark.slow
def test_a_graph_that_goes_on_otherwise_and_a_teacher_that_adds_wrongly_are_failures(home, monkeypatch):
    decoded = language._decoded
    monkeypatch.setattr(language, "_distilled", lambda examples, folder: {})
    monkeypatch.setattr(language, "_decoded", lambda path, prompt, most: [*decoded(path, prompt, most)[:-1], 0])
    with pytest.raises(WorkbenchError, match=r"model\.onnx goes on from “.*”, and the model with “<think>"):
        language.check(home)
    monkeypatch.setattr(language, "_sampled", lambda model, chat, prompts: ["<think></think>1"] * len(prompts))
    with pytest.raises(WorkbenchError, match="adds 0 of 16 pairs rightly"):
        language.check(home)


# -- gguf


def test_the_gguf_file_written_here_is_read_and_its_weights_are_compared(home, monkeypatch):
    facts = gguf_file.check(home)
    assert facts["format"] == "GGUF file (Q8_0)"
    assert facts["logits"] == [1, 3, 97]
    write = gguf_file._write
    monkeypatch.setattr(gguf_file, "_write", lambda path: write(path) + 0.1)
    with pytest.raises(WorkbenchError, match=r"Weights came back from tiny\.gguf up to"):
        gguf_file.check(home)


# -- window


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a display")
def test_without_a_display_the_window_part_says_what_would_help(home, monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(WorkbenchError, match="QT_QPA_PLATFORM=offscreen"):
        window.OpenedWindow().check(home)


@pytest.mark.skipif(sys.platform != "linux", reason="there is an X server on Linux alone")
def test_a_library_that_the_x_server_needs_is_named_before_qt_ends_the_process(monkeypatch):
    def missing(_: str) -> None:
        raise OSError("libxcb-cursor.so.0: cannot open shared object file")

    monkeypatch.setattr(window.ctypes, "CDLL", missing)
    monkeypatch.setenv("DISPLAY", ":9")
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    window._load_platform()
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    with pytest.raises(WorkbenchError, match=r"libxcb-cursor\.so\.0.*\n.*libxcb-cursor0"):
        window._load_platform()


@pytest.mark.skipif(sys.platform != "linux", reason="there is an X server on Linux alone")
def test_an_x_server_that_is_gone_is_named_before_qt_ends_the_process(monkeypatch):
    xcb = Mock()
    xcb.xcb_connect.return_value = 1
    monkeypatch.setattr(window.ctypes, "CDLL", lambda _: xcb)
    monkeypatch.setenv("DISPLAY", ":9")
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    xcb.xcb_connection_has_error.return_value = 0
    window._load_platform()
    xcb.xcb_connection_has_error.return_value = 1
    with pytest.raises(WorkbenchError, match=r"No X server answers at :9.*\n.*xvfb-run"):
        window._load_platform()
