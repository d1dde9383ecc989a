"""The student as ONNX files, in float32 and int8, asked as another program would ask them: with numpy alone."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.cli.selftest import training
from workbench.cli.selftest.part import Facts, demand

if TYPE_CHECKING:
    from numpy.typing import NDArray

NAME = "onnx"

_ASKED = 64
_CLOSE = 1e-4
_LEAST_AGREEMENT = 0.9


def check(folder: Path) -> Facts:
    """Export, and ask. Raises WorkbenchError where a file answers otherwise than the student."""
    import numpy as np
    import torch

    from workbench.engine import checkpoints
    from workbench.events import Exported
    from workbench.recipe.export import Export
    from workbench.session.exporting_again import export_run

    run, target = training.trained(folder), folder / "export"
    exported = [event for event in export_run(run, Export(), target) if isinstance(event, Exported)]
    names = [Path(event.path).name for event in exported]
    demand(len(exported) == 2, f"An export in float32 and one in int8 were expected, and there is {names}.")
    student = checkpoints.load(run.student_file)
    inputs_BX = np.random.default_rng(0).random((_ASKED, *student.blueprint.input_shape), dtype=np.float32)
    with torch.inference_mode():
        wanted_BC = student(torch.from_numpy(inputs_BX)).numpy()
    float_BC, int8_BC = (_asked(Path(event.path), inputs_BX) for event in exported)
    away = float(np.abs(float_BC - wanted_BC).max())
    demand(away <= _CLOSE, f"{names[0]} answers up to {away:.2g} away from the student; {_CLOSE:g} is the most.")
    agreement = float((int8_BC.argmax(1) == wanted_BC.argmax(1)).mean())
    demand(agreement >= _LEAST_AGREEMENT, f"{names[1]} agrees with the student on {agreement:.0%} only.")
    return {
        "files": {path.name: path.stat().st_size for path in sorted(target.iterdir()) if path.is_file()},
        "max_difference": away,
        "int8_agreement": agreement,
        "held_out": {
            name: {fact: event.parity[fact] for fact in ("examples", "agreement", "max_logit_difference", "opset")}
            for name, event in zip(names, exported, strict=True)
        },
    }


def _asked(path: Path, inputs_BX: "NDArray[Any]") -> "NDArray[Any]":
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (given,) = session.get_inputs()
    answers: NDArray[Any] = session.run(None, {given.name: inputs_BX})[0]
    return answers
