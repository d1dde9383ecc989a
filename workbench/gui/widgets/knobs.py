"""Temperature, α and learning rate: before a run they write the recipe, during a run they turn the run itself."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from workbench.events import ControlChanged, Finished, StageStarted
from workbench.gui.theme import mark
from workbench.gui.widgets.knob import Knob, Scale
from workbench.gui.workspace import Workspace
from workbench.recipe.objectives import SoftTargets
from workbench.recipe.optimisation import Optimisation
from workbench.session.history import History
from workbench.session.run import RunStatus

_SECTIONS = {"temperature": "objective", "alpha": "objective", "learning_rate": "optimisation"}
_HELP = {
    "temperature": SoftTargets.model_fields["temperature"].description or "",
    "alpha": SoftTargets.model_fields["alpha"].description or "",
    "learning_rate": Optimisation.model_fields["learning_rate"].description or "",
}
_LABELS = {"temperature": "T", "alpha": "α", "learning_rate": "learning rate"}
_LIVE = (RunStatus.RUNNING, RunStatus.PAUSED)


class Knobs(QWidget):
    """The three knobs in a row, and what they turn."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(18)
        self.target = QLabel()
        self.target.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.target.setMinimumWidth(self.target.fontMetrics().horizontalAdvance("Recipe") + 20)
        row.addWidget(self.target)
        scales = {
            "temperature": Scale(0.5, 50, is_log=True),
            "alpha": Scale(0, 1),
            "learning_rate": Scale(1e-4, 1, is_log=True),
        }
        self.knobs = {name: Knob(name, _LABELS[name], scale, _HELP[name]) for name, scale in scales.items()}
        for knob in self.knobs.values():
            row.addWidget(knob, 1)
        self.back = QPushButton("Back to the recipe")
        self.back.setToolTip("Let the run use the recipe's values again.")
        # The row is no lower without it.
        self.setMinimumHeight(self.back.sizeHint().height())
        row.addWidget(self.back)
        self.knobs["temperature"].turned.connect(self._temperature_turned)
        self.knobs["alpha"].turned.connect(self._alpha_turned)
        self.knobs["learning_rate"].turned.connect(self._rate_turned)
        self.back.clicked.connect(self._go_back)
        workspace.document.edited.connect(self.show_values)
        workspace.status_changed.connect(self.show_values)
        workspace.watched_changed.connect(self.show_values)
        workspace.heard.connect(self._heard)
        self.show_values()

    @property
    def is_live(self) -> bool:
        """Whether a run is being turned, and not the recipe; its baseline goes the way the run itself went."""
        active = self._workspace.active
        return self._workspace.status in _LIVE and active is not None and active.is_learning

    def show_values(self, _: object = None) -> None:
        """What is in force: the run's own values while it trains, else the recipe's."""
        live = self.is_live
        self.target.setText("Live" if live else "Recipe")
        mark(self.target, "role", "live" if live else "muted")
        self.target.setToolTip(
            "The knobs turn the run: from its next step on, marked on the curves and journalled."
            if live
            else "The knobs write the recipe; while a run trains, they turn the run."
        )
        for name, knob in self.knobs.items():
            knob.show_value(self._run_value(name) if live else self._recipe_value(name))
            knob.setEnabled(knob.isEnabled() and (live or not self._workspace.is_training))
        mark(self, "live", live)
        # There all the while: the sliders would shrink under the hand that turns them.
        self.back.setVisible(live)
        self.back.setEnabled(live and self._is_turned())

    def _heard(self, history: History, event: object) -> None:
        if isinstance(event, (StageStarted, ControlChanged, Finished)) and not history.is_baseline:
            self.show_values()

    def _temperature_turned(self, value: float) -> None:
        self._turn("temperature", value)

    def _alpha_turned(self, value: float) -> None:
        self._turn("alpha", value)

    def _rate_turned(self, value: float) -> None:
        self._turn("learning_rate", value)

    def _turn(self, name: str, value: float) -> None:
        if self.is_live:
            self._workspace.turn(**{name: value})
        else:
            self._workspace.document.set(("stages", 0, _SECTIONS[name], name), value)
        self.show_values()

    def _go_back(self) -> None:
        self._workspace.turn(**dict.fromkeys(self.knobs))
        self.show_values()

    def _recipe_value(self, name: str) -> float | None:
        try:
            value: Any = self._workspace.document.value(("stages", 0, _SECTIONS[name], name))
        except (KeyError, IndexError):
            return None
        return float(value) if isinstance(value, (int, float)) else None

    def _run_value(self, name: str) -> float | None:
        active = self._workspace.active
        if active is None or active.run is None or active.recipe is None:
            return None
        own = getattr(active.run.controls.wanted, name) if active.run.controls else None
        stage = active.stage.stage if active.stage is not None else 0
        section = getattr(active.recipe.stages[stage], _SECTIONS[name])
        value = own if own is not None else getattr(section, name, None)
        return None if not hasattr(section, name) else value

    def _is_turned(self) -> bool:
        active = self._workspace.active
        controls = active.run.controls if active and active.run else None
        return controls is not None and any(getattr(controls.wanted, name) is not None for name in self.knobs)
