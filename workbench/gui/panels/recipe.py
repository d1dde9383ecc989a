"""The recipe as one form: teachers, student, data, objective, training, and the rest behind More."""

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout

from workbench.gui.panel import Panel, Place
from workbench.gui.widgets.checkpoint_card import CheckpointCard
from workbench.gui.widgets.data_facts import DataCard
from workbench.gui.widgets.field_row import FieldRow, refusal_label, show_refusal
from workbench.gui.widgets.finding_list import FindingList
from workbench.gui.widgets.form_part import FormContext, FormPart, Problems, column, owned, put_visible
from workbench.gui.widgets.formula_label import FormulaLabel
from workbench.gui.widgets.problem_list import ProblemList
from workbench.gui.widgets.section_box import SectionBox
from workbench.gui.widgets.section_list import SectionList
from workbench.gui.widgets.settings_form import SettingsForm, section_form
from workbench.gui.widgets.stage_deck import StageDeck
from workbench.gui.widgets.student_form import StudentForm
from workbench.recipe import Recipe, Stage
from workbench.recipe.drafts import Location
from workbench.recipe.models import Teacher
from workbench.session.inspecting import Inspector

if TYPE_CHECKING:
    from workbench.gui.workspace import Workspace

_HEAD = ("name", "description")
_PLACED = (*_HEAD, "teachers", "averaging", "student", "data", "stages")
_NO_TEACHER = "No teacher: the student can only learn from the labels."
_MARGIN = 8
# Pixels that stay in view above and below what was scrolled to.
_AROUND = 60


class RecipePanel(Panel):
    """Edits the workspace's document; what the recipe gains in fields and kinds appears here by itself."""

    name: ClassVar[str] = "recipe"
    title: ClassVar[str] = "Recipe"
    place: ClassVar[Place] = Place.LEFT

    def __init__(self, workspace: "Workspace") -> None:
        super().__init__(workspace)
        self._document = workspace.document
        self._context = FormContext(self._document, workspace.theme)
        self._inspector = Inspector()
        self._student_card: CheckpointCard | None = None
        self._teacher_cards: list[CheckpointCard] = []
        self._form = _RecipeForm(self)
        self.problems = ProblemList(workspace.theme)
        self.problems.chosen.connect(self.show_problem)
        self.findings = FindingList(workspace.ahead, workspace.theme)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(self._form)
        layout = column(self, 0)
        layout.addWidget(self._scroll, 1)
        layout.addWidget(self.problems)
        layout.addWidget(self.findings)
        self._document.edited.connect(self._edited)
        self._document.opened.connect(self._opened)
        workspace.consenting.agreed.connect(self._ask_cards_again)
        self.refresh()

    def refresh(self) -> None:
        """Bring every widget up to the document, in place."""
        self._form.sync(self._document.problems)
        self.problems.show_problems(self._document.problems)
        self.workspace.ahead.look_soon()

    def show_problem(self, location: Location) -> None:
        """Scroll to what is wrong and put the cursor there; also any other value, by its place in the draft."""
        found = self._form.reveal(location)
        if found is None:
            return
        # What was just revealed has its place only after the layouts ran, the outer ones after the inner ones.
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
        self._scroll.ensureWidgetVisible(found, 0, _AROUND)
        found.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- the boxes

    def teacher_form(self, location: Location) -> FormPart:
        """One teacher: its fields, and the card of its checkpoint."""
        card = self._card(location, "teacher")
        self._teacher_cards.append(card)
        holder = FormPart(self._context, location)
        holder.stack([SettingsForm(self._context, Teacher, location), card])
        return holder

    def teachers(self) -> list[FormPart]:
        """The inside of the box of teachers."""
        context, fields = self._context, Recipe.model_fields
        teachers = SectionList(context, ("teachers",), fields["teachers"], self.teacher_form, empty=_NO_TEACHER)
        return [teachers, _Averaging(context, ("averaging",), fields["averaging"])]

    def student(self) -> list[FormPart]:
        """The inside of the student's box."""
        self._student_card = self._card(("student",), "student")
        return [StudentForm(self._context, ("student",)), self._student_card]

    def data(self) -> list[FormPart]:
        """The inside of the data's box."""
        form = section_form(self._context, ("data",), Recipe.model_fields["data"])
        return [form, DataCard(self._context, ("data",), self.workspace.jobs, self._inspector)]

    def stage(self, location: Location) -> FormPart:
        """The boxes of one stage: what counts as the target, and all the rest."""
        context, place = self._context, (*location, "objective")
        rest = [name for name in Stage.model_fields if name != "objective"]

        def objective() -> list[FormPart]:
            return [section_form(context, place, Stage.model_fields["objective"]), FormulaLabel(context, place)]

        def training() -> list[FormPart]:
            return [SettingsForm(context, Stage, location, rest)]

        page = FormPart(context, location)
        boxes = [
            SectionBox(context, place, "Objective", ("softening", "accent"), objective),
            SectionBox(context, location, "Training", ("curves", "accent"), training),
        ]
        page.stack(boxes).setSpacing(_MARGIN)
        return page

    def more(self) -> list[FormPart]:
        """Every field of a recipe that has no box of its own."""
        rest = [name for name in Recipe.model_fields if name not in _PLACED]
        return [SettingsForm(self._context, Recipe, (), rest)]

    def _card(self, location: Location, colour: str) -> CheckpointCard:
        card = CheckpointCard(self._context, location, self.workspace.jobs, self._inspector, colour)
        card.known.connect(self._compare)
        card.look_wanted.connect(self._ask_consent)
        card.place_wanted.connect(self.show_problem)
        return card

    def _ask_consent(self, path: Path, reasons: str) -> None:
        self.workspace.consenting.ask(path, reasons, self)

    def _ask_cards_again(self) -> None:
        for card in (*self._teacher_cards, *([self._student_card] if self._student_card else [])):
            if card.isVisible():
                card.ask_again()

    def _compare(self) -> None:
        if self._student_card is None:
            return
        teachers = self._document.value(("teachers",))
        facts = [card.facts for card in self._teacher_cards if int(card.location[1]) < len(teachers)]
        known = [found for found in facts if found is not None]
        self._student_card.compare(known if len(known) == len(teachers) else [])

    # -- the document

    def _edited(self) -> None:
        # What a person types is answered at once; a hidden panel catches up when it is shown.
        if self.isVisible():
            self.refresh()
            self._compare()
        else:
            self.mark_stale()

    def _opened(self) -> None:
        self._form.forget()
        self._scroll.verticalScrollBar().setValue(0)
        self._edited()


def _has_no_box(location: Location) -> bool:
    return bool(location) and location[0] not in _PLACED


class _RecipeForm(FormPart):
    """All boxes of the recipe in one column."""

    def __init__(self, panel: RecipePanel) -> None:
        context: FormContext = panel._context
        super().__init__(context, ())
        self._refusal = refusal_label()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        layout.setSpacing(_MARGIN)
        layout.addWidget(self._refusal)
        stages = Recipe.model_fields["stages"]
        boxes = [
            SectionBox(context, (), "Recipe", ("recipe", "text"), self._head),
            SectionBox(context, ("teachers",), "Teacher", ("teacher", "teacher"), panel.teachers),
            SectionBox(context, ("student",), "Student", ("student", "student"), panel.student),
            SectionBox(context, ("data",), "Data", ("data", "accent"), panel.data),
            StageDeck(context, ("stages",), stages, panel.stage),
            SectionBox(context, (), "More", ("settings", "muted"), panel.more, is_open=False, claims=_has_no_box),
        ]
        for part in boxes:
            self.take_in(part, layout)
        layout.addStretch(1)

    def sync(self, problems: Problems) -> None:
        """As `FormPart.sync`; what is wrong with the recipe as a whole stands at the top."""
        show_refusal(self._refusal, problems.get((), ""))
        placed = {location: sentence for location, sentence in problems.items() if location}
        for part in self.parts:
            part.sync(owned(part, placed))

    def _head(self) -> list[FormPart]:
        return [SettingsForm(self.context, Recipe, (), _HEAD)]


class _Averaging(FieldRow):
    """How several teachers become one; of no meaning with fewer than two."""

    def sync(self, problems: Problems) -> None:
        """As `FormPart.sync`."""
        super().sync(problems)
        self._put()

    def fold(self, is_open: bool) -> int:
        """It is shown by the number of teachers alone."""
        self._put()
        return 0

    def _put(self) -> None:
        put_visible(self, len(self.context.document.value(("teachers",))) > 1)
