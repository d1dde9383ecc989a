"""Whether a checkpoint can be one of this run: its progress within the plan, its tensors complete and of its shapes.

A file whose SHA-256 is right passes if it is of this run; those of older versions have no SHA-256.
"""

from collections.abc import Iterator, Mapping, Sequence

import torch
from torch import Tensor, nn

from workbench.engine.classifier import Classifier
from workbench.engine.optimising import make_optimiser
from workbench.engine.run_state import Progress, RunState, optimiser_tensors, trained_names
from workbench.engine.setup import StagePlan
from workbench.errors import WorkbenchError
from workbench.recipe.optimisation import Optimisation

_SHIFT = "logit_shift"
_TRIED = (3, 2)


def refuse_misfit(state: RunState, stages: Sequence[StagePlan], student: nn.Module) -> None:
    """Check a state before any of it is used.

    Args:
        state: From a checkpoint.
        stages: The plan of the run.
        student: The model it is for, as it was before its first step.

    Raises:
        WorkbenchError: The state is none of this run's; the message says what does not fit.
    """
    misfit = next(_progress_misfits(state.progress, stages), "") or next(_tensor_misfits(state, stages, student), "")
    if misfit:
        raise WorkbenchError(f"It does not fit the run: {misfit}.")


def refuse_other_weights(state: RunState, student: nn.Module) -> None:
    """Check the student of a state alone. Raises WorkbenchError."""
    misfit = next(_weight_misfits(_under(state.tensors, "student."), student, "student"), "")
    if misfit:
        raise WorkbenchError(f"It does not fit the run: {misfit}.")


def _progress_misfits(progress: Progress, stages: Sequence[StagePlan]) -> Iterator[str]:
    counts = (progress.step, progress.stage, progress.stage_step, progress.waited)
    if any(type(count) is not int or count < 0 for count in counts) or type(progress.stopped_early) is not bool:
        yield "its progress is not given in whole numbers"
        return
    if progress.stage > len(stages):
        yield f"it is in stage {progress.stage + 1}, and there are {len(stages)}"
        return
    plan = stages[min(progress.stage, len(stages) - 1)]
    if progress.stage_step > plan.steps:
        yield f"it is at step {progress.stage_step:,} of a stage of {plan.steps:,} steps"
    earlier = stages[: min(progress.stage, len(stages) - 1)]
    most = progress.stage_step + sum(stage.steps for stage in earlier)
    # A stage that may stop early has one step at least.
    least = progress.stage_step + sum(1 if _patience(stage) else stage.steps for stage in earlier)
    if not least <= progress.step <= most:
        yield f"step {progress.step:,} is not step {progress.stage_step:,} of stage {progress.stage + 1}"
    if progress.stage == len(stages) and progress.stage_step < plan.steps and not progress.stopped_early:
        yield f"its last stage ends at step {progress.stage_step:,} of {plan.steps:,}"
    yield from _early_stop_misfits(progress, _patience(plan))


def _early_stop_misfits(progress: Progress, patience: int) -> Iterator[str]:
    errors = progress.best_errors
    if errors is not None and (type(errors) is not int or errors < 0 or not patience):
        yield f"its fewest errors so far are given as {errors}"
    if progress.waited > patience or progress.stopped_early != (0 < patience <= progress.waited):
        yield f"{progress.waited} evaluations without improvement do not match an early stop after {patience}"


def _tensor_misfits(state: RunState, stages: Sequence[StagePlan], student: nn.Module) -> Iterator[str]:
    known = ("student.", "best.", "optimiser.")
    strangers = [name for name in state.tensors if not name.startswith(known)]
    if strangers:
        yield f"{strangers[0]} is no tensor of a checkpoint"
    infinite = [name for name, tensor in state.tensors.items() if not bool(torch.isfinite(tensor).all())]
    if infinite:
        yield f"{infinite[0]} holds NaN or infinity"
    yield from _weight_misfits(_under(state.tensors, "student."), student, "student")
    best = _under(state.tensors, "best.")
    if bool(best) != (state.progress.best_errors is not None):
        yield "the best student of the stage is missing, or was not asked for"
    if best:
        yield from _weight_misfits(best, student, "best student")
    last = len(stages) - 1
    if state.progress.stage <= last:
        section = stages[state.progress.stage].stage.optimisation
        yield from _optimiser_misfits(state, section, student)


def _weight_misfits(given: Mapping[str, Tensor], student: nn.Module, subject: str) -> Iterator[str]:
    own = student.state_dict()
    wanted = {name: own[name] for name in trained_names(student)}
    if isinstance(student, Classifier) and _SHIFT in given:
        # Left behind by a stage without some of the classes.
        wanted[_SHIFT] = torch.zeros(len(student.blueprint.classes))
    missing, unknown = wanted.keys() - given.keys(), given.keys() - wanted.keys()
    if missing or unknown:
        names = ", ".join(sorted(missing or unknown)[:3])
        yield f"its {subject} {'lacks' if missing else 'has the unknown'} {names}"
        return
    for name, tensor in given.items():
        if tensor.shape != wanted[name].shape or tensor.dtype != wanted[name].dtype:
            yield f"{name} of its {subject} is {_kind(tensor)} and should be {_kind(wanted[name])}"


def _optimiser_misfits(state: RunState, section: Optimisation, student: nn.Module) -> Iterator[str]:
    memory = _memory(section) if state.progress.stage_step else {}
    given = _under(state.tensors, "optimiser.")
    expected: set[str] = set()
    own = [(name, value) for name, value in student.named_parameters() if value.requires_grad]
    for place, (parameter, value) in enumerate(own):
        names = {f"{place}.{name}": wanted for name, wanted in memory.items()}
        if not names.keys() & given.keys() and _is_untouched(state, parameter, value):
            continue
        expected |= names.keys()
        for name, wanted in names.items():
            shape = value.shape if wanted.shape == _TRIED else wanted.shape
            if name not in given:
                yield f"the optimiser's {name.partition('.')[2]} of {parameter} is missing"
            elif given[name].shape != shape or given[name].dtype != wanted.dtype:
                yield f"the optimiser's {name.partition('.')[2]} of {parameter} is {_kind(given[name])}"
    if given.keys() - expected:
        yield f"optimiser.{min(given.keys() - expected)} belongs to no parameter"


def _is_untouched(state: RunState, name: str, value: Tensor) -> bool:
    """Whether a parameter got no gradient: it is as it was made, and the optimiser remembers nothing of it."""
    kept = state.tensors.get(f"student.{name}")
    return kept is not None and torch.equal(kept, value.detach().cpu())


def _memory(section: Optimisation) -> dict[str, Tensor]:
    """What the optimiser remembers of one parameter, by taking a step."""
    parameter = nn.Parameter(torch.zeros(_TRIED))
    optimiser = make_optimiser(section, nn.ParameterList([parameter]))
    parameter.grad = torch.zeros(_TRIED)
    optimiser.step()
    return _under(optimiser_tensors(optimiser), "optimiser.0.")


def _under(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def _patience(plan: StagePlan) -> int:
    return plan.stage.optimisation.early_stop


def _kind(tensor: Tensor) -> str:
    return f"{str(tensor.dtype).removeprefix('torch.')} {' × '.join(map(str, tensor.shape)) or 'scalar'}"
