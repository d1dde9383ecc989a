"""Where a stage's batches come from, and what is done to them on the way."""

from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import Discriminator, Field, Tag, model_validator

from workbench.errors import WorkbenchError
from workbench.origins import Origin, check_key_name, split_url
from workbench.recipe.section import Places, Section, setting


class Augmentation(Section):
    """Random changes to pictures, made on the device; any of them switches the teacher's cache off."""

    shift: int = setting(0, help="Largest random shift each way, filled with black.", unit="pixels", ge=0, le=256)
    flip: bool = setting(False, help="Mirror half of the pictures left to right.")
    crop: int = setting(
        0, help="Side of a random square crop, scaled back up; 0 is off.", unit="pixels", ge=0, le=65536
    )
    noise: float = setting(
        0.0, help="Standard deviation of Gaussian noise.", unit="of the value range 0–1", ge=0, le=10
    )

    @property
    def active(self) -> bool:
        """Whether anything is changed at all."""
        return bool(self.shift or self.flip or self.crop or self.noise)


class TransferSet(Section):
    """A fixed set of examples, reshuffled every epoch."""

    kind: Literal["transfer_set"] = "transfer_set"
    batch_size: int = setting(128, help="Examples in a batch.", unit="examples", ge=1, le=1_000_000)
    omit_classes: Places = setting((), help="Labels left out of the transfer set (Hinton §3).")
    correct_bias: bool = setting(
        False,
        help="After training, shift the omitted classes' logits as the validation set asks (Hinton §3).",
    )
    unlabelled: float = setting(
        0.0,
        help="Share of the transfer set whose labels are hidden: only the soft term sees them.",
        ge=0,
        le=1,
    )
    augmentation: Augmentation = Field(default=Augmentation(), description="Random changes to the pictures.")

    @property
    def is_plain(self) -> bool:
        """Whether nothing is asked of it that only data with classes has."""
        return not (self.omit_classes or self.correct_bias or self.unlabelled or self.augmentation.active)


class Endpoint(Section):
    """A teacher elsewhere that only writes text, behind the OpenAI chat protocol; keys never stand in a recipe."""

    url: str = setting(..., help="Base address, such as http://localhost:8000/v1.")
    model: str = setting(..., help="The name the endpoint knows the model by.")
    key: str = setting(
        "", help="Name of the environment variable, or of the keyring entry, that holds the key; empty sends none."
    )
    at_once: int = setting(4, help="Answers asked for at the same time.", ge=1, le=256)
    tries: int = setting(6, help="So often is one answer asked for before giving up.", ge=1, le=100)
    seconds: float = setting(
        60.0, help="Without a word for so long a connection counts as lost.", unit="s", gt=0, le=3600
    )

    @model_validator(mode="after")
    def _is_an_address(self) -> Self:
        try:
            split_url(self.url)
            check_key_name(self.key)
        except WorkbenchError as error:
            raise ValueError(error.title.removesuffix(".")) from None
        if not self.model.isprintable():
            raise ValueError(f"the model {self.model!a} has control characters in its name")
        return self

    @property
    def origin(self) -> Origin:
        """Where it lies."""
        return split_url(self.url)[0]


class TeacherWritten(Section):
    """Text the teacher writes once, before training: sequence-level distillation (Kim & Rush 2016)."""

    kind: Literal["teacher_written"] = "teacher_written"
    batch_size: int = setting(16, help="Texts in a batch.", unit="texts", ge=1, le=1_000_000)
    samples: int = setting(1, help="Answers the teacher writes to each prompt.", ge=1, le=1024)
    sampling_temperature: float = setting(
        0.0, help="Of the teacher's writing, not of the distillation; 0 always takes the likeliest token.", ge=0, le=100
    )
    top_p: float = setting(1.0, help="Only the likeliest tokens that together have this mass are drawn.", gt=0, le=1)
    new_tokens: int = setting(256, help="Longest answer.", unit="tokens", ge=1, le=65536)
    shortest: int = setting(1, help="Shorter answers are left out.", unit="characters", ge=0, le=10_000_000)
    longest: int = setting(
        0, help="Longer answers are left out; 0 sets no limit.", unit="characters", ge=0, le=10_000_000
    )
    keep_cut: bool = setting(False, help="Learn from answers too that were cut at new_tokens, before their end.")
    pattern: str = setting("", help="Regular expression that must be found in an answer; empty for none.")
    only_right: bool = setting(
        False,
        help="Leave out answers that differ from the known one, found by data.answer_pattern (rejection sampling).",
    )
    file: str = setting(
        "", help="Parquet table of answers from an earlier run, to be used instead of asking again.", is_file=True
    )
    endpoint: Endpoint | None = Field(default=None, description="Who writes, where it is not the first teacher.")
    seed: int = setting(0, help="Seeds what is drawn.", ge=0, lt=2**31)


class Rollouts(Section):
    """Text the student writes itself while it trains, corrected by the teacher (Agarwal et al. 2024, GKD)."""

    kind: Literal["rollouts"] = "rollouts"
    batch_size: int = setting(16, help="Texts in a batch.", unit="texts", ge=1, le=1_000_000)
    lmbda: float = setting(
        1.0, help="Share of the batches that the student writes; the others are `otherwise`.", ge=0, le=1
    )
    sampling_temperature: float = setting(
        1.0, help="Of the student's writing, not of the distillation; 0 always takes the likeliest token.", ge=0, le=100
    )
    top_p: float = setting(1.0, help="Only the likeliest tokens that together have this mass are drawn.", gt=0, le=1)
    new_tokens: int = setting(128, help="Longest rollout.", unit="tokens", ge=1, le=65536)
    otherwise: Annotated[TransferSet | TeacherWritten, Field(discriminator="kind")] = Field(
        default=TransferSet(batch_size=16), description="Where the other batches come from, with lmbda below 1."
    )


def _kind_of(value: Any) -> Any:
    """Recipes written when there was one kind of inputs need not name it."""
    return value.get("kind", "transfer_set") if isinstance(value, dict) else getattr(value, "kind", None)


INPUTS = (TransferSet, TeacherWritten, Rollouts)
Inputs: TypeAlias = Annotated[
    Annotated[TransferSet, Tag("transfer_set")]
    | Annotated[TeacherWritten, Tag("teacher_written")]
    | Annotated[Rollouts, Tag("rollouts")],
    Discriminator(_kind_of),
]
