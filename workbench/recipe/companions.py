"""Which kinds of sections go with the data of a recipe, and how a draft follows data of another kind."""

from typing import Any

from workbench.recipe.data import Conversations
from workbench.recipe.drafts import Draft, fresh
from workbench.recipe.inputs import INPUTS, Rollouts, TeacherWritten, TransferSet
from workbench.recipe.models import ARCHITECTURES, CausalLm, ConvNet, Lora, Mlp, PythonClass, ResNet, TeacherLayers
from workbench.recipe.objectives import HardLabels
from workbench.recipe.optimisation import Optimisation
from workbench.recipe.recipe import Stage
from workbench.recipe.section import Section

# All others go with both.
ONLY_TEXT: tuple[type[Section], ...] = (CausalLm, Lora, TeacherWritten, Rollouts)
ONLY_CLASSES: tuple[type[Section], ...] = (Mlp, ConvNet, ResNet, PythonClass)
_NOT_FOR_TEXT = "Writes no text: it goes with data that has classes, not with conversations."
_NOT_FOR_CLASSES = "For language models: it goes with data of the kind conversations."


def why_not(section: type[Section], draft: Any) -> str:
    """Why a section does not go with the data of a draft, in words; empty where it does.

    Args:
        section: A kind of architecture or inputs, or any other section.
        draft: A whole recipe's values; anything else speaks against nothing.
    """
    if not isinstance(draft, dict) or not isinstance(draft.get("data"), dict):
        return ""
    if _writes_text(draft):
        return _NOT_FOR_TEXT if section in ONLY_CLASSES else ""
    return _NOT_FOR_CLASSES if section in ONLY_TEXT else ""


def following(before: Draft, after: Draft) -> Draft:
    """A changed draft, whose student and stages follow where its data turned from classes to text, or back.

    What goes with the new data stays. A stage that nobody has touched becomes what is usual for them.

    Args:
        before: The draft as it was.
        after: The same with one change.
    """
    writes_text = _writes_text(after)
    if _writes_text(before) == writes_text:
        return after
    stages = [_stage_for(stage, after, writes_text=writes_text) for stage in after["stages"]]
    return {**after, "student": _student_for(after, writes_text=writes_text), "stages": stages}


def usual_stage(*, writes_text: bool) -> dict[str, Any]:
    """The values of a stage to begin with: soft targets for classes; for text, what the teacher wrote, with AdamW."""
    stage: dict[str, Any] = fresh(Stage)
    if writes_text:
        stage["inputs"] = fresh(TeacherWritten)
        stage["objective"] = fresh(HardLabels)
        stage["optimisation"] = {**fresh(Optimisation), **_USUAL_FOR_TEXT}
    return stage


_USUAL_FOR_TEXT = {
    "optimiser": "adamw",
    "learning_rate": 0.001,
    "weight_decay": 0.01,
    "warm_up": 0.1,
    "epochs": 3,
    "clip_norm": 1.0,
}


def _writes_text(draft: Draft) -> bool:
    return bool(draft["data"].get("kind") == Conversations.model_fields["kind"].default)


def _student_for(draft: Draft, *, writes_text: bool) -> dict[str, Any]:
    student: dict[str, Any] = {**draft["student"]}
    architecture = student["architecture"]
    if architecture is not None and why_not(_kind_of(architecture, ARCHITECTURES), draft):
        # The weights of a checkpoint mostly say themselves what they are poured into.
        student["architecture"] = None if student["checkpoint"] else fresh(TeacherLayers if writes_text else Mlp)
    if not writes_text:
        student["lora"] = None
    return student


def _stage_for(stage: dict[str, Any], draft: Draft, *, writes_text: bool) -> dict[str, Any]:
    other = usual_stage(writes_text=not writes_text)
    if {**stage, "name": ""} == other:
        return {**usual_stage(writes_text=writes_text), "name": stage["name"]}
    kind = _kind_of(stage["inputs"], INPUTS)
    if why_not(kind, draft):
        return {**stage, "inputs": fresh(TransferSet)}
    if writes_text and kind is TransferSet:
        # Classes left out, hidden labels and changed pictures mean nothing to text.
        return {**stage, "inputs": {**fresh(TransferSet), "batch_size": stage["inputs"]["batch_size"]}}
    return stage


def _kind_of(values: dict[str, Any], kinds: tuple[type[Section], ...]) -> type[Section]:
    return next(kind for kind in kinds if kind.model_fields["kind"].default == values["kind"])
