"""Where stages lie on the map of all recipes."""

import pytest
from pytestqt.qtbot import QtBot

from workbench.gui.theme import Theme
from workbench.gui.widgets.era_map import Cell, EraMap, cells_of
from workbench.recipe.inputs import Inputs, Rollouts, TeacherWritten, TransferSet
from workbench.recipe.objectives import HardLabels, Objective, ReverseKL, SoftTargets
from workbench.recipe.recipe import Stage


@pytest.mark.parametrize(
    ("inputs", "objective", "cells"),
    [
        (TransferSet(), HardLabels(), {(0, 0)}),
        (TransferSet(), SoftTargets(), {(1, 0)}),
        (TransferSet(), SoftTargets(alpha=0), {(0, 0)}),
        (TeacherWritten(), HardLabels(), {(0, 1)}),
        (TeacherWritten(), SoftTargets(), {(1, 1)}),
        (Rollouts(), ReverseKL(), {(1, 2)}),
        (Rollouts(lmbda=0.5), ReverseKL(), {(1, 2), (1, 0)}),
        (Rollouts(lmbda=0.5, otherwise=TeacherWritten()), ReverseKL(), {(1, 2), (1, 1)}),
        (Rollouts(lmbda=0, otherwise=TeacherWritten()), ReverseKL(), {(1, 1)}),
    ],
)
def test_a_stage_lies_where_its_target_and_its_inputs_say(
    inputs: Inputs, objective: Objective, cells: set[Cell]
) -> None:
    assert cells_of(Stage(inputs=inputs, objective=objective)) == cells


def test_two_stages_are_numbered_and_a_single_one_is_the_recipe(theme: Theme, qtbot: QtBot) -> None:
    map_ = EraMap()
    qtbot.addWidget(map_)
    soft = Stage()
    on_policy = Stage(inputs=Rollouts(), objective=ReverseKL())
    map_.show_stages([soft, on_policy])
    assert map_.cells[1, 0].stage.text() == "Stage 1"
    assert map_.cells[1, 2].stage.text() == "Stage 2"
    assert map_.cells[1, 2].property("card") == "accent"
    map_.show_stages([soft])
    assert map_.cells[1, 0].stage.text() == "This recipe"
    assert map_.cells[1, 2].stage.text() == ""
    assert map_.cells[1, 2].property("card") == "true"


def test_a_stage_that_is_not_whole_lies_nowhere_and_the_others_keep_their_numbers(theme: Theme, qtbot: QtBot) -> None:
    map_ = EraMap()
    qtbot.addWidget(map_)
    map_.show_stages([None, Stage()])
    assert [cell.stage.text() for cell in map_.cells.values() if cell.stage.text()] == ["Stage 2"]
