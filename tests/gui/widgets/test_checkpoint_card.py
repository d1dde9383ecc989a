"""What a checkpoint still needs stands in its card: consent, an architecture; and its tensors can be searched."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from pytestqt.qtbot import QtBot

from workbench.errors import CodeConsentNeededError
from workbench.events import Finding
from workbench.gui.document import RecipeDocument
from workbench.gui.widgets import checkpoint_card as module
from workbench.gui.widgets.checkpoint_card import CheckpointCard
from workbench.gui.widgets.form_part import FormContext
from workbench.gui.widgets.proposals_menu import ProposalsMenu
from workbench.gui.widgets.tensors_dialog import TensorsDialog
from workbench.gui.workspace import Workspace
from workbench.recipe.models import Mlp, PythonClass, ResNet, Teacher
from workbench.session.inspecting import Inspector, LanguageFacts, ModelFacts, Score, TensorFacts
from workbench.session.naming_checkpoints import Proposal
from workbench.session.trusting import why_code

_DIGEST = "sha256:" + "ab" * 32
_TENSORS = (TensorFacts("conv.weight", (8, 3, 3, 3), "float32"), TensorFacts("head.bias", (10,), "float16"))


class Known(Inspector):
    """Knows what it is told to know."""

    def __init__(self, facts: ModelFacts | CodeConsentNeededError) -> None:
        super().__init__()
        self.facts = facts
        self.asked: list[Any] = []

    def checkpoint(
        self, path: Path, section: Any = None, folder: Path = Path(), *, writes_text: bool = False
    ) -> ModelFacts:
        self.asked.append(section)
        if isinstance(self.facts, CodeConsentNeededError):
            raise self.facts
        return self.facts

    def score(self, *_: Any, **__: Any) -> Score:
        return Score(3, 60)


def facts(**changes: Any) -> ModelFacts:
    known = {"format": "PyTorch state dict", "tensors": _TENSORS, **changes}
    return ModelFacts("mlp", 1234, 5_000_000, (4,), ("0", "1", "2"), **known)


def card_of(
    known: ModelFacts | CodeConsentNeededError, workspace: Workspace, document: RecipeDocument, qtbot: QtBot
) -> CheckpointCard:
    context = FormContext(document, workspace.theme)
    card = CheckpointCard(context, ("teachers", 0), workspace.jobs, Known(known), "teacher")
    qtbot.addWidget(card)
    card.resize(280, 400)
    card.show()
    document.edited.connect(lambda: card.sync({}))
    card.sync({})
    qtbot.waitUntil(lambda: workspace.jobs.is_idle and bool(card._inspector.asked))  # type: ignore[attr-defined]
    return card


def test_format_tokenizer_notes_and_error_are_told(
    workspace: Workspace, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    note = Finding(level="warning", title="It has no head.", fix="Use it as a student.")
    card = card_of(facts(tokenizer="/m/tokenizer.json", notes=(note,)), workspace, open_tiny, qtbot)
    assert card.text_of("format") == "PyTorch state dict"
    assert card.text_of("tokenizer") == "tokenizer.json"
    assert card.text_of("error") == "5.00 % (3 of 60)"
    assert card.notes.texts() == ["Warning: It has no head. Use it as a student."]
    assert not card.needs.isVisible()


def test_a_language_model_tells_how_it_reads_in_place_of_inputs_and_classes(
    workspace: Workspace, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    known = ModelFacts(
        "LlamaForCausalLM", 134_515_008, 98_362_432, (), (), language=LanguageFacts(49_152, 30, 576, 8192, chat=True)
    )
    card = card_of(known, workspace, open_tiny, qtbot)
    assert card.text_of("layers") == "30, each 576 wide"
    assert card.text_of("vocabulary") == "49,152 tokens"
    assert card.text_of("context") == "up to 8,192 tokens"
    assert card.text_of("conversations") == "has a chat template"
    assert (card.text_of("input"), card.text_of("classes")) == ("", "")


def test_what_the_recipe_says_of_the_checkpoint_is_part_of_the_question(
    workspace: Workspace, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    card = card_of(facts(), workspace, open_tiny, qtbot)
    inspector: Any = card._inspector
    open_tiny.set(("teachers", 0, "signature", "answers"), "probabilities")
    qtbot.waitUntil(lambda: len(inspector.asked) == 2)
    assert inspector.asked[-1].signature.answers == "probabilities"
    qtbot.waitUntil(lambda: workspace.jobs.is_idle)


def test_a_teacher_with_an_architecture_is_still_read_from_its_checkpoint(
    workspace: Workspace, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    open_tiny.set(
        ("teachers", 0, "architecture"), {"kind": "mlp", "hidden": [16], "dropout": 0.0, "input_dropout": 0.0}
    )
    card = card_of(facts(), workspace, open_tiny, qtbot)
    assert card.text_of("format") == "PyTorch state dict"


def test_a_file_that_can_run_code_is_not_judged_and_a_click_leads_to_the_question(
    workspace: Workspace, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    error = CodeConsentNeededError("/x/net.pt2", _DIGEST, "net.pt2 can run code.", "os.system")
    card = card_of(error, workspace, open_tiny, qtbot)
    assert card.needs.look.isVisible()
    assert not card.needs.choose.isVisible()
    assert "This file can run code" in card.needs.accessibleName()
    assert "os.system" in card.needs.accessibleName()
    assert card.text_of("error") == ""
    with qtbot.waitSignal(card.look_wanted) as wanted:
        qtbot.mouseClick(card.needs.look, Qt.MouseButton.LeftButton)
    assert wanted.args == [Path("/x/net.pt2"), "os.system"]


def test_a_card_that_needs_consent_finds_out_which_file_it_is(
    workspace: Workspace, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    from workbench.consents import digest_of

    teacher = open_tiny.folder / "teacher.safetensors"
    card = card_of(facts(needs="consent", digest=digest_of(teacher)), workspace, open_tiny, qtbot)
    with qtbot.waitSignal(card.look_wanted) as wanted:
        qtbot.mouseClick(card.needs.look, Qt.MouseButton.LeftButton)
    assert wanted.args[0] == teacher


def test_a_class_that_needs_consent_is_asked_for_by_its_own_name_and_not_by_that_of_the_weights() -> None:
    titles = ("It can run code when it is loaded.", "Its classes have no names.")
    notes = [Finding(level="warning", title=title, fix="") for title in titles]
    made_by = PythonClass(file="models/net.py", name="Net")
    assert why_code(Teacher(checkpoint="net.pt", architecture=made_by), notes)[0] == "net.py"
    assert why_code(Teacher(checkpoint="a/net.pt2"), notes) == ("net.pt2", "It can run code when it is loaded.")


def test_weights_of_unknown_architecture_offer_to_name_one_in_one_undo_step(
    workspace: Workspace, open_tiny: RecipeDocument, qtbot: QtBot
) -> None:
    card = card_of(facts(needs="architecture"), workspace, open_tiny, qtbot)
    assert card.needs.choose.isVisible()
    assert card.text_of("error") == "", "what cannot be loaded is not judged"
    menu = card.needs.choose.menu()
    names = [action.text() for action in menu.actions()]
    assert names == ["MLP", "ConvNet", "ResNet", "Hugging Face config", "Python class"]
    chosen: QAction = menu.actions()[-1]
    with qtbot.waitSignal(card.place_wanted) as wanted:
        chosen.trigger()
    assert wanted.args == [("teachers", 0, "architecture")]
    assert open_tiny.value(("teachers", 0, "architecture"))["kind"] == "python_class"
    open_tiny.undo_stack.undo()
    assert open_tiny.value(("teachers", 0, "architecture")) is None
    qtbot.waitUntil(lambda: workspace.jobs.is_idle)


def test_what_fits_is_offered_with_how_well_it_did_and_goes_into_the_recipe(
    workspace: Workspace, open_tiny: RecipeDocument, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    fitting = (Proposal("An MLP", Mlp(hidden=(16,)), 50, 60), Proposal("Other", ResNet(), problem="It reads pictures."))
    monkeypatch.setattr(module, "tried_proposals", lambda *_: fitting)
    card = card_of(facts(needs="architecture"), workspace, open_tiny, qtbot)
    qtbot.mouseClick(card.needs.attempt, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: card.findChild(ProposalsMenu) is not None)
    menu = card.findChild(ProposalsMenu)
    assert menu is not None
    told = [(action.text(), action.isEnabled()) for action in menu.actions()]
    assert told == [("An MLP: 50 of 60 right", True), ("Other: cannot be used", False)]
    menu.actions()[0].trigger()
    menu.close()
    assert open_tiny.value(("teachers", 0, "architecture"))["hidden"] == [16]
    qtbot.waitUntil(lambda: workspace.jobs.is_idle)


def test_tensors_are_a_table_to_search(workspace: Workspace, open_tiny: RecipeDocument, qtbot: QtBot) -> None:
    card = card_of(facts(), workspace, open_tiny, qtbot)
    qtbot.mouseClick(card.tensors, Qt.MouseButton.LeftButton)
    dialog = card.window().findChild(TensorsDialog)
    assert dialog is not None
    assert dialog.count.text() == "2 tensors"
    qtbot.keyClicks(dialog.search, "HEAD")
    rows = dialog.table.model()
    assert [rows.index(0, column).data() for column in range(3)] == ["head.bias", "10", "float16"]
    assert dialog.count.text() == "1 of 2 tensors"
    dialog.close()


@pytest.mark.parametrize("misfits", ["", "  missing  head.weight"])
def test_what_does_not_fit_stands_above_the_tensors(misfits: str, workspace: Workspace, qtbot: QtBot) -> None:
    from PySide6.QtWidgets import QPlainTextEdit

    dialog = TensorsDialog("net.pth", _TENSORS, misfits, workspace.theme)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    boxes = dialog.findChildren(QPlainTextEdit)
    assert [box.toPlainText() for box in boxes] == ([misfits] if misfits else [])
