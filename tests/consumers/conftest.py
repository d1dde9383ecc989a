"""The programs of others as packaging/consumers.py installed them, and exports of the embedded examples for them."""

import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from other_programs import ROOT, Node, Python, installed

from workbench.events import Event, Exported
from workbench.session.reins import Reins
from workbench.session.run_folder import RunFolder
from workbench.session.trials import new_run_of

EXAMPLES = ROOT / "resources" / "examples"


@pytest.fixture(scope="session")
def onnxruntime_alone() -> Python:
    """Only ONNX Runtime and NumPy."""
    return Python(installed("onnxruntime"))


@pytest.fixture(scope="session")
def genai() -> Python:
    """onnxruntime-genai, and what else the README of a language model's export imports."""
    return Python(installed("onnxruntime-genai"))


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Node:
    """Node.js beside transformers.js and onnxruntime-node."""
    packages = installed("node") / "node_modules"
    if shutil.which("node") is None:
        pytest.skip("Node.js is missing; install it (Debian and Ubuntu: sudo apt-get install nodejs npm)")
    folder = tmp_path_factory.mktemp("node")
    try:
        (folder / "node_modules").symlink_to(packages, target_is_directory=True)
    except OSError as problem:
        pytest.skip(f"no link to the packages can be made ({problem}); on Windows, turn on Developer Mode")
    return Node(folder)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Runs and caches lie here, and not at home."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DISTILLATION_WORKBENCH_HOME", str(folder))
        yield folder


def driven(recipe: dict[str, Any], home: Path) -> tuple[RunFolder, list[Event]]:
    """A recipe run to its end, as the command line does."""
    # imported here: it loads torch
    from workbench.session.driving import drive

    folder = new_run_of(tomlkit.dumps(recipe), home / "runs")
    return folder, list(drive(folder, Reins(device="cpu", cache_folder=home / "cache")))


def example(name: str) -> dict[str, Any]:
    """The recipe of an embedded example, its files named from anywhere."""
    path = EXAMPLES / name
    recipe = tomllib.loads(path.read_text(encoding="utf-8"))
    for section in (recipe["data"], *recipe.get("teachers", ())):
        for key, value in section.items():
            if isinstance(value, str) and (path.parent / value).exists():
                section[key] = str(path.parent / value)
    return recipe


@pytest.fixture(scope="session")
def addition_run(home: Path) -> RunFolder:
    """The teacher of additions gone on for two tiny steps, and exported as the run ended."""
    recipe = example("reasoning-addition/teacher.toml")
    recipe["student"] = {"checkpoint": str(EXAMPLES / "reasoning-addition" / "teacher")}
    recipe["data"]["validation_fraction"] = 0.001
    recipe["stages"][0]["inputs"]["batch_size"] = 8
    recipe["stages"][0]["optimisation"] = {"steps": 2, "learning_rate": 1e-6}
    folder, events = driven(recipe, home)
    written = [Path(event.path).name for event in events if isinstance(event, Exported)]
    assert written == ["model.onnx", "model_quantized.onnx"], events[-1]
    return folder


@pytest.fixture(scope="session")
def digits_run(home: Path) -> RunFolder:
    """A student of the digits after 60 steps, and exported as the run ended."""
    recipe = example("hinton-mnist/student.toml")
    recipe["stages"][0]["optimisation"] |= {"steps": 60}
    folder, events = driven(recipe, home)
    written = [Path(event.path).name for event in events if isinstance(event, Exported)]
    assert written == ["student.onnx", "student.int8.onnx"], events[-1]
    return folder
