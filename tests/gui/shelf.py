"""Puts runs on the disk that look as if they had been trained."""

from pathlib import Path

from workbench.recipe import absolute_recipe
from workbench.session.run_database import RunDatabase
from workbench.session.run_folder import RunFolder

VERDICT = {
    "word": "BEATS",
    "sentence": "The distilled student BEATS the same student on hard labels: 47 against 97 errors.",
    "examples": 2000,
    "teacher_errors": 41,
    "baseline_errors": [97],
    "distilled_errors": [47],
    "saved": 50.0,
    "interval": [35.0, 66.0],
    "p_value": 1e-6,
    "test": "McNemar's exact test",
}


def put_run(recipe_file: Path, runs: Path, name: str, *, changes: tuple[str, ...] = (), **facts: object) -> Path:
    """A run that is complete unless `facts` say otherwise; its loss falls from 2."""
    recipe = str(facts.pop("recipe", name))
    folder = RunFolder.create(runs / name, absolute_recipe(recipe_file, changes), recipe=recipe)
    told = {"status": "complete", "step": 20, "total_steps": 20, "examples": 2000, "seconds": 12.0, "seed": 1}
    scores = {"student_errors": 47, "teacher_errors": 41}
    with RunDatabase(folder.database_file) as database:
        database.know(**{**told, **scores, **facts})
        database.add_metrics([(step, 0, step / 5, 2 / step, 1.0, 1.0, 0.05, step * 0.6) for step in range(1, 21)])
    return folder.path
