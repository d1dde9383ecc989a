"""Which endpoints a recipe sends text to: what would go there, and whether a person has agreed. Connects to nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.engine.language.dialogues import Dialogue, DialogueSet
from workbench.engine.language.keys import place_of
from workbench.engine.trusting import endpoint_consent_error, require_endpoint_consent
from workbench.events import Finding
from workbench.origins import UNENCRYPTED
from workbench.recipe import Recipe
from workbench.recipe.data import Conversations
from workbench.recipe.inputs import Endpoint, Rollouts, TeacherWritten


@dataclass(frozen=True)
class EndpointUse:
    """One endpoint, as one stage uses it.

    Attributes:
        section: Of the recipe.
        sent: What would be sent, at most.
    """

    section: Endpoint
    sent: str

    @property
    def details(self) -> str:
        """Model, key and data in words, a line each."""
        section = self.section
        key = f"{section.key}, {place_of(section.key)}" if section.key else "none"
        return f"model: {section.model!r}\nkey: {key}\nsent: {self.sent}"

    @property
    def finding(self) -> Finding:
        """For preflight: where, which key, what, and whether it was agreed to."""
        origin, key = self.section.origin, self.section.key
        missing = endpoint_consent_error(origin, key, self.details)
        agreed = "agreed to on this computer" if key or not origin.is_this_machine else "on this machine, without a key"
        title = f"Endpoint {origin} ({agreed if missing is None else 'nobody here has agreed to it'})."
        title += "".join(f" {line[:1].upper()}{line[1:]}." for line in self.details.splitlines())
        if origin.is_readable_on_the_way:
            title += f" {UNENCRYPTED}"
        return Finding(level="warning" if missing else "ok", title=title, fix="" if missing is None else missing.hint)


def endpoint_uses(recipe: Recipe, dialogues: DialogueSet, most_taught: int) -> list[EndpointUse]:
    """What each stage sends to its endpoint; the first one also gets the prompts that are judged by.

    Args:
        recipe: What would be trained.
        dialogues: Its data.
        most_taught: So many held-out prompts are answered at most.
    """
    data, uses, held_out = recipe.data, list[EndpointUse](), 0
    assert isinstance(data, Conversations), "only they come here"
    if not recipe.teachers:
        held_out = min(_asking(dialogues.held_out), most_taught)
    for stage in recipe.stages:
        inputs = stage.inputs.otherwise if isinstance(stage.inputs, Rollouts) else stage.inputs
        if not isinstance(inputs, TeacherWritten) or inputs.endpoint is None:
            continue
        sent = [] if inputs.file else [_training_words(inputs, data, _asking(dialogues.training))]
        if held_out:
            sent.append(f"{held_out:,} held-out prompts, one answer each")
            held_out = 0
        if sent:
            uses.append(EndpointUse(inputs.endpoint, "; ".join(sent)))
    return uses


def require_consents(uses: Sequence[EndpointUse]) -> None:
    """Go on only where all are agreed to. Raises EndpointConsentNeededError."""
    for use in uses:
        require_endpoint_consent(use.section.origin, use.section.key, use.details)


def _asking(dialogues: Sequence[Dialogue]) -> int:
    return sum(bool(dialogue.prompt) for dialogue in dialogues)


def _training_words(inputs: TeacherWritten, data: Conversations, prompts: int) -> str:
    answers = "one answer each" if inputs.samples == 1 else f"{inputs.samples:,} answers each"
    instruction = " behind the recipe's instruction" if data.teacher_system or data.system else ""
    return (
        f"at most {prompts:,} prompts of {Path(data.file).name!a}{instruction}, {answers}, with temperature "
        f"{inputs.sampling_temperature:g}, top_p {inputs.top_p:g}, a seed, up to {inputs.new_tokens:,} tokens an answer"
    )
