"""What a person turns while a run goes on takes effect at the next step, is told, and can be replayed."""

import pytest

from engine.workshop import Turning, Workshop, of_type, tiny_recipe, tiny_stage
from workbench.engine.checkpoints import to_bytes
from workbench.engine.controls import AsTheRecipeSays
from workbench.events import ControlChanged, ControlValues, Probed, StepDone
from workbench.recipe.monitoring import Monitoring
from workbench.recipe.objectives import HardLabels, SoftTargets

RECIPE = tiny_recipe(
    tiny_stage(SoftTargets(temperature=2.0, alpha=0.5), epochs=2, schedule="constant", warm_up=0.0),
    monitoring=Monitoring(probe=(0, 1), probe_every=2),
)


def turned(workshop: Workshop, *turns, recipe=RECIPE):
    """The events, the metrics and the student of a run whose controls are turned."""
    events, distillation = workshop.run(recipe, Turning(turns))
    rows = [row for done in of_type(events, StepDone) for row in done.metrics]
    return events, rows, to_bytes(distillation.student)


def test_untouched_controls_leave_everything_as_the_recipe_says(workshop):
    events, distillation = workshop.run(RECIPE, AsTheRecipeSays())
    assert to_bytes(distillation.student) == to_bytes(workshop.run(RECIPE)[1].student)
    assert of_type(events, ControlChanged) == []


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [("temperature", 2.0, 8.0), ("alpha", 0.5, 0.1), ("learning_rate", 0.05, 0.1), ("probe", (0, 1), (5,))],
)
def test_a_change_is_told_with_its_step_and_both_values_and_so_is_its_end(workshop, name, old, new):
    events, _, _ = turned(workshop, (4, ControlValues(**{name: new})), (9, ControlValues()))
    assert of_type(events, ControlChanged) == [
        ControlChanged(step=4, name=name, old=old, new=new),
        ControlChanged(step=9, name=name, old=new, new=None),
    ]


def test_the_step_that_is_named_is_the_first_to_use_the_new_value(workshop):
    events, rows, _ = turned(workshop, (4, ControlValues(temperature=8.0)))
    _, plain, _ = turned(workshop)
    assert rows[:3] == plain[:3]
    assert rows[3].hard == plain[3].hard
    assert rows[3].soft != plain[3].soft
    place = events.index(of_type(events, ControlChanged)[0])
    assert isinstance(events[place - 1], StepDone)
    assert events[place - 1].step == 3


def test_the_turned_alpha_weighs_the_terms(workshop):
    _, rows, _ = turned(workshop, (4, ControlValues(alpha=0.1)))
    for row in rows:
        alpha = 0.5 if row.step < 4 else 0.1
        assert row.total == pytest.approx(alpha * row.soft + (1 - alpha) * row.hard, rel=1e-5)


def test_the_turned_learning_rate_is_the_peak_of_the_schedule(workshop):
    recipe = tiny_recipe(tiny_stage(SoftTargets(), epochs=2, schedule="one_cycle"))
    _, rows, _ = turned(workshop, (4, ControlValues(learning_rate=0.1)), recipe=recipe)
    _, plain, _ = turned(workshop, recipe=recipe)
    factors = [row.learning_rate / other.learning_rate for row, other in zip(rows, plain, strict=True)]
    assert factors == pytest.approx([1.0] * 3 + [2.0] * 9)


def test_the_turned_probe_and_temperature_show_in_the_probes(workshop):
    events, _, _ = turned(workshop, (4, ControlValues(probe=(5, 3), temperature=6.0)))
    seen = [(event.step, event.examples, event.temperature) for event in of_type(events, Probed)]
    assert seen[:2] == [(2, (0, 1), 2.0), (4, (5, 3), 6.0)]


def test_looking_elsewhere_does_not_change_the_student(workshop):
    assert turned(workshop, (2, ControlValues(probe=(7,))))[2] == turned(workshop)[2]


def test_replaying_the_same_turns_gives_the_same_student_and_others_give_another(workshop):
    turns = ((3, ControlValues(temperature=8.0)), (6, ControlValues(temperature=8.0, learning_rate=0.2)))
    first, again = turned(workshop, *turns), turned(workshop, *turns)
    # The first event names the memory that is free, which changes all the time.
    assert first[0][1:] == again[0][1:]
    assert first[1:] == again[1:]
    later = tuple((step + 1, values) for step, values in turns)
    assert turned(workshop, *later)[2] != first[2]


def test_a_control_that_means_nothing_to_the_objective_changes_nothing(workshop):
    recipe = tiny_recipe(tiny_stage(HardLabels()))
    events, _, student = turned(workshop, (2, ControlValues(temperature=8.0, alpha=1.0)), recipe=recipe)
    assert student == turned(workshop, recipe=recipe)[2]
    assert {(event.name, event.old) for event in of_type(events, ControlChanged)} == {
        ("temperature", None),
        ("alpha", None),
    }


def test_controls_stay_turned_when_the_next_stage_begins(workshop):
    stage = tiny_stage(SoftTargets(temperature=2.0, alpha=0.5))
    recipe = tiny_recipe(stage, stage)
    events, rows, _ = turned(workshop, (5, ControlValues(alpha=0.1)), recipe=recipe)
    assert len(of_type(events, ControlChanged)) == 1
    for row in rows[6:]:
        assert row.total == pytest.approx(0.1 * row.soft + 0.9 * row.hard, rel=1e-5)
