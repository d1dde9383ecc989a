"""Short jobs that train nothing: check a recipe, evaluate a checkpoint."""

from pathlib import Path

import torch

from workbench.engine import checkpoints
from workbench.engine.alarms import teacher_findings
from workbench.engine.data import Dataset
from workbench.engine.data.by_content import held_out_examples
from workbench.engine.evaluating import HeldOut, evaluate, logits_of
from workbench.engine.mapped import on_device
from workbench.engine.pairing import look_at_models, refuse_if_needed
from workbench.engine.preparing import prepare
from workbench.errors import EndpointConsentNeededError
from workbench.events import Evaluated, Finding
from workbench.recipe import Recipe


def check_recipe(recipe: Recipe, folder: Path, device: torch.device, cache_folder: Path) -> tuple[Finding, ...]:
    """Preflight and self-checks of a recipe; no teacher is asked to write for it, and nothing is sent anywhere.

    Raises:
        WorkbenchError: Something cannot be read; or preflight refuses a recipe of a classifier.
    """
    if recipe.writes_text:
        from workbench.engine.language.preparing import look_at_language

        # Its promises are checked when a run begins, on the text that is there then.
        findings: list[Finding] = []
        try:
            for found in look_at_language(recipe, folder, device):
                findings += found
        except EndpointConsentNeededError as error:
            # Listed with all other endpoints, of which some may be agreed to.
            findings.append(Finding(level="refusal", title=error.title, fix=error.hint))
        return tuple(findings)
    setup = prepare(recipe, folder, device, cache_folder)
    task = setup.task
    scores = [event for event in task.judge_teacher() if isinstance(event, Evaluated)]
    at_chance = tuple(finding for score in scores for finding in teacher_findings(score, task.uniform_loss))
    return setup.findings + setup.self_check() + at_chance


def evaluate_checkpoint(
    checkpoint: Path, data: Path, labels: Path | None, teacher: Path | None, device: torch.device
) -> Evaluated:
    """Score a model on a data file, or on the held-out set of a recipe.

    Raises:
        WorkbenchError: A file cannot be used, or model and data do not fit.
    """
    model = checkpoints.load(checkpoint)
    other = checkpoints.load(teacher) if teacher else None
    known = model.blueprint
    examples = held_out_examples(data, labels, known.classes, known.input_shape, known.traits)
    refuse_if_needed(look_at_models(Dataset(examples, examples), model, [other] if other else []))
    inputs_NX = on_device(examples.inputs_NX, device)
    teacher_NC = logits_of(other.to(device), inputs_NX) if other else None
    held_out = HeldOut(inputs_NX, examples.labels_N.to(device), teacher_NC)
    return evaluate(logits_of(model.to(device), inputs_NX), held_out, step=0, subject=str(checkpoint))
