"""What a person wishes of an export: where to, which files, what they take and give."""

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFileDialog, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from workbench.gui.asking import choose
from workbench.gui.theme import small
from workbench.gui.widgets.segments import Segments
from workbench.gui.widgets.sheet import Sheet, at_left
from workbench.gui.widgets.wrapping import wrapped_label
from workbench.recipe.export import Export
from workbench.session.exporting_again import CHECKPOINT_FILE, ExportWish
from workbench.session.respondents import EXPORTED_FILE

_FIELDS = Export.model_fields
_REPLACED = "Made if needed. Files of an earlier export there are replaced, others stay."
_INT8, _TEXT_INT8 = "student.int8.onnx, 8-bit integers", "onnx/model_quantized.onnx, 8 bits"
_ALWAYS, _TEXT_ALWAYS = f"{EXPORTED_FILE}, 32-bit floats, always", "onnx/model.onnx, 32-bit floats, always"
_ONE_FOLDER = "With config and tokenizer: one folder that four libraries load; its README says how."


class ExportSettings(Sheet):
    """A form for one wish.

    Signals:
        changed: Another wish.
    """

    changed = Signal()

    def __init__(self, target: Path) -> None:
        super().__init__()
        self._unfinished = False
        self.folder = QLineEdit(str(target))
        self.folder.setAccessibleName("Folder to export to")
        self.browse = QPushButton("Browse…")
        self.browse.setAccessibleName("Browse for the folder to export to")
        self.int8 = QCheckBox(_INT8)
        self.four_bit = QCheckBox("onnx/model_q4.onnx, 4 bits")
        self.input = Segments("Input", {"float": "Floats 0 to 1", "uint8": "Bytes 0 to 255"})
        self.softmax = QCheckBox("Probabilities instead of logits")
        self.checkpoint = QCheckBox(f"{CHECKPOINT_FILE} too")
        self.half = QCheckBox("In half precision")
        self.half.setEnabled(False)
        self._always = QLabel(_ALWAYS)
        self._of_classifiers: list[QWidget] = []
        self._of_text: list[QWidget] = []
        self.show_section(Export())
        self._lay_out()
        self.ask_for(text=False)
        self._connect()

    def show_section(self, section: Export) -> None:
        """Begin with what a recipe says."""
        self.int8.setChecked(section.int8)
        self.four_bit.setChecked(section.four_bit)
        self.input.value = section.input
        self.softmax.setChecked(section.softmax)

    def wish(self) -> ExportWish:
        """What is asked for."""
        section = Export(
            int8=self.int8.isChecked(),
            four_bit=self.four_bit.isChecked(),
            input="uint8" if self.input.value == "uint8" else "float",
            softmax=self.softmax.isChecked(),
        )
        wish = ExportWish(Path(self.folder.text().strip()).expanduser(), section, unfinished=self._unfinished)
        return replace(wish, checkpoint=self.checkpoint.isChecked(), half=self.half.isChecked())

    @property
    def why_not(self) -> str:
        """What is missing, in words; empty when nothing is."""
        text = self.folder.text().strip()
        if not text:
            return "Name a folder to export to."
        return "" if Path(text).expanduser().is_absolute() else "Name the folder with its whole path."

    def allow_bytes(self, *, allowed: bool) -> None:
        """Whether the student takes pictures, which alone come as bytes."""
        button = self.input.button("uint8")
        button.setEnabled(allowed)
        button.setToolTip("" if allowed else "This student takes numbers, not pictures.")
        self.input.button("float").setText("Floats 0 to 1" if allowed else "Floats")
        if not allowed:
            self.input.value = "float"

    def ask_for(self, *, text: bool) -> None:
        """Whether the student is a language model: its folder has other files, and nothing but text goes in."""
        self._always.setText(_TEXT_ALWAYS if text else _ALWAYS)
        self.int8.setText(_TEXT_INT8 if text else _INT8)
        for parts, shown in ((self._of_classifiers, not text), (self._of_text, text)):
            for part in parts:
                part.setVisible(shown)

    def take_unfinished(self, *, unfinished: bool) -> None:
        """Whether the student of the newest checkpoint is wished for, since there is no finished one."""
        self._unfinished = unfinished

    def _lay_out(self) -> None:
        folder = QHBoxLayout()
        folder.setSpacing(8)
        folder.addWidget(self.folder, 1)
        folder.addWidget(self.browse)
        self.add_row("&Folder", folder, self.folder)
        self.add_row("", _help(_REPLACED))
        self.add_row("Files", self._always)
        self.add_row("", self.int8)
        self.add_row("", _help(_FIELDS["int8"].description))
        self._of_text += self.add_row("", self.four_bit)
        self._of_text += self.add_row("", _help(_FIELDS["four_bit"].description, role="warning"))
        self._of_text += self.add_row("Weights", QLabel("model.safetensors, always"))
        self._of_text += self.add_row("", _help(_ONE_FOLDER))
        held = QWidget()
        inputs = at_left(self.input)
        inputs.setContentsMargins(0, 0, 0, 0)
        held.setLayout(inputs)
        self._of_classifiers += self.add_row("&Input", held, self.input.button("float"))
        self._of_classifiers += self.add_row("", _help(_FIELDS["input"].description))
        self._of_classifiers += self.add_row("Output", self.softmax)
        self._of_classifiers += self.add_row("", _help(_FIELDS["softmax"].description))
        self._of_classifiers += self.add_row("Checkpoint", self.checkpoint)
        self._of_classifiers += self.add_row("", self.half)
        self._of_classifiers += self.add_row("", _help("Half the size; loading makes 32-bit floats of it again."))
        self.end()

    def _connect(self) -> None:
        self.folder.textChanged.connect(self.changed)
        self.folder.textChanged.connect(self.folder.setToolTip)
        self.browse.clicked.connect(self._browse)
        self.checkpoint.toggled.connect(self.half.setEnabled)

    def _browse(self) -> None:
        start = Path(self.folder.text()).expanduser()
        start = next((path for path in (start, *start.parents) if path.is_dir()), Path.home())
        choose(self, "Export to", self._take, start=start, mode=QFileDialog.FileMode.Directory)

    def _take(self, path: Path) -> None:
        self.folder.setText(str(path))


def _help(text: str | None, *, role: str = "muted") -> QLabel:
    label = wrapped_label(text or "")
    label.setFont(small(label.font()))
    label.setProperty("role", role)
    return label
