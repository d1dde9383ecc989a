"""The loop: a generator of events, and nothing else.

Pause: do not ask for the next event. Stop: close it after a StepDone. A test: list(distillation.events()).

What a batch is, and how a student is judged, is the task's.
"""

import math
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import fields, replace
from typing import Any

import torch
from torch import Tensor, nn

from workbench.engine.alarms import Alarms, Judgement
from workbench.engine.architectures.dropout import SeededDropout
from workbench.engine.controls import AsTheRecipeSays, Controls
from workbench.engine.devices import describe_device
from workbench.engine.optimising import make_optimiser, rate_at, uses_bfloat16
from workbench.engine.run_state import (
    Progress,
    RunState,
    model_tensors,
    optimiser_tensors,
    restore_model,
    restore_optimiser,
)
from workbench.engine.scoring import Scale, Weighting
from workbench.engine.seeding import derive
from workbench.engine.setup import Setup, StagePlan
from workbench.engine.state_checks import refuse_misfit
from workbench.errors import WorkbenchError
from workbench.events import (
    ControlChanged,
    ControlValues,
    Evaluated,
    Event,
    Finished,
    Prepared,
    StageStarted,
    StepDone,
    StepMetrics,
)


class Distillation:
    """One run over a prepared setup; its state may be taken whenever the last event was a StepDone."""

    def __init__(self, setup: Setup, controls: Controls | None = None) -> None:
        self.setup = setup
        self.controls = controls or AsTheRecipeSays()
        self.student = setup.student
        self._task = setup.task
        self.progress = Progress()
        self._alarms = Alarms(self._task.uniform_loss, self._task.classes)
        self._gradient_norm: Tensor | None = None
        self._best: dict[str, Tensor] = {}
        self._unread: list[tuple[float, float, Tensor]] = []
        self._restored: dict[str, Tensor] | None = None
        self._optimiser: torch.optim.Optimizer | None = None
        self._dropouts = [module for module in self.student.modules() if isinstance(module, SeededDropout)]

    def state(self) -> RunState:
        """A copy of everything needed to go on from this step boundary."""
        tensors = model_tensors(self.student, "student") | self._best
        if self._optimiser is not None:
            tensors |= {name: value.cpu().clone() for name, value in optimiser_tensors(self._optimiser).items()}
        return RunState(replace(self.progress, alarms=deepcopy(self._alarms.state)), tensors)

    def restore(self, state: RunState) -> None:
        """Go on from a state; call it before `events`.

        Raises:
            WorkbenchError: The state is none of this run's; nothing has changed then.
        """
        refuse_misfit(state, self.setup.stages, self.student)
        self.progress = replace(state.progress)
        self._alarms.state = deepcopy(state.progress.alarms)
        self._restored = state.tensors
        self._best = {name: value for name, value in state.tensors.items() if name.startswith("best.")}
        restore_model(self.student, state.tensors, "student")

    def events(self) -> Iterator[Event]:
        """Run what is left of the recipe.

        Raises:
            WorkbenchError: The loss became NaN or infinite.
        """
        yield self._prepared()
        if self.progress.step == 0:
            yield from self._first_evaluations()
        while self.progress.stage < len(self.setup.stages):
            yield from self._run_stage(self.setup.stages[self.progress.stage])
        reason = "early stop" if self.progress.stopped_early else "complete"
        yield Finished(step=self.progress.step, reason=reason, warnings=tuple(self._alarms.state.standing.values()))

    def _run_stage(self, plan: StagePlan) -> Iterator[Event]:
        progress = self.progress
        self._optimiser = make_optimiser(plan.stage.optimisation, self.student)
        if self._restored is not None:
            restore_optimiser(self._optimiser, self._restored)
            self._restored = None
        bfloat16 = uses_bfloat16(plan.stage.optimisation, self.student, self.setup.device)
        self._alarms.begin_stage(plan.stage, progress.stage_step)
        yield self._stage_started(plan)
        self.student.train()
        while progress.stage_step < plan.steps and not progress.stopped_early:
            yield from self._read_controls(plan)
            self._take_step(plan, bfloat16=bfloat16)
            yield from self._report(plan)
        yield from self._end_stage(plan)

    def _take_step(self, plan: StagePlan, *, bfloat16: bool) -> None:
        """One optimiser step over `accumulate` batches; asks nothing of the device."""
        progress, section = self.progress, plan.stage.optimisation
        assert self._optimiser is not None, "a stage has begun"
        first = progress.stage_step * section.accumulate
        batches = [plan.source.batch(number) for number in range(first, first + section.accumulate)]
        scale = Scale(sum(batch.scored for batch in batches), sum(batch.labelled for batch in batches))
        for place, dropout in enumerate(self._dropouts):
            # Seeded by the step, which is then the same whatever came before it.
            dropout.seed = derive(self.setup.recipe.student.seed, "dropout", progress.step, place)
        terms_3 = self._accumulate(plan, batches, scale, bfloat16=bfloat16)
        self._gradient_norm = None
        if section.clip_norm:
            self._gradient_norm = nn.utils.clip_grad_norm_(self.student.parameters(), section.clip_norm)
        elif _evaluation_due(self.setup, plan, progress.stage_step + 1):
            # Read at the evaluation, which waits for the device anyway.
            self._gradient_norm = _gradient_norm(self.student)
        peak = progress.controls.learning_rate
        rate = rate_at(section, progress.stage_step, plan.steps, section.learning_rate if peak is None else peak)
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        self._optimiser.step()
        self._optimiser.zero_grad()
        progress.step += 1
        progress.stage_step += 1
        self._unread.append((progress.stage_step / plan.steps_per_epoch, rate, terms_3))

    def _accumulate(self, plan: StagePlan, batches: list[Any], scale: Scale, *, bfloat16: bool) -> Tensor:
        """Gradients of the step's loss, batch by batch; returns total, soft and hard."""
        weighting = self._weighting(plan)
        sums_3: Tensor | None = None
        for batch in batches:
            terms = self._task.terms(self.student, batch, weighting, scale, bfloat16=bfloat16)
            terms.total.backward()  # type: ignore[no-untyped-call]
            terms_3 = torch.stack([terms.total.detach(), terms.soft.detach(), terms.hard.detach()])
            sums_3 = terms_3 if sums_3 is None else sums_3 + terms_3
        assert sums_3 is not None, "a step has at least one batch"
        return sums_3

    def _weighting(self, plan: StagePlan) -> Weighting:
        controls = self.progress.controls
        return Weighting.of(plan.stage.objective, controls.temperature, controls.alpha)

    def _read_controls(self, plan: StagePlan) -> Iterator[Event]:
        step = self.progress.step + 1
        values, before = self.controls.read(step), self.progress.controls
        self.progress.controls = values
        for knob in fields(ControlValues):
            old, new = getattr(before, knob.name), getattr(values, knob.name)
            if old != new:
                own = self._recipe_value(plan, knob.name)
                yield ControlChanged(step=step, name=knob.name, old=own if old is None else old, new=new)
        if (before.temperature, before.alpha) != (values.temperature, values.alpha):
            yield from self._alarms.after_control(step, self._weighting(plan).temperature)

    def _recipe_value(self, plan: StagePlan, name: str) -> float | tuple[int, ...] | None:
        if name == "probe":
            return self.setup.probe
        section = plan.stage.optimisation if name == "learning_rate" else plan.stage.objective
        value: float | None = getattr(section, name, None)
        return value

    def _report(self, plan: StagePlan) -> Iterator[Event]:
        """What is due after a step; StepDone comes last, so that a state taken then holds all of it."""
        progress = self.progress
        step, in_stage = progress.step, progress.stage_step
        monitoring = self.setup.recipe.monitoring
        log_every = monitoring.log_every or (1 if self.setup.device.type == "cpu" else 10)
        last = in_stage == plan.steps
        evaluation_due = _evaluation_due(self.setup, plan, in_stage)
        probe_due = last or step % monitoring.probe_every == 0
        if not (evaluation_due or probe_due or in_stage % log_every == 0):
            return
        done = self._read_metrics()
        yield from self._alarms.after_steps(done.metrics)
        if probe_due:
            asked, temperature = progress.controls.probe or (), self._probe_temperature(plan)
            yield from self._task.watch(self.student, asked, temperature=temperature, step=step)
        if evaluation_due:
            evaluated, others = self._judge(plan)
            self._note_progress(evaluated, plan.stage.optimisation.early_stop)
            yield evaluated
            yield from others
            # Where the best student is put back, that is the one to be judged at the end.
            ends = (last or progress.stopped_early) and not self._best
            yield from self._alarms.after_evaluation(self._judgement(plan, evaluated, is_last=ends, done=done))
        yield done

    def unread(self) -> Iterator[Event]:
        """The steps not reported yet, where the run was left between two reports; nothing where there are none."""
        if self._unread:
            done = self._read_metrics()
            yield from self._alarms.after_steps(done.metrics)
            yield done

    def _read_metrics(self) -> StepDone:
        """The one place where training waits for the device: one transfer for all steps since the last.

        Evaluations and probes wait too, as seldom as they come.
        """
        step, unread = self.progress.step, self._unread
        terms = [terms_3 for _, _, terms_3 in unread]
        rows = [terms[0].tolist()] if len(terms) == 1 else torch.stack(terms).tolist()
        self._unread = []
        first = step - len(rows) + 1
        metrics = tuple(
            StepMetrics(first + place, self.progress.stage, epoch, total, soft, hard, rate)
            for place, ((epoch, rate, _), (total, soft, hard)) in enumerate(zip(unread, rows, strict=True))
        )
        for row in metrics:
            if not math.isfinite(row.total):
                raise WorkbenchError(
                    f"The loss became {row.total} at step {row.step} (soft {row.soft:g}, hard {row.hard:g}, "
                    f"learning rate {row.learning_rate:g}).",
                    "Lower the learning rate or set clip_norm, then resume.",
                )
        return StepDone(step=step, metrics=metrics)

    def _note_progress(self, evaluated: Evaluated, patience: int) -> None:
        progress = self.progress
        if not patience:
            return
        if progress.best_errors is None or evaluated.errors < progress.best_errors:
            progress.best_errors, progress.waited = evaluated.errors, 0
            self._best = model_tensors(self.student, "best")
        else:
            progress.waited += 1
            progress.stopped_early = progress.waited >= patience

    def _end_stage(self, plan: StagePlan) -> Iterator[Event]:
        progress, inputs = self.progress, plan.stage.inputs
        notes: list[str] = []
        if self._best:
            restore_model(self.student, self._best, "best")
            notes.append("back to the best student of the stage")
        notes += self._task.end_stage(self.student, inputs)
        if notes:
            evaluated, others = self._judge(plan, "; ".join(notes))
            yield evaluated
            yield from others
            yield from self._alarms.after_evaluation(self._judgement(plan, evaluated, is_last=True))
        last = progress.stage == len(self.setup.stages) - 1
        progress.stage += 1
        if not last:
            progress.stage_step, progress.best_errors, progress.waited, progress.stopped_early = 0, None, 0, False
            self._best = {}

    def _judge(self, plan: StagePlan, note: str = "") -> tuple[Evaluated, Sequence[Event]]:
        temperature, step = self._probe_temperature(plan), self.progress.step
        return self._task.judge(self.student, temperature=temperature, step=step, note=note)

    def _judgement(
        self, plan: StagePlan, evaluated: Evaluated, *, is_last: bool, done: StepDone | None = None
    ) -> Judgement:
        norm = None if done is None or self._gradient_norm is None else float(self._gradient_norm)
        loss = math.nan if done is None else done.metrics[-1].total
        return Judgement(evaluated, self.progress.stage_step, plan.steps, is_last, loss, norm)

    def _first_evaluations(self) -> Iterator[Event]:
        for event in self._task.judge_teacher():
            yield event
            if isinstance(event, Evaluated):
                yield from self._alarms.after_teacher(event)
        evaluated, others = self._judge(self.setup.stages[0])
        self._alarms.after_first_evaluation(evaluated)
        yield evaluated
        yield from others

    def _probe_temperature(self, plan: StagePlan) -> float:
        temperature = self._weighting(plan).temperature
        return 1.0 if temperature is None else temperature

    def _prepared(self) -> Prepared:
        setup = self.setup
        return Prepared(
            step=self.progress.step,
            total_steps=sum(plan.steps for plan in setup.stages),
            steps_per_epoch=setup.stages[0].steps_per_epoch,
            device=describe_device(setup.device),
            classes=self._task.classes,
            uniform_loss=self._task.uniform_loss,
            teacher_parameters=self._task.teacher_parameters,
            student_parameters=self.student.parameter_count,
            findings=setup.findings,
        )

    def _stage_started(self, plan: StagePlan) -> StageStarted:
        weighting = self._weighting(plan)
        objective = plan.stage.objective
        return StageStarted(
            step=self.progress.step,
            stage=self.progress.stage,
            name=plan.stage.name or objective.kind.replace("_", " "),
            formula=objective.formula(weighting.temperature, weighting.alpha),
            soft_term=objective.soft_term,
        )


def _evaluation_due(setup: Setup, plan: StagePlan, stage_step: int) -> bool:
    """Whether the student is judged after so many steps of a stage."""
    every = max(round(setup.recipe.monitoring.evaluate_every * plan.steps_per_epoch), 1)
    return stage_step == plan.steps or stage_step % every == 0


def _gradient_norm(model: nn.Module) -> Tensor:
    """The norm of all gradients together; stays on the device."""
    gradients = [parameter.grad for parameter in model.parameters() if parameter.grad is not None]
    norm: Tensor = torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(each) for each in gradients]))
    return norm
