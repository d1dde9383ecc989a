"""A run that is cut off anywhere and goes on ends with the very same student and tells the same numbers."""

import pytest
import torch

from engine.workshop import Turning, Workshop, of_type, picture_recipe, tiny_recipe, tiny_stage
from workbench.engine.checkpoints import to_bytes
from workbench.engine.distilling import Distillation
from workbench.engine.run_state import from_bytes
from workbench.events import ControlChanged, ControlValues, Evaluated, Finished, Probed, StepDone
from workbench.recipe.inputs import Augmentation, TransferSet
from workbench.recipe.models import Mlp, Student, Teacher
from workbench.recipe.monitoring import Monitoring
from workbench.recipe.objectives import HardLabels, ReverseKL

DROPPING = Student(seed=2, architecture=Mlp(hidden=(8,), dropout=0.3, input_dropout=0.1))
CHANGING = TransferSet(batch_size=8, augmentation=Augmentation(shift=1, flip=True, crop=5, noise=0.05))
LEFT_OUT = TransferSet(batch_size=6, omit_classes=(3,), correct_bias=True)
RESTLESS = {"learning_rate": 1.5, "schedule": "constant", "warm_up": 0.0}

RECIPES = {
    "sgd with dropout": tiny_recipe(tiny_stage(epochs=2), student=DROPPING),
    "adam with dropout": tiny_recipe(tiny_stage(epochs=2, optimiser="adam", learning_rate=0.01), student=DROPPING),
    "adamw": tiny_recipe(tiny_stage(optimiser="adamw", learning_rate=0.01, weight_decay=0.1, clip_norm=0.5)),
    "pictures with batch norm": picture_recipe(tiny_stage(inputs=CHANGING)),
    "accumulation": tiny_recipe(tiny_stage(inputs=TransferSet(batch_size=4), epochs=2, accumulate=2)),
    "unlabelled": tiny_recipe(tiny_stage(ReverseKL(), inputs=TransferSet(batch_size=8, unlabelled=0.7))),
    "two stages": tiny_recipe(
        tiny_stage(optimiser="adam", learning_rate=0.01), tiny_stage(HardLabels()), student=DROPPING
    ),
    "early stop": tiny_recipe(tiny_stage(HardLabels(), epochs=20, early_stop=2, **RESTLESS)),
    "early stop, then another stage": tiny_recipe(
        tiny_stage(HardLabels(), epochs=20, early_stop=1, **RESTLESS), tiny_stage(early_stop=3, **RESTLESS)
    ),
    "left-out classes, then all": tiny_recipe(tiny_stage(inputs=LEFT_OUT), tiny_stage(HardLabels())),
    "rare readings": tiny_recipe(
        tiny_stage(epochs=2), monitoring=Monitoring(log_every=5, evaluate_every=10, probe_every=100)
    ),
    "two teachers": tiny_recipe(
        teachers=(Teacher(checkpoint="teacher.safetensors"), Teacher(checkpoint="other.safetensors", weight=2.0))
    ),
}


def told(events):
    """What a run tells of its steps; how it starts is told again by a resumed one."""
    return [
        event
        for event in events
        if isinstance(event, StepDone | Probed | Evaluated | ControlChanged | Finished) and event.step > 0
    ]


def told_after(events, step):
    """What a run tells once a step is done."""
    (place,) = (place for place, event in enumerate(events) if isinstance(event, StepDone) and event.step == step)
    return told(events[place + 1 :])


def with_states(workshop: Workshop, recipe, controls=None):
    """A whole run: its events, its student, and its state as bytes at every StepDone."""
    distillation = Distillation(workshop.setup(recipe), controls)
    events, states = [], {}
    for event in distillation.events():
        events.append(event)
        if isinstance(event, StepDone):
            states[event.step] = distillation.state().to_bytes()
    return events, to_bytes(distillation.student), states


def resumed(workshop: Workshop, recipe, state: bytes, controls=None):
    """The events and the student of a run that goes on from a state."""
    distillation = Distillation(workshop.setup(recipe), controls)
    distillation.restore(from_bytes(state, "state"))
    return list(distillation.events()), to_bytes(distillation.student)


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_a_run_resumed_after_any_step_ends_with_the_same_bytes_and_tells_the_same(workshop, recipe):
    events, student, states = with_states(workshop, recipe)
    assert len(states) >= 3
    for step, state in states.items():
        torch.rand(step)
        events_after, student_after = resumed(workshop, recipe, state)
        assert student_after == student
        assert told(events_after) == told_after(events, step)


def test_the_early_stops_above_do_stop_early(workshop):
    alone, _, _ = with_states(workshop, RECIPES["early stop"])
    assert alone[-1].reason == "early stop"
    both, _, _ = with_states(workshop, RECIPES["early stop, then another stage"])
    stages = [row.stage for done in of_type(both, StepDone) for row in done.metrics]
    assert 0 < stages.count(0) < 120
    assert stages.count(1) > 0


def test_turned_controls_are_remembered_across_a_resume(workshop):
    controls = Turning(
        ((3, ControlValues(temperature=9.0, learning_rate=0.1)), (5, ControlValues(alpha=0.2, probe=(1,))))
    )
    recipe = tiny_recipe(tiny_stage(epochs=2))
    events, student, states = with_states(workshop, recipe, controls)
    for step, state in states.items():
        events_after, student_after = resumed(workshop, recipe, state, controls)
        assert student_after == student
        changes = [event for event in of_type(events, ControlChanged) if event.step > step]
        assert of_type(events_after, ControlChanged) == changes


def test_a_run_can_be_resumed_twice(workshop):
    recipe = RECIPES["sgd with dropout"]
    _, student, states = with_states(workshop, recipe)
    distillation = Distillation(workshop.setup(recipe))
    distillation.restore(from_bytes(states[3], "state"))
    for event in distillation.events():
        if isinstance(event, StepDone) and event.step == 7:
            break
    assert resumed(workshop, recipe, distillation.state().to_bytes())[1] == student


def test_a_state_does_not_change_while_the_run_goes_on(workshop):
    distillation = Distillation(workshop.setup(tiny_recipe(tiny_stage(optimiser="adam"))))
    kept = []
    for event in distillation.events():
        if isinstance(event, StepDone):
            state = distillation.state()
            kept.append((event.step, state, state.to_bytes()))
    for step, state, raw in kept:
        assert state.progress.step == step
        assert state.to_bytes() == raw


def test_a_state_can_be_restored_more_than_once(workshop):
    recipe = RECIPES["adam with dropout"]
    _, student, states = with_states(workshop, recipe)
    state = from_bytes(states[4], "state")
    for _ in range(2):
        distillation = Distillation(workshop.setup(recipe))
        distillation.restore(state)
        list(distillation.events())
        assert to_bytes(distillation.student) == student


def test_a_resumed_run_says_where_it_stands_and_does_not_score_the_start_again(workshop):
    recipe = RECIPES["sgd with dropout"]
    _, _, states = with_states(workshop, recipe)
    events, _ = resumed(workshop, recipe, states[4])
    assert events[0].step == 4
    assert [event.step for event in of_type(events, Evaluated)] == [6, 9, 12]


def test_a_finished_run_has_nothing_left_to_do(workshop):
    _, distillation = workshop.run(tiny_recipe())
    student = to_bytes(distillation.student)
    events, again = resumed(workshop, tiny_recipe(), distillation.state().to_bytes())
    assert [type(event).__name__ for event in events] == ["Prepared", "Finished"]
    assert again == student
