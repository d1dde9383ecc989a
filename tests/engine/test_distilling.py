"""The loop: its events and their order, and that what it says and trains is what the recipe asks for."""

import copy
import math
from collections import deque

import numpy as np
import pytest
import torch
from closeness import assert_close
from torch.nn.functional import cross_entropy, kl_div

from engine.objectives.cases import SOFT_SECTIONS, ids
from engine.workshop import Workshop, of_type, picture_recipe, tiny_recipe, tiny_stage
from workbench import consents
from workbench.engine.checkpoints import to_bytes
from workbench.engine.distilling import Distillation
from workbench.engine.evaluating import evaluate, logits_of
from workbench.errors import WorkbenchError
from workbench.events import Evaluated, Finished, Prepared, Probed, StageStarted, StepDone
from workbench.recipe.inputs import Augmentation, TransferSet
from workbench.recipe.models import Mlp, PythonClass, Student, Teacher
from workbench.recipe.monitoring import Monitoring
from workbench.recipe.objectives import HardLabels, JensenShannon, LogitMatching, SoftTargets


def bytes_after(workshop: Workshop, recipe) -> bytes:
    """The finished student of a recipe."""
    return to_bytes(workshop.run(recipe)[1].student)


def metrics_of(events):
    return [row for done in of_type(events, StepDone) for row in done.metrics]


def names(events):
    return [type(event).__name__ for event in events]


def test_a_run_tells_what_is_prepared_then_how_it_starts_then_its_steps_then_that_it_finished(workshop):
    events, _ = workshop.run(tiny_recipe(tiny_stage(epochs=1)))
    # 6 steps; evaluations every 3, looks every 4 and at the last. The teacher is untrained, which is a warning.
    assert names(events) == [
        *("Prepared", "Evaluated", "Warned", "Evaluated", "Surveyed", "StageStarted", "StepDone", "StepDone"),
        *("Evaluated", "Surveyed", "StepDone", "Probed", "StepDone", "StepDone"),
        *("Probed", "Evaluated", "Surveyed", "StepDone", "Finished"),
    ]
    assert [event.subject for event in of_type(events, Evaluated)] == ["teacher", *["student"] * 3]
    assert events[-1] == Finished(step=6, reason="complete")


@pytest.mark.parametrize("log_every", [1, 4])
def test_step_done_is_the_last_event_of_its_step_and_metrics_miss_no_step(workshop, log_every):
    watched = Monitoring(evaluate_every=0.5, probe_every=5, log_every=log_every)
    events, _ = workshop.run(tiny_recipe(tiny_stage(epochs=2), tiny_stage(HardLabels()), monitoring=watched))
    for place, event in enumerate(events):
        if isinstance(event, Probed | Evaluated) and event.step:
            following = next(later for later in events[place:] if isinstance(later, StepDone))
            assert following.step == event.step
    rows = metrics_of(events)
    assert [row.step for row in rows] == list(range(1, 19))
    assert [done.metrics[-1].step for done in of_type(events, StepDone)] == [
        done.step for done in of_type(events, StepDone)
    ]
    assert [row.stage for row in rows] == [0] * 12 + [1] * 6
    assert [row.epoch for row in rows[:12]] == pytest.approx([step / 6 for step in range(1, 13)])


def test_what_is_prepared_is_told_in_numbers(workshop):
    events, distillation = workshop.run(tiny_recipe(tiny_stage(epochs=2), tiny_stage(steps=4)))
    prepared = events[0]
    assert isinstance(prepared, Prepared)
    assert (prepared.step, prepared.total_steps, prepared.steps_per_epoch) == (0, 16, 6)
    assert prepared.uniform_loss == pytest.approx(math.log(4))
    assert prepared.classes == ("0", "1", "2", "3")
    assert prepared.student_parameters == distillation.student.parameter_count
    assert prepared.teacher_parameters == 4 * 12 + 12 + 12 * 4 + 4


def test_a_stage_tells_its_name_and_its_formula_with_its_numbers(workshop):
    first = tiny_stage(SoftTargets(temperature=2.0, alpha=0.25)).model_copy(update={"name": "warm"})
    events, _ = workshop.run(tiny_recipe(first, tiny_stage(HardLabels())))
    one, two = of_type(events, StageStarted)
    assert (one.step, one.stage, one.name, two.step, two.stage, two.name) == (0, 0, "warm", 6, 1, "hard labels")
    assert one.formula == "L = 0.25 · 2² · KL(p_T ‖ p_S) at T = 2 + 0.75 · CE(hard label, p_S at T = 1)"
    assert (one.soft_term, two.soft_term) == ("T² · KL(p_T ‖ p_S), nats", "")


def test_the_first_steps_numbers_are_the_loss_of_the_untrained_student(workshop):
    recipe = tiny_recipe(tiny_stage(SoftTargets(temperature=3.0, alpha=0.25)))
    setup = workshop.setup(recipe)
    batch, student, (teacher,) = setup.stages[0].source.batch(0), setup.student, setup.teachers.models
    log_s, p_t = student(batch.inputs_BX).div(3).log_softmax(1), teacher(batch.inputs_BX).div(3).softmax(1)
    soft = 9 * kl_div(log_s, p_t, reduction="batchmean").item()
    hard = cross_entropy(student(batch.inputs_BX), batch.labels_N).item()
    row = metrics_of(workshop.run(recipe)[0])[0]
    assert (row.soft, row.hard) == pytest.approx((soft, hard), rel=1e-4)
    assert row.total == pytest.approx(0.25 * soft + 0.75 * hard, rel=1e-4)


@pytest.mark.parametrize("section", [HardLabels(), *SOFT_SECTIONS], ids=ids)
def test_the_loss_falls_under_every_objective(workshop, section):
    rows = metrics_of(workshop.run(tiny_recipe(tiny_stage(section, epochs=5)))[0])
    assert sum(row.total for row in rows[-6:]) < 0.7 * sum(row.total for row in rows[:6])


def test_the_last_scores_are_those_of_the_finished_student(workshop):
    events, distillation = workshop.run(tiny_recipe())
    held_out = distillation.setup.held_out
    expected = evaluate(logits_of(distillation.student, held_out.inputs_NX), held_out, step=6, subject="student")
    assert of_type(events, Evaluated)[-1] == expected


def test_hard_labels_need_no_teacher(workshop):
    events, distillation = workshop.run(tiny_recipe(tiny_stage(HardLabels()), teachers=()))
    assert distillation.setup.teachers is None
    assert [event.subject for event in of_type(events, Evaluated)] == ["student"] * 3
    assert all(row.soft == 0 and row.total == row.hard for row in metrics_of(events))


def test_hard_labels_train_the_same_student_with_and_without_a_teacher_beside_them(workshop):
    alone = bytes_after(workshop, tiny_recipe(tiny_stage(HardLabels()), teachers=()))
    assert bytes_after(workshop, tiny_recipe(tiny_stage(HardLabels()))) == alone


def test_alpha_0_trains_the_same_student_as_hard_labels(workshop):
    hard = bytes_after(workshop, tiny_recipe(tiny_stage(HardLabels())))
    assert bytes_after(workshop, tiny_recipe(tiny_stage(SoftTargets(alpha=0.0)))) == hard


@pytest.mark.parametrize(
    "monitoring",
    [
        Monitoring(evaluate_every=0.01, probe_every=1),
        Monitoring(log_every=5, evaluate_every=100, probe_every=1000),
        Monitoring(probe=(1, 2, 3), probe_every=2),
    ],
    ids=["always", "hardly ever", "other examples"],
)
def test_watching_more_or_less_does_not_change_the_student(workshop, monitoring):
    recipe = picture_recipe(tiny_stage(epochs=2))
    expected = bytes_after(workshop, recipe)
    assert bytes_after(workshop, recipe.model_copy(update={"monitoring": monitoring})) == expected


def test_what_else_draws_random_numbers_does_not_change_the_student(workshop):
    recipe = picture_recipe(tiny_stage(epochs=2))
    expected = bytes_after(workshop, recipe)
    distillation = Distillation(workshop.setup(recipe))
    for _ in distillation.events():
        torch.rand(7)
    assert to_bytes(distillation.student) == expected


def test_teachers_stay_as_they_were_and_are_never_in_train_mode(workshop):
    stage = tiny_stage(inputs=TransferSet(batch_size=8, augmentation=Augmentation(shift=1, flip=True)))
    setup = workshop.setup(picture_recipe(stage))
    (teacher,) = setup.teachers.models
    before, modes = to_bytes(teacher), []
    teacher.network.register_forward_pre_hook(lambda module, _: modes.append(module.training))
    list(Distillation(setup).events())
    assert to_bytes(teacher) == before
    assert modes == [False] * 6


def test_the_student_is_in_train_mode_whenever_it_takes_a_step(workshop):
    setup = workshop.setup(picture_recipe())
    modes = []
    setup.student.network.register_forward_pre_hook(
        lambda module, inputs: modes.append(module.training) if len(inputs[0]) == 8 else None
    )
    list(Distillation(setup).events())
    assert modes == [True] * 6


@pytest.mark.parametrize("share", [0.9, 1.0])
def test_batches_without_a_known_label_still_have_a_finite_loss(workshop, share):
    stage = tiny_stage(inputs=TransferSet(batch_size=4, unlabelled=share))
    events, distillation = workshop.run(tiny_recipe(stage))
    rows = metrics_of(events)
    assert any(row.hard == 0 for row in rows)
    assert all(math.isfinite(row.total) for row in rows)
    assert all(bool(torch.isfinite(value).all()) for value in distillation.student.state_dict().values())


def test_two_half_batches_are_one_whole_batch(workshop):
    whole = workshop.run(tiny_recipe(tiny_stage(epochs=2)))[1].student
    halves = tiny_stage(inputs=TransferSet(batch_size=4), epochs=2, accumulate=2)
    events, distillation = workshop.run(tiny_recipe(halves))
    assert len(metrics_of(events)) == 12
    for one, two in zip(whole.parameters(), distillation.student.parameters(), strict=True):
        assert_close(one, two)


def test_every_stage_asks_for_its_batches_one_after_the_other_from_the_first(workshop):
    setup = workshop.setup(tiny_recipe(tiny_stage(), tiny_stage(HardLabels(), accumulate=2)))
    asked = []
    for number, plan in enumerate(setup.stages):
        give = plan.source.batch
        plan.source.batch = lambda place, stage=number, give=give: asked.append((stage, place)) or give(place)
    list(Distillation(setup).events())
    assert asked == [(stage, place) for stage in range(2) for place in range(6)]


def test_a_clipped_step_is_no_longer_than_the_clip_allows(workshop):
    still = {"momentum": 0.0, "schedule": "constant", "warm_up": 0.0, "learning_rate": 10.0, "clip_norm": 0.01}
    setup = workshop.setup(tiny_recipe(tiny_stage(steps=1, **still)))
    before = torch.nn.utils.parameters_to_vector(copy.deepcopy(setup.student).parameters())
    list(Distillation(setup).events())
    moved = torch.nn.utils.parameters_to_vector(setup.student.parameters()) - before
    assert moved.norm().item() == pytest.approx(0.1, rel=1e-3)


EXPLODING = tiny_stage(LogitMatching(alpha=1.0), learning_rate=100.0, momentum=0.99, warm_up=0.0, epochs=50)


@pytest.mark.parametrize(
    ("monitoring", "told"),
    [
        (Monitoring(evaluate_every=1000, probe_every=1000), ("The loss became nan", "The loss became inf")),
        (Monitoring(evaluate_every=0.01, probe_every=1000), ("After step",)),
    ],
    ids=["found in the loss", "found in the scores"],
)
def test_numbers_that_are_none_any_more_end_the_run_with_the_first_such_step(workshop, monitoring, told):
    events = Distillation(workshop.setup(tiny_recipe(EXPLODING, monitoring=monitoring))).events()
    seen: deque = deque()
    with pytest.raises(WorkbenchError) as caught:
        seen.extend(events)
    last = max(event.step for event in seen)
    assert caught.value.title.startswith(told)
    assert f"step {last + 1} " in caught.value.title
    assert all(math.isfinite(row.total) for row in metrics_of(seen))
    assert "Lower the learning rate" in caught.value.hint


def test_bfloat16_trains_float32_weights(workshop):
    events, distillation = workshop.run(tiny_recipe(tiny_stage(epochs=3, precision="bfloat16")))
    rows = metrics_of(events)
    assert rows[-1].total < rows[0].total
    assert {parameter.dtype for parameter in distillation.student.parameters()} == {torch.float32}


def test_early_stop_keeps_the_best_student_and_says_so(workshop):
    stage = tiny_stage(HardLabels(), epochs=30, learning_rate=1.5, schedule="constant", warm_up=0.0, early_stop=2)
    events, distillation = workshop.run(tiny_recipe(stage))
    scores = [event.errors for event in of_type(events, Evaluated) if event.subject == "student"]
    assert events[-1].reason == "early stop"
    assert len(metrics_of(events)) < 180
    assert scores[-1] == min(scores[1:])
    assert scores[-4] <= min(scores[-3], scores[-2])
    held_out = distillation.setup.held_out
    final = evaluate(logits_of(distillation.student, held_out.inputs_NX), held_out, step=0, subject="student")
    assert final.errors == scores[-1]


def test_omitted_classes_can_be_brought_back_by_a_shift(tmp_path):
    labels = np.arange(64) % 4
    inputs = 4 * np.eye(4)[labels] + 0.8 * np.random.default_rng(0).standard_normal((64, 4))
    np.savez(tmp_path / "data.npz", inputs=inputs.astype(np.float32), labels=labels)
    left_out = TransferSet(batch_size=6, omit_classes=(3,), correct_bias=True)
    recipe = tiny_recipe(tiny_stage(HardLabels(), inputs=left_out, epochs=8), teachers=())
    events, distillation = Workshop(tmp_path).run(recipe)
    assert [event.errors for event in of_type(events, Evaluated)[-2:]] == [4, 0]
    shift_C = distillation.student.logit_shift
    assert shift_C[:3].tolist() == [0, 0, 0]
    assert shift_C[3] > 0


def test_a_bias_correction_adds_to_one_that_was_there(workshop):
    left_out = TransferSet(batch_size=6, omit_classes=(3,), correct_bias=True)
    setup = workshop.setup(tiny_recipe(tiny_stage(SoftTargets(alpha=0.0), inputs=left_out, epochs=6)))
    # As from an earlier stage or a checkpoint: the class is out of reach at first.
    setup.student.logit_shift = torch.tensor([0.0, 0.0, 0.0, -20.0])
    uncorrected, corrected = of_type(list(Distillation(setup).events()), Evaluated)[-2:]
    assert corrected.note
    # Put in its place instead of added, the shift found from there would drown all other classes.
    assert corrected.errors <= uncorrected.errors


def test_several_teachers_teach_together(workshop):
    both = (Teacher(checkpoint="teacher.safetensors"), Teacher(checkpoint="other.safetensors"))
    students = {
        bytes_after(workshop, tiny_recipe(teachers=teachers, averaging=averaging))
        for teachers in (both, both[:1], both[1:])
        for averaging in ("arithmetic", "geometric")
    }
    assert len(students) == 4


def test_probes_show_the_watched_examples_at_the_stages_temperature(workshop):
    recipe = tiny_recipe(tiny_stage(JensenShannon(temperature=7.0)), monitoring=Monitoring(probe=(3, 0)))
    (seen,) = of_type(workshop.run(recipe)[0], Probed)
    assert (seen.step, seen.examples, seen.temperature) == (6, (3, 0), 7.0)


def test_the_same_recipe_gives_the_same_student_and_another_seed_another_one(workshop):
    recipe = tiny_recipe(student=Student(seed=4, architecture=Mlp(hidden=(8,), dropout=0.3, input_dropout=0.1)))
    assert bytes_after(workshop, recipe) == bytes_after(workshop, recipe)
    assert bytes_after(workshop, recipe) != bytes_after(workshop, recipe.with_seed(5))


DROPPING = """
import torch

class Net(torch.nn.Sequential):
    def __init__(self):
        super().__init__(torch.nn.Linear(4, 8), torch.nn.Dropout(0.5), torch.nn.Linear(8, 4))
"""


def test_dropout_in_a_class_of_a_persons_own_is_drawn_by_the_step_alone(workshop, tmp_path, monkeypatch):
    monkeypatch.setenv("DISTILLATION_WORKBENCH_HOME", str(tmp_path / "home"))
    (tmp_path / "net.py").write_text(DROPPING)
    consents.agree(consents.digest_of(tmp_path / "net.py"), "net.py")
    student = Student(seed=1, architecture=PythonClass(file=str(tmp_path / "net.py"), name="Net"))
    recipe = tiny_recipe(tiny_stage(epochs=2, accumulate=2), student=student)
    expected = bytes_after(workshop, recipe)
    distillation = Distillation(workshop.setup(recipe))
    for event in distillation.events():
        torch.rand(7)
        if isinstance(event, StepDone) and event.step == 2:
            state = distillation.state()
    assert to_bytes(distillation.student) == expected
    again = Distillation(workshop.setup(recipe))
    again.restore(state)
    assert isinstance(list(again.events())[-1], Finished)
    assert to_bytes(again.student) == expected
