"""What speaks against training a recipe, found out before: do data, models and memory fit?"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import ConsentNeededError, WorkbenchError
from workbench.events import Finding
from workbench.recipe import Recipe
from workbench.session.jobs import Job
from workbench.session.places import cache_folder
from workbench.session.reading import one_reader

if TYPE_CHECKING:
    from workbench.engine.data import Dataset


@dataclass(frozen=True)
class Preflight:
    """What was found.

    Attributes:
        findings: In the order of the work; it ends with the first that refuses.
        consent: What a person must agree to before anything else can be said; None where nothing asks for it.
    """

    findings: tuple[Finding, ...]
    consent: ConsentNeededError | None = None

    @property
    def refusal(self) -> str:
        """Why the recipe cannot be trained; empty where it can."""
        return next((finding.title for finding in self.findings if finding.level == "refusal"), "")


def look_ahead(job: Job[Any], recipe: Recipe, folder: Path) -> Preflight:
    """Read the data, load the models and see whether all of it fits; nothing is trained or kept.

    Args:
        job: Told how far it is; ends the work when it is no longer wanted.
        recipe: What would be trained.
        folder: What file names in it count from.
    """
    findings: list[Finding] = []
    try:
        findings += _temperatures(recipe)
        for found in _looks(job, recipe, folder):
            findings += found
            if any(finding.level == "refusal" for finding in found):
                break
    except WorkbenchError as error:
        findings.append(Finding(level="refusal", title=error.title, fix=error.hint))
        return Preflight(tuple(findings), error if isinstance(error, ConsentNeededError) else None)
    return Preflight(tuple(findings))


def _temperatures(recipe: Recipe) -> tuple[Finding, ...]:
    from workbench.engine.alarms import temperature_findings

    return temperature_findings(recipe.stages)


def _looks(job: Job[Any], recipe: Recipe, folder: Path) -> Iterator[tuple[Finding, ...]]:
    """One look after another, each only when the one before has refused nothing."""
    looks = _text_looks if recipe.writes_text else _class_looks
    yield from looks(job, recipe, folder)


def _text_looks(job: Job[Any], recipe: Recipe, folder: Path) -> Iterator[tuple[Finding, ...]]:
    from workbench.engine.devices import pick_device
    from workbench.engine.language.preparing import look_at_language

    def pulse(words: str) -> None:
        job.say(f"{words}…")

    yield from look_at_language(recipe, folder, pick_device("auto"), pulse)


def _class_looks(job: Job[Any], recipe: Recipe, folder: Path) -> Iterator[tuple[Finding, ...]]:
    from workbench.engine.devices import pick_device
    from workbench.engine.loading import load_teachers, make_student
    from workbench.engine.pairing import look_at_checkpoints, look_at_data, look_at_disk, look_at_memory, look_at_models

    dataset = _read(job, recipe, folder)
    yield look_at_data(dataset, recipe.monitoring.probe, recipe.stages)
    job.say("Loading the models…")
    teachers = load_teachers(recipe, folder, dataset.training)
    job.say("Loading the models…")
    student = make_student(recipe, dataset, folder, teachers)
    models = [student, *(teachers.models if teachers else [])]
    yield look_at_checkpoints(recipe, folder, dataset)
    yield look_at_models(dataset, student, models[1:])
    job.say("Measuring…")
    yield look_at_memory(recipe, dataset, models, pick_device("auto"))
    yield look_at_disk(dataset, len(models) - 1, cache_folder())


def _read(job: Job[Any], recipe: Recipe, folder: Path) -> "Dataset":
    from workbench.engine.loading import read_recipe_data

    def pulse(words: str) -> None:
        job.say(f"{words}…")

    with one_reader(pulse):
        return read_recipe_data(recipe, folder, cache_folder(), pulse)
