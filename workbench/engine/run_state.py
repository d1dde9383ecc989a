"""All that a run needs to go on bit for bit: plain values and tensors, in and out of one safetensors file."""

import io
import json
from dataclasses import asdict, dataclass, field

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from workbench.engine import checksums
from workbench.engine.alarms import AlarmState
from workbench.engine.classifier import Classifier
from workbench.errors import WorkbenchError
from workbench.events import ControlValues

_KEY = "distillation_workbench.run_state"


@dataclass
class Progress:
    """Where a run stands.

    Attributes:
        step: Optimiser steps finished, over all stages.
        stage: The stage in progress.
        stage_step: Steps finished within it.
        controls: The values in force at the last step.
        best_errors: Fewest held-out errors in this stage so far, where early stop watches them.
        waited: Evaluations since then.
        stopped_early: Whether this stage has run out of patience.
        alarms: What the checks of the loss and of the evaluations remember.
    """

    step: int = 0
    stage: int = 0
    stage_step: int = 0
    controls: ControlValues = field(default_factory=ControlValues)
    best_errors: int | None = None
    waited: int = 0
    stopped_early: bool = False
    alarms: AlarmState = field(default_factory=AlarmState)


@dataclass(frozen=True)
class RunState:
    """A run at a step boundary; tensor names begin with student, best or optimiser."""

    progress: Progress
    tensors: dict[str, Tensor]

    def to_bytes(self) -> bytes:
        """One safetensors file.

        Raises:
            WorkbenchError: A weight is NaN or infinite: such a state must never replace a good checkpoint.
        """
        broken = [name for name, tensor in self.tensors.items() if not bool(torch.isfinite(tensor).all())]
        if broken:
            raise WorkbenchError(
                f"After step {self.progress.step} {len(broken)} of {len(self.tensors)} tensors hold NaN or infinity, "
                f"the first is {broken[0]}.",
                "Lower the learning rate or set clip_norm, then resume.",
            )
        return checksums.seal(save(self.tensors, metadata={_KEY: checksums.reserve(asdict(self.progress))}))


def from_bytes(raw: bytes, name: str) -> RunState:
    """A state as `to_bytes` wrote it.

    Raises:
        WorkbenchError: The bytes are broken, or not those that were written.
    """
    try:
        checksums.verify(io.BytesIO(raw), name)
        length = int.from_bytes(raw[:8], "little")
        values = checksums.record_of(json.loads(raw[8 : 8 + length])["__metadata__"][_KEY])
        tensors = load(raw)
        controls = values.pop("controls")
        probe = controls.pop("probe")
        controls = ControlValues(**controls, probe=None if probe is None else tuple(probe))
        alarms = AlarmState.of(values.pop("alarms", {}))
        return RunState(Progress(**values, controls=controls, alarms=alarms), tensors)
    except (SafetensorError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise WorkbenchError(f"{name} is not a checkpoint of a run: {error}.") from None


def optimiser_tensors(optimiser: torch.optim.Optimizer) -> dict[str, Tensor]:
    """The optimiser's memory, such as momentum, as named tensors; learning rates are not part of it."""
    return {
        f"optimiser.{place}.{name}": value
        for place, entry in optimiser.state_dict()["state"].items()
        for name, value in entry.items()
        if isinstance(value, Tensor)
    }


def restore_optimiser(optimiser: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    """Give an optimiser back its memory."""
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        prefix, _, rest = key.partition(".")
        if prefix == "optimiser":
            place, _, name = rest.partition(".")
            # A copy of its own, aligned as any other tensor: views into a file's buffer may round differently.
            state.setdefault(int(place), {})[name] = value.clone()
    optimiser.load_state_dict({"state": state, "param_groups": optimiser.state_dict()["param_groups"]})


def model_tensors(model: nn.Module, prefix: str) -> dict[str, Tensor]:
    """A model's weights under a prefix, copied off the device; without those that stay as they were made."""
    state = model.state_dict()
    return {f"{prefix}.{name}": state[name].detach().cpu().clone() for name in trained_names(model)}


def restore_model(model: nn.Module, tensors: dict[str, Tensor], prefix: str) -> None:
    """Give a model back its weights."""
    start = f"{prefix}."
    own = {name.removeprefix(start): value for name, value in tensors.items() if name.startswith(start)}
    if not isinstance(model, Classifier):
        missing = [name for name in trained_names(model) if name not in own]
        unexpected = model.load_state_dict(own, strict=False).unexpected_keys
        if missing or unexpected:
            raise WorkbenchError(
                f"The checkpoint is of another student: it lacks {len(missing)} of its tensors and has "
                f"{len(unexpected)} that it does not know.",
                "Put back the files the run began with, or start a new run.",
            )
        return
    # A shift that an earlier stage left behind: the new model has no place for it yet.
    shift = own.pop("logit_shift", None)
    model.load_state_dict(own, strict=model.logit_shift is None)
    model.logit_shift = None if shift is None else shift.clone().to(next(model.parameters()).device)


def trained_names(model: nn.Module) -> list[str]:
    """Names in the state dict of all that may change: no frozen weights, and shared ones once."""
    frozen = {name for name, value in model.named_parameters(remove_duplicate=False) if not value.requires_grad}
    # Adapters on a large model leave nearly all of it as it was, and embeddings are often the head as well.
    names: dict[object, str] = {}
    for name, value in model.state_dict(keep_vars=True).items():
        if name not in frozen:
            names.setdefault(id(value), name)
    return list(names.values())
