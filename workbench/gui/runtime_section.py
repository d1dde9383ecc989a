"""Preferences → Runtime: what training runs on, why not on a GPU and what to do about it, and versions."""

import PySide6
from PySide6.QtCore import QObject, Qt, qVersion
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from workbench.errors import WorkbenchError
from workbench.gui.reporting import open_log_folder
from workbench.gui.theme import small
from workbench.gui.widgets.sheet import Sheet, at_left
from workbench.gui.widgets.wrapping import breakable, wrapped_label
from workbench.gui.workspace import Workspace
from workbench.session.jobs import Job
from workbench.session.places import log_folder
from workbench.session.runtime import RuntimeFacts, memory_bytes, processors, runtime_facts, versions
from workbench.session.runtime_advice import advise

_TOPIC = "preferences facts"
_FACTS = ("Training", "Devices", "PyTorch", "ONNX Runtime", "PySide6", "Python", "Processors", "Memory")
_SLOW = ("Training", "Devices", "PyTorch", "ONNX Runtime")


class RuntimeSection(QObject):
    """Rows of a sheet.

    Attributes:
        facts: What the program runs on, as labels by name.
        command: What to type into a terminal, where that would help; its row is hidden elsewhere.
        copy_button: Copies it.
        log_button: Opens the folder of the log.
    """

    def __init__(self, workspace: Workspace, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.facts = {name: _fact(name) for name in _FACTS}
        self.command = QLineEdit()
        self.command.setReadOnly(True)
        self.command.setFont(small(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont), 0.92))
        self.command.setAccessibleName("Command for a terminal")
        self.copy_button = QPushButton("Copy")
        self.copy_button.setAccessibleName("Copy the command")
        self.copy_button.setToolTip("Put the command into the clipboard, for a terminal.")
        self.log_button = QPushButton("Open log folder")
        self.log_button.setToolTip(str(log_folder()))
        self.copy_button.clicked.connect(self._copy)
        self.log_button.clicked.connect(open_log_folder)

    def add_to(self, sheet: Sheet) -> None:
        """Add the rows, and begin to look up what is not known at once."""
        sheet.add_heading("Runtime")
        self._command_row = QWidget()
        row = QHBoxLayout(self._command_row)
        row.setContentsMargins(0, 0, 0, 4)
        row.setSpacing(8)
        row.addWidget(self.command)
        row.addWidget(self.copy_button)
        self._command_row.hide()
        for name, label in self.facts.items():
            sheet.add_row(name, label)
            if name == "Training":
                sheet.add_row("", self._command_row)
        sheet.add_row("Log", at_left(self.log_button))
        self._show_quick_facts()
        self._workspace.jobs.start("Looking at devices", _look, self._show_facts, self._say_why_not, topic=_TOPIC)

    def forget(self) -> None:
        """Nobody waits for the facts any more."""
        self._workspace.jobs.cancel(_TOPIC)

    def _show_quick_facts(self) -> None:
        total, free = memory_bytes()
        self.facts["PySide6"].setText(f"{PySide6.__version__} on Qt {qVersion()}")
        self.facts["Python"].setText(f"{versions()['Python']} on {versions()['System']}")
        self.facts["Processors"].setText(f"{processors()}")
        self.facts["Memory"].setText(f"{total / 2**30:,.1f} GiB, {free / 2**30:,.1f} GiB free")
        for name in _SLOW:
            self.facts[name].setText("Looking…")

    def _show_facts(self, facts: RuntimeFacts) -> None:
        advice = advise(facts.circumstances)
        threads = f"{facts.torch_threads} thread{'s' if facts.torch_threads != 1 else ''}"
        self.facts["Training"].setText(breakable(advice.text))
        self.command.setText(advice.command)
        self.command.setCursorPosition(0)
        self.command.setToolTip(advice.command)
        self._command_row.setVisible(bool(advice.command))
        self.facts["Devices"].setText("\n".join(facts.devices))
        self.facts["PyTorch"].setText(facts.torch)
        self.facts["ONNX Runtime"].setText(f"{facts.onnxruntime}, {', '.join(facts.providers)}")
        self.facts["Processors"].setText(f"{processors()}, of which PyTorch chooses {threads}")

    def _say_why_not(self, error: WorkbenchError) -> None:
        self._workspace.failed.emit(error)
        for name in _SLOW:
            self.facts[name].setText("not known")

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.command.text())
        self.copy_button.setText("Copied")


def _look(_: Job[RuntimeFacts]) -> RuntimeFacts:
    return runtime_facts()


def _fact(name: str) -> QLabel:
    label = wrapped_label("–")
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setAccessibleName(name)
    return label
