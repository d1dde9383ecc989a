"""A run on the screen: its folder, what its trainings said, and the thread that trains it where one does."""

from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.events import CheckpointSaved, Evaluated, Event, Finished, Judged, Prepared, StageStarted
from workbench.recipe import Recipe
from workbench.session.history import History
from workbench.session.run import Run
from workbench.session.run_folder import FINISHED, RunFolder
from workbench.session.trials import Trial


class WatchedRun:
    """What panels read; the window's thread alone changes it.

    Attributes:
        folder: Its files.
        histories: The run's own training first, then its baseline and other seeds as they come.
        run: The thread that trains it; None once it has ended, or where it was opened from disk.
        recipe: What was asked for; None where its file is damaged.
    """

    def __init__(self, folder: RunFolder, histories: list[History], run: Run | None = None) -> None:
        self.folder = folder
        self.histories = histories
        self.run = run
        self.recipe: Recipe | None = None
        # A damaged run may not know of its student.
        self._has_student_file = folder.student_file.is_file()
        self._recipe_damage: tuple[str, ...] = ()
        try:
            self.recipe = folder.recipe
        except WorkbenchError as error:
            self._recipe_damage = (f"{folder.recipe_file} cannot be read. {error.title}",)

    @property
    def path(self) -> Path:
        """Its folder."""
        return self.folder.path

    @property
    def damage(self) -> tuple[str, ...]:
        """What of its folder cannot be read, a sentence each."""
        return (*self._recipe_damage, *(problem for history in self.histories for problem in history.damage))

    @property
    def writes_text(self) -> bool:
        """Whether its student is known to be a language model."""
        return self.recipe is not None and self.recipe.writes_text

    @property
    def probe_every(self) -> int:
        """So many steps lie between two looks at the watched examples; 0 where the recipe is damaged."""
        return 0 if self.recipe is None else self.recipe.monitoring.probe_every

    @property
    def own(self) -> History:
        """The run's own training."""
        return self.histories[0]

    @property
    def baseline(self) -> History | None:
        """The first training on hard labels, None before there is one."""
        return next((history for history in self.histories if history.is_baseline), None)

    @property
    def current(self) -> History:
        """The training that goes on, or went on last."""
        trial = self.run.trial if self.run is not None else None
        return self.own if trial is None else self.history_of(trial)

    @property
    def rows(self) -> int:
        """How many steps are logged, over all trainings."""
        return sum(len(history.log) for history in self.histories)

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names in label order; empty before the run is prepared."""
        prepared = self.own.latest(Prepared)
        return prepared.classes if prepared else ()

    @property
    def prepared(self) -> Prepared | None:
        """What preparing found out."""
        return self.own.latest(Prepared)

    @property
    def stage(self) -> StageStarted | None:
        """The stage that goes on, or went on last."""
        return self.own.latest(StageStarted)

    @property
    def is_learning(self) -> bool:
        """Whether the run's own student is learning; its baseline and other seeds come after it."""
        return self.run is not None and not self.own.has_ended

    @property
    def is_finished(self) -> bool:
        """Whether there is a finished student."""
        finished = self.own.latest(Finished)
        return finished is not None and finished.reason in FINISHED

    @property
    def has_student(self) -> bool:
        """Whether there is a student to export: the finished one, or one in a checkpoint."""
        return self.is_finished or self._has_student_file or self.own.latest(CheckpointSaved) is not None

    @property
    def learns_from_teacher(self) -> bool:
        """Whether there is a teacher that could have helped."""
        return self.recipe is not None and self.recipe.has_baseline

    @property
    def verdict(self) -> Judged | None:
        """Whether the teacher helped, once that is known."""
        return self.own.latest(Judged)

    @property
    def teacher_score(self) -> Evaluated | None:
        """What the teacher scores on the held-out examples."""
        return next((event for event in self.own.all(Evaluated) if event.subject == "teacher"), None)

    @property
    def student_score(self) -> Evaluated | None:
        """What the student scored last."""
        return _last_score(self.own)

    @property
    def baseline_score(self) -> Evaluated | None:
        """What the same student scored last without the teacher."""
        return None if self.baseline is None else _last_score(self.baseline)

    def history_of(self, trial: Trial | None) -> History:
        """Where a trial's events belong; made when a companion speaks first."""
        if trial is None:
            return self.own
        for history in self.histories:
            if history.path == trial.folder.path:
                return history
        history = History(trial.name, trial.folder.path, trial.is_baseline, trial.log)
        self.histories.append(history)
        return history

    def hear(self, trial: Trial | None, event: Event) -> History:
        """Take in what a trial said; returns where it belongs."""
        history = self.history_of(trial)
        if trial is not None and isinstance(event, Prepared):
            # What trains has filled its log with what came before it. Until then, and where it never gets so far, the
            # numbers from the disk stay.
            history.log = trial.log
        history.hear(event)
        return history


def _last_score(history: History) -> Evaluated | None:
    scores = [event for event in history.all(Evaluated) if event.subject == "student"]
    return scores[-1] if scores else None
