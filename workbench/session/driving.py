"""Drives one run from its folder to its end: prepare, check, go on from a checkpoint, train, keep, export."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

import torch

from workbench.engine.devices import pick_device
from workbench.engine.distilling import Distillation
from workbench.engine.pairing import refuse_if_needed
from workbench.engine.preparing import prepare
from workbench.engine.setup import Setup
from workbench.errors import WorkbenchError
from workbench.events import Event, Failed, Finding, Finished, Prepared, StepDone, Warned
from workbench.recipe import Recipe
from workbench.session.controls import LiveControls
from workbench.session.failing import failed_event
from workbench.session.recorder import Recorder
from workbench.session.reins import Reins
from workbench.session.run_folder import RunFolder


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
                recorder.know(status="running", recipe=recipe.name, digest=recipe.digest(), seed=recipe.student.seed)
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
    try:
        distillation = _ready(recipe, reins, recorder)
    except _StopAsked:
        # Nothing had begun, and what was kept before stays as it is.
        finished = Finished(step=int(str(recorder.facts().get("step", 0))), reason="stopped")
        recorder.note(finished)
        recorder.know(status=finished.reason)
        yield finished
        return
    try:
        yield from _trained(distillation, reins, recorder)
    except _StopAsked:
        yield from _left(distillation, recorder)


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


def _ready(recipe: Recipe, reins: Reins, recorder: Recorder) -> Distillation:
    """The run as its last checkpoint left it, or at its beginning."""
    folder, is_ready = recorder.folder, False

    def pulse(words: str) -> None:
        if reins.should_stop():
            raise _StopAsked
        # Training speaks through its events.
        if not is_ready:
            reins.say(words)

    setup = prepare(recipe, folder.path, pick_device(reins.device), reins.cache_folder, pulse)
    pulse("Checking the objective")
    controls = reins.controls or LiveControls(recorder.journal_entries())
    distillation = Distillation(setup, controls)
    state = folder.latest_state()
    recorder.go_on_from(0 if state is None else state.progress.step)
    if state is not None:
        distillation.restore(state)
    is_ready = True
    return distillation


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


def _failed(error: Exception, recorder: Recorder) -> Failed:
    """The failure in words, taken down if the disk still lets us."""
    step = int(recorder.log.column("step")[-1]) if len(recorder.log) else 0
    failed = failed_event(error, step)
    try:
        recorder.flush()
        recorder.note(failed)
        recorder.know(status="failed")
    except WorkbenchError:
        # The disk is what failed: the event alone has to tell.
        pass
    return failed
