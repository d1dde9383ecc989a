"""Runs of language models as they look on the disk and from the outside, without a model behind them."""

import math
from pathlib import Path
from queue import SimpleQueue

from workbench.events import (
    Continued,
    Evaluated,
    Event,
    Finished,
    Prepared,
    RolledOut,
    StageStarted,
    TextProbed,
    TokenSeen,
)
from workbench.gui.watched_run import WatchedRun
from workbench.gui.workspace import Workspace
from workbench.session.controls import LiveControls
from workbench.session.history import histories_of
from workbench.session.run import RunStatus
from workbench.session.run_database import RunDatabase
from workbench.session.run_folder import RunFolder
from workbench.session.trials import Trial

VOCABULARY = 101
RECIPE = """
name = "spoken"

[[teachers]]
checkpoint = "teacher"

[student]
checkpoint = "student"

[data]
kind = "conversations"
file = "talks.jsonl"

[[stages]]
name = "off-policy"

[stages.objective]
kind = "soft_targets"
temperature = 1.0
alpha = 1.0

[stages.optimisation]
steps = 200

[[stages]]
name = "on-policy"

[stages.inputs]
kind = "rollouts"

[stages.objective]
kind = "reverse_kl"
temperature = 1.0
alpha = 1.0

[stages.optimisation]
steps = 200
"""
_PROMPT = "User:", " 12", " +", " 34", "\n"
_ANSWER = "2", " +", " 4", " is", " 6", ",", " 1", " +", " 3", " is", " 4", ":", "\n", "46", "."


def token(text: str, *, scored: bool = True, kl: float | None = 0.5, probability: float = 0.25) -> TokenSeen:
    """A token with five expected ones; the teacher's first is the token itself."""
    others = (" one", " two", " three", "\n")
    teacher = ((text, 0.8), *((other, 0.04) for other in others)) if kl is not None else ()
    student = ((" one", 0.4), (text, probability), *((other, 0.05) for other in others[1:]))
    return TokenSeen(text=text, is_scored=scored, probability=probability, kl=kl, teacher=teacher, student=student[:5])


def look(step: int, *, example: int = 0, examples: int = 12, teacher: bool = True, said: str = "") -> TextProbed:
    """A look at a text; the student comes closer the later the step."""
    far = math.exp(-step / 150)
    asked = [token(text, scored=False, kl=0.0 if teacher else None) for text in _PROMPT]
    told = [
        token(text, kl=4 * far * ((7 * place) % 11) / 10 if teacher else None, probability=1 - 0.9 * far)
        for place, text in enumerate(_ANSWER)
    ]
    continued = (
        Continued(prompt="12 + 34 =", teacher="It is 46." if teacher else "", student=said or f"It is {step}."),
        Continued(prompt="1 + 1 =", teacher="It is 2." if teacher else "", student="It is 2."),
    )
    return TextProbed(step=step, tokens=(*asked, *told), continued=continued, example=example, examples=examples)


def prepared(step: int = 0) -> Prepared:
    """The beginning."""
    return Prepared(
        step=step,
        total_steps=400,
        steps_per_epoch=100,
        device="cpu",
        classes=(),
        uniform_loss=math.log(VOCABULARY),
        teacher_parameters=1_000_000,
        student_parameters=130_000,
    )


def score(step: int, errors: int, *, subject: str = "student", counted: str = "problems") -> Evaluated:
    """Of 300 problems."""
    return Evaluated(
        step=step,
        subject=subject,
        errors=errors,
        examples=300,
        cross_entropy=0.2 + errors / 100,
        calibration_error=0.05,
        agreement=1 - errors / 400,
        kl_to_teacher=errors / 150,
        counted=counted,
    )


def rolled_out(step: int) -> RolledOut:
    """Better and shorter the later."""
    far = math.exp(-step / 150)
    return RolledOut(step=step, texts=8, mean_length=20 + 60 * far, teacher_log_p=-0.4 - 3 * far, repeated=0.6 * far)


def stage(step: int, number: int, name: str) -> StageStarted:
    """A border."""
    return StageStarted(step=step, stage=number, name=name, formula="", soft_term="KL(p_T ‖ p_S), nats")


def make_folder(runs: Path, name: str, *events: Event, recipe: str = RECIPE) -> RunFolder:
    """A run on the disk that has said this."""
    folder = RunFolder.create(runs / name, recipe, recipe="spoken")
    with RunDatabase(folder.database_file) as database:
        database.know(status="complete", step=400, total_steps=400, examples=300, student_errors=60, counted="problems")
        database.add_metrics(
            [
                (step, step // 201, step / 100, 5 * math.exp(-step / 90), 1.0, 1.0, 0.01, step * 0.1)
                for step in range(1, 401)
            ]
        )
        database.add_event(*events)
    return folder


def whole_story() -> list[Event]:
    """All that a finished run has said."""
    said: list[Event] = [prepared(), score(0, 12, subject="teacher"), score(0, 300), stage(0, 0, "off-policy")]
    for step in range(50, 401, 50):
        said += [look(step), score(step, 300 - step * 3 // 5)]
        if step > 200:
            said.append(rolled_out(step))
        if step == 200:
            said.append(stage(200, 1, "on-policy"))
    return [*said, Finished(step=400, reason="complete")]


class SpokenRun:
    """What the window sees of a run, with a test in the place of the training."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self.controls = LiveControls([])
        self.events: SimpleQueue[tuple[Trial | None, Event]] = SimpleQueue()
        self.trial: Trial | None = None
        self.status = RunStatus.RUNNING
        self.preparing = ""

    def say(self, *events: Event) -> None:
        """As if the training had said it."""
        for event in events:
            self.events.put((None, event))

    def pause(self) -> None:
        """Halt."""
        self.status = RunStatus.PAUSED

    def resume(self) -> None:
        """Go on."""
        self.status = RunStatus.RUNNING

    def stop(self) -> None:
        """End."""
        self.status = RunStatus.ENDED


def go_live(workspace: Workspace, folder: RunFolder) -> SpokenRun:
    """Put a run that trains on the screen."""
    run = SpokenRun(folder)
    workspace.active = WatchedRun(folder, histories_of(folder), run)  # type: ignore[arg-type]
    workspace.watch_active()
    return run
