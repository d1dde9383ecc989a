"""Where examples lie on disk, and which of them are held out."""

from typing import Annotated, ClassVar, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from workbench.recipe.models import Shape
from workbench.recipe.section import Section, setting


class _Data(Section):
    """What every data source can be asked.

    Attributes:
        follows_models: Whether it is read as the models want it: in their size, or with their tokenizer.
    """

    follows_models: ClassVar[bool] = False

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


class ImageFolder(_Data):
    """Pictures in a folder: one folder a class, or a CSV list of files and labels; decoded once, kept on disk."""

    follows_models: ClassVar[bool] = True

    kind: Literal["image_folder"] = "image_folder"
    folder: str = setting(..., help="Folder with one folder of pictures a class.", is_file=True)
    listing: str = setting(
        "", help="CSV list with the columns file and label instead; file names count from the folder.", is_file=True
    )
    validation_folder: str = setting("", help="Folder of the held-out pictures; empty splits the others.", is_file=True)
    validation_listing: str = setting("", help="CSV list of the held-out pictures.", is_file=True)
    size: Shape = setting(
        (), help="Height and width that pictures are scaled to; empty: as the teacher reads them.", max_length=2
    )
    colour: Literal["auto", "rgb", "grey"] = setting("auto", help="Channels; auto: as the teacher reads them.")
    fit: Literal["crop", "stretch", "pad"] = setting(
        "crop", help="How another aspect is made to fit: cut the longer side, stretch, or pad with black."
    )
    memory: float = setting(
        1.0,
        help="Decoded pictures up to this size are kept in memory, larger ones stay on disk.",
        unit="GiB",
        ge=0,
        le=100_000,
    )
    skip_broken: bool = setting(False, help="Leave out files that cannot be decoded, instead of refusing the folder.")


class Table(_Data):
    """Rows of a CSV, TSV, Parquet or Arrow file: one column is the label, the others are what is known."""

    kind: Literal["table"] = "table"
    file: str = setting(..., help="The table.", is_file=True)
    label: str = setting("", help="Column of the label; empty guesses it by its name and content.")
    columns: tuple[str, ...] = setting((), help="Columns to learn from; empty takes all but the label.")
    categorical: tuple[str, ...] = setting((), help="Columns of numbers that are names, such as postal codes.")
    validation_file: str = setting("", help="Table of the held-out rows; empty splits.", is_file=True)
    skip_broken: bool = setting(False, help="Leave out rows with missing or unreadable values, instead of refusing.")


class Text(_Data):
    """Texts with a label, from CSV, TSV, JSONL, Parquet or Arrow; read by the teacher's tokenizer."""

    follows_models: ClassVar[bool] = True

    kind: Literal["text"] = "text"
    file: str = setting(..., help="The file with the texts.", is_file=True)
    text: str = setting("", help="Column of the text; empty guesses it by its name and content.")
    label: str = setting("", help="Column of the label; empty guesses it.")
    validation_file: str = setting("", help="File with the held-out texts; empty splits.", is_file=True)
    tokenizer: str = setting("", help="Folder or tokenizer.json; empty takes the teacher's.", is_file=True)
    max_length: int = setting(128, help="Longer texts are cut.", unit="tokens", ge=2, le=65536)
    skip_broken: bool = setting(False, help="Leave out rows without a text, instead of refusing.")


class Audio(_Data):
    """Sounds in a folder, one folder a class, WAV or FLAC; cut into frames of fixed length or turned into log-mel."""

    kind: Literal["audio"] = "audio"
    folder: str = setting(..., help="Folder with one folder of sounds a class.", is_file=True)
    listing: str = setting(
        "", help="CSV list with the columns file and label instead; file names count from the folder.", is_file=True
    )
    validation_folder: str = setting("", help="Folder of the held-out sounds; empty splits the others.", is_file=True)
    validation_listing: str = setting("", help="CSV list of the held-out sounds.", is_file=True)
    rate: int = setting(16_000, help="Sounds are resampled to this.", unit="Hz", ge=1000, le=384_000)
    samples: int = setting(1024, help="Length of one example.", unit="samples", ge=16, le=10_000_000)
    hop: int = setting(
        0, help="From one example to the next; 0 takes one after the other.", unit="samples", ge=0, le=10_000_000
    )
    features: Literal["samples", "log_mel"] = setting("samples", help="What the model reads.")
    mels: int = setting(64, help="Bands of the log-mel picture.", ge=1, le=512)
    standardise: bool = setting(
        False, help="Give every example mean 0 and deviation 1, as torchcrepe's models read it."
    )
    skip_broken: bool = setting(False, help="Leave out files that cannot be decoded, instead of refusing the folder.")


class Conversations(Section):
    """Prompts and conversations for language models, from JSONL, Parquet, Arrow, CSV, TSV or plain text."""

    # There are no classes here: what is told apart is the next token.
    classes: ClassVar[tuple[str, ...]] = ()
    follows_models: ClassVar[bool] = False

    kind: Literal["conversations"] = "conversations"
    file: str = setting(..., help="The file with the prompts or conversations.", is_file=True)
    validation_file: str = setting(
        "", help="File with the held-out ones, of the same form; empty splits.", is_file=True
    )
    plain_text: Literal["prompts", "passages"] = setting(
        "prompts", help="What a .txt file holds: one prompt a line, or passages with empty lines between them."
    )
    messages: str = setting("", help="Field with whole conversations, a list of role and content; empty guesses it.")
    text: str = setting("", help="Field of running text, where there are no prompts; empty guesses it.")
    prompt: str = setting("", help="Field of the prompt; empty guesses it by its name.")
    response: str = setting("", help="Field of the given response, what hard labels are taken from; empty guesses it.")
    answer: str = setting(
        "", help="Field of the known answer, such as 7912, for judging what is written; empty guesses it."
    )
    system: str = setting("", help="Instruction put before every prompt.")
    teacher_system: str = setting("", help="Instruction for the teacher alone; empty: the same as the student's.")
    answer_pattern: str = setting(
        "", help="Regular expression that finds the answer in what is written: its first group, else all of it."
    )
    problems: int = setting(
        300,
        help="Held-out prompts with a known answer that are answered at each evaluation.",
        unit="prompts",
        ge=0,
        le=100_000,
    )
    new_tokens: int = setting(
        128, help="Longest answer that is written to held-out and watched prompts.", unit="tokens", ge=1, le=65536
    )
    max_length: int = setting(1024, help="Longer texts are cut.", unit="tokens", ge=2, le=1_000_000)
    kept_entries: int = setting(
        0,
        help="Likeliest tokens of the teacher that are kept on disk at each position of fixed text, with the mass of "
        "all others; 0 asks the teacher at every step.",
        unit="tokens",
        ge=0,
        le=1_000_000,
    )
    validation_fraction: float = setting(0.1, help="Share held out, where no validation file is given.", gt=0, lt=1)
    seed: int = setting(0, help="Seeds the split.", ge=0, lt=2**31)
    skip_broken: bool = setting(False, help="Leave out rows that cannot be used, instead of refusing the file.")


DATA = (Idx, Arrays, ImageFolder, Table, Text, Audio, Conversations)
Data: TypeAlias = Annotated[
    Idx | Arrays | ImageFolder | Table | Text | Audio | Conversations, Field(discriminator="kind")
]
