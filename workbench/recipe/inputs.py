"""Where a stage's batches come from, and what is done to them on the way."""

from typing import Literal, TypeAlias

from pydantic import Field

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


INPUTS = (TransferSet,)
Inputs: TypeAlias = TransferSet
