"""Live controls: ranges from the recipe, one snapshot a step, journals replayed at their steps."""

import threading
from typing import Any

import pytest

from workbench.errors import WorkbenchError
from workbench.events import ControlValues
from workbench.session.controls import LiveControls


def test_untouched_controls_leave_everything_to_the_recipe() -> None:
    assert LiveControls().read(1) == ControlValues()


def test_changes_made_together_arrive_together() -> None:
    controls = LiveControls()
    controls.set(temperature=3.0, alpha=0.5)
    assert controls.read(1) == ControlValues(temperature=3.0, alpha=0.5)


def test_none_goes_back_to_the_recipe() -> None:
    controls = LiveControls()
    controls.set(temperature=3.0)
    controls.set(temperature=None)
    assert controls.read(1) == ControlValues()


def test_a_journal_is_replayed_at_its_steps() -> None:
    controls = LiveControls([(5, "alpha", 0.1), (3, "temperature", 2.0)])
    assert controls.read(2) == ControlValues()
    assert controls.read(3) == ControlValues(temperature=2.0)
    assert controls.read(9) == ControlValues(temperature=2.0, alpha=0.1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", 0.0),
        ("temperature", float("nan")),
        ("alpha", 1.01),
        ("alpha", -0.01),
        ("learning_rate", float("inf")),
        ("colour", 1.0),
        ("alpha", "much"),
        ("temperature", True),
        ("probe", "abc"),
        ("probe", (-1,)),
        ("probe", tuple(range(65))),
    ],
)
def test_values_out_of_range_are_refused_and_change_nothing(name: str, value: Any) -> None:
    controls = LiveControls()
    with pytest.raises(WorkbenchError):
        controls.set(**{"temperature": 5.0} | {name: value})
    assert controls.read(1) == ControlValues()
    with pytest.raises(WorkbenchError):
        LiveControls([(1, name, value)])


def test_the_range_in_the_refusal_is_the_recipes() -> None:
    with pytest.raises(WorkbenchError, match=r"temperature = -1 is out of range: greater than 0, at most 1000"):
        LiveControls().set(temperature=-1)


def test_a_snapshot_never_mixes_two_changes_made_by_another_thread() -> None:
    controls = LiveControls()
    pairs = [(float(number), number / 1000) for number in range(1, 1000)]

    def turn() -> None:
        for temperature, alpha in pairs:
            controls.set(temperature=temperature, alpha=alpha)

    thread = threading.Thread(target=turn)
    thread.start()
    seen = [controls.read(step) for step in range(2000)]
    thread.join()
    assert {(values.temperature, values.alpha) for values in seen} <= {(None, None), *pairs}
