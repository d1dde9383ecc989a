"""The student's weights through a file of safetensors and back, bit by bit."""

from pathlib import Path

from workbench.cli.selftest import training
from workbench.cli.selftest.part import Facts, demand

NAME = "safetensors"


def check(folder: Path) -> Facts:
    """Write and read. Raises WorkbenchError where a single bit differs."""
    import torch
    from safetensors.torch import load_file

    from workbench.engine import checkpoints

    run = training.trained(folder)
    student = checkpoints.load(run.student_file)
    copy = folder / "copy.safetensors"
    copy.write_bytes(checkpoints.to_bytes(student))
    again = checkpoints.load(copy).state_dict()
    plain = load_file(copy)
    for name, tensor in student.state_dict().items():
        for others in (again, plain):
            demand(name in others and torch.equal(tensor, others[name]), f"“{name}” came back otherwise from {copy}.")
    return {
        "tensors": len(plain),
        "parameters": sum(each.numel() for each in plain.values()),
        "bytes": copy.stat().st_size,
    }
