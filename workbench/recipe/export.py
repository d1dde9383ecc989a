"""What the finished student is turned into for other programs."""

from typing import Literal

from workbench.recipe.section import Section, setting


class Export(Section):
    """The files a run leaves behind for other programs: ONNX, and of a language model the whole folder around it."""

    onnx: bool = setting(True, help="Write the student as ONNX when the run is complete.")
    int8: bool = setting(True, help="Also write an 8-bit variant, with its own parity report.")
    four_bit: bool = setting(
        False,
        help="Also write a 4-bit variant of a language model, which is small and quick but often answers otherwise: "
        "compare the sample answers in its report.",
    )
    input: Literal["float", "uint8"] = setting(
        "float", help="What callers of a classifier feed: numbers from 0 to 1, or bytes from 0 to 255."
    )
    softmax: bool = setting(
        False, help="A classifier ends with softmax: the output is probabilities instead of logits."
    )
