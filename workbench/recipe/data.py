"""Where examples lie on disk, and which of them are held out."""

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from workbench.recipe.section import Section, setting


class _Data(Section):
    """What every data source can be asked."""

    classes: tuple[str, ...] = setting((), help="Class names in label order; empty takes 0, 1, 2, ….")
    validation_fraction: float = setting(
        0.1, help="Share held out, every class alike, where no validation files are given.", gt=0, lt=1
    )
    seed: int = setting(0, help="Seeds the split and the choice of unlabelled examples.", ge=0, lt=2**31)


class Idx(_Data):
    """IDX files as MNIST comes in, gzipped or not."""

    kind: Literal["idx"] = "idx"
    images: str = setting(..., help="IDX file of the pictures.", is_file=True)
    labels: str = setting("", help="IDX file of the labels; empty for unlabelled pictures.", is_file=True)
    validation_images: str = setting(
        "", help="IDX file of the held-out pictures; empty splits the others.", is_file=True
    )
    validation_labels: str = setting("", help="IDX file of the held-out labels.", is_file=True)

    @model_validator(mode="after")
    def _validation_is_whole(self) -> Self:
        if bool(self.validation_images) != bool(self.validation_labels):
            raise ValueError("validation_images and validation_labels belong together: give both or neither")
        return self


class Arrays(_Data):
    """Arrays in one .npz or .safetensors file: uint8 pixels, or floats as they are."""

    kind: Literal["arrays"] = "arrays"
    file: str = setting(..., help="The .npz or .safetensors file.", is_file=True)
    inputs: str = setting("inputs", help="Name of the array of inputs, first axis the examples.")
    labels: str = setting("labels", help="Name of the array of integer labels; may be absent from the file.")
    validation_file: str = setting(
        "", help="File with the held-out arrays under the same names; empty splits.", is_file=True
    )


DATA = (Idx, Arrays)
Data: TypeAlias = Annotated[Idx | Arrays, Field(discriminator="kind")]
