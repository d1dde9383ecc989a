"""Drives one run from its folder to its end: prepare, check, go on from a checkpoint, train, keep, export."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, replace

import torch

from workbench.engine.devices import pick_device
from workbench.engine.distilling import Distillation
from workbench.engine.pairing import refuse_if_needed
from workbench.engine.preparing import prepare
from workbench.engine.run_state import RunState
from workbench.engine.setup import Setup
from workbench.errors import WorkbenchError
from workbench.events import Event, Failed, Finding, Finished, Prepared, StepDone, Warned
from workbench.recipe import Recipe
from workbench.session.controls import LiveControls, check_control
from workbench.session.failing import failed_event
from workbench.session.recipe_changes import changes_since, training_values
from workbench.session.recorder import Recorder, RunFolderGoneError
from workbench.session.reins import Reins
from workbench.session.run_folder import FINISHED, Damaged, RunFolder


def drive(folder: RunFolder, reins: Reins) -> Iterator[Event]:
    """Everything a run says, from Prepared to Finished or Failed; what it says is in the folder before it is heard.

    Raises:
        WorkbenchError: The run is held by another process, or its folder cannot be written at all; anything later
            becomes a Failed event.
    """
    with folder.claimed(), _threads(reins.threads):
        recipe = folder.recipe
        with closing(Recorder(folder, recipe.autosave, reins.log)) as recorder:
            try:
                yield from _driven(recipe, reins, recorder)
            except Exception as error:
                yield _failed(error, recorder)


@contextmanager
def _threads(count: int) -> Iterator[None]:
    """PyTorch computes with so many threads of the processor, as long as the run goes on; 0 leaves the choice to it."""
    before = torch.get_num_threads()
    if count:
        torch.set_num_threads(count)
    try:
        yield
    finally:
        if count:
            torch.set_num_threads(before)


class _StopAsked(Exception):  # noqa: N818 - nothing went wrong
    """A stop was asked for in the middle of something long: preparing, or a batch that the student writes."""


def _driven(recipe: Recipe, reins: Reins, recorder: Recorder) -> Iterator[Event]:
    before = recorder.facts()
    recorder.know(status="running", recipe=recipe.name, digest=recipe.digest(), seed=recipe.student.seed)
    try:
        distillation, warnings = _ready(recipe, reins, recorder, before)
    except _StopAsked:
        # Nothing had begun, and what was kept before stays as it is.
        finished = Finished(step=recorder.folder.step, reason="stopped")
        recorder.note(finished)
        recorder.know(status=finished.reason)
        yield finished
        return
    for warned in warnings:
        recorder.note(warned)
        yield warned
    try:
        try:
            yield from _trained(distillation, reins, recorder)
        except _StopAsked:
            yield from _left(distillation, recorder)
    except RunFolderGoneError as gone:
        yield _saved_elsewhere(gone, distillation, recorder)


def _trained(distillation: Distillation, reins: Reins, recorder: Recorder) -> Iterator[Event]:
    for event in distillation.events():
        if isinstance(event, Finished):
            yield from _finish(distillation, event, recorder)
            return
        if isinstance(event, Prepared):
            event = replace(event, findings=event.findings + _checked(distillation.setup))  # noqa: PLW2901
            yield from _moved(event, distillation.setup.content, recorder)
        recorder.note(event)
        with recorder.clock_stopped():
            yield event
        if isinstance(event, StepDone):
            stop = reins.should_stop()
            if stop or recorder.checkpoint_is_due(event.step):
                saved = recorder.save(distillation.state())
                recorder.note(saved)
                yield saved
            if stop:
                yield from _end(Finished(step=event.step, reason="stopped"), recorder)
                return


def _left(distillation: Distillation, recorder: Recorder) -> Iterator[Event]:
    """A stop in the middle of a batch that is being written: nothing has changed since the last step."""
    for event in distillation.unread():
        recorder.note(event)
        yield event
    saved = recorder.save(distillation.state())
    recorder.note(saved)
    yield saved
    yield from _end(Finished(step=saved.step, reason="stopped"), recorder)


def _ready(
    recipe: Recipe, reins: Reins, recorder: Recorder, before: dict[str, object]
) -> tuple[Distillation, list[Warned]]:
    """The run as its last whole checkpoint left it, or at its beginning; and what a person should know of that."""
    folder, is_ready = recorder.folder, False

    def pulse(words: str) -> None:
        if reins.should_stop():
            raise _StopAsked
        # Training speaks through its events.
        if not is_ready:
            reins.say(words)

    setup = prepare(recipe, folder.path, pick_device(reins.device), reins.cache_folder, pulse)
    pulse("Checking the objective")
    journal = recorder.journal_entries()
    distillation = Distillation(setup, reins.controls or LiveControls(journal))

    def use(state: RunState) -> None:
        for name, value in asdict(state.progress.controls).items():
            check_control(name, value)
        distillation.restore(state)

    # Without its folder, the run would begin again in silence.
    recorder.refuse_gone()
    state, damaged = folder.whole_state(use)
    folder.set_aside(damaged)
    step = 0 if state is None else state.progress.step
    warnings = [*_repeated(step, damaged, before, recorder), *_changed(step, recipe, before)]
    if state is not None and LiveControls(journal).read(step) != state.progress.controls:
        title = f"The control changes in {folder.database_file.name} are not those of the checkpoint at step {step:,}."
        warnings.append(Warned(step=step, title=title, hint="The student may differ from that of the first run."))
    recorder.know(asked=training_values(recipe))
    recorder.go_on_from(step)
    is_ready = True
    return distillation, warnings


def _repeated(step: int, damaged: list[Damaged], before: dict[str, object], recorder: Recorder) -> Iterator[Warned]:
    """Which steps are trained again, and why."""
    reached = recorder.folder.step
    again = f"{reached - step:,} steps are trained again" if reached > step else "the steps after it are trained again"
    for each in damaged:
        title = f"Checkpoint {each.name} cannot be used ({each.reason}): going on from step {step:,}; {again}."
        hint = f"It is kept as damaged-{each.path.name} until the run is as far again. The student comes out the same."
        yield Warned(step=step, title=title, hint=hint)
    if before.get("status") in FINISHED:
        title = f"The finished student is missing or damaged: going on from step {step:,}; {again}."
        yield Warned(step=step, title=title, hint="The student comes out the same.")
    elif not damaged and recorder.saved_at > step:
        title = f"The checkpoint at step {recorder.saved_at:,} is gone: going on from step {step:,}; {again}."
        yield Warned(step=step, title=title, hint="The student comes out the same.")


def _changed(step: int, recipe: Recipe, before: dict[str, object]) -> Iterator[Warned]:
    """What the student depends on and is another than when the run began."""
    changes = changes_since(before.get("asked"), training_values(recipe))
    if changes:
        title = f"recipe.toml was changed since this run began: {changes}."
        yield Warned(step=step, title=title, hint="For the student that was asked for first, put the old values back.")


def _checked(setup: Setup) -> tuple[Finding, ...]:
    findings = setup.self_check()
    refuse_if_needed(findings)
    return findings


def _moved(event: Prepared, content: str, recorder: Recorder) -> Iterator[Event]:
    """Say so when a run goes on where its numbers may come out otherwise."""
    before = recorder.facts()
    recorder.know(total_steps=event.total_steps, device=event.device, content=content)
    warnings = []
    if event.step and before.get("device") not in (None, event.device):
        title = f"This run began on {before['device']} and goes on on {event.device}."
        warnings.append((title, "The student may differ in the last bits from one trained in one place."))
    if event.step and before.get("content") not in (None, content):
        title = "The data or a teacher changed since this run began: the student learns from both, one after the other."
        warnings.append((title, "Put the old files back, or start a new run."))
    for title, hint in warnings:
        warned = Warned(step=event.step, title=title, hint=hint)
        recorder.note(warned)
        yield warned


def _finish(distillation: Distillation, finished: Finished, recorder: Recorder) -> Iterator[Event]:
    """Keep the student, what it answers, and its exports."""
    recorder.flush()
    folder, setup = recorder.folder, distillation.setup
    setup.keep(folder.student_folder)
    if setup.recipe.export.onnx:
        for event in setup.export(folder.path / "export", finished.step):
            recorder.note(event)
            yield event
    yield from _end(finished, recorder)


def _end(finished: Finished, recorder: Recorder) -> Iterator[Event]:
    recorder.flush()
    recorder.note(finished)
    recorder.know(status=finished.reason, step=finished.step, seconds=round(recorder.seconds, 3))
    yield finished


def _saved_elsewhere(gone: RunFolderGoneError, distillation: Distillation, recorder: Recorder) -> Failed:
    """The run folder is not there any more: what is in memory goes into another one."""
    state = distillation.state()
    step = state.progress.step
    try:
        copy = recorder.save_elsewhere(state)
    except WorkbenchError as error:
        title = f"{gone.title} Training stopped after step {step:,}, and nothing could be saved: {error.title}"
        return Failed(step=step, title=title, hint=error.hint)
    title = f"{gone.title} Training stopped after step {step:,}; everything so far is saved in {copy.path}."
    return Failed(step=step, title=title, hint=f"Go on there: distillation-workbench resume {copy.path}")


def _failed(error: Exception, recorder: Recorder) -> Failed:
    """The failure in words, taken down if the disk still lets us."""
    step = int(recorder.log.column("step")[-1]) if len(recorder.log) else 0
    failed = failed_event(error, step)
    failed = replace(failed, hint=f"{failed.hint} {recorder.resume_hint}".strip())
    try:
        recorder.flush()
        recorder.note(failed)
        recorder.know(status="failed")
    except WorkbenchError:
        # The disk is what failed: the event alone has to tell.
        pass
    return failed
