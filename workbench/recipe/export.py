"""What the finished student is turned into for other programs."""

from typing import Literal

from workbench.recipe.section import Section, setting


class Export(Section):
    """The ONNX files a run leaves behind."""

    onnx: bool = setting(True, help="Write student.onnx when the run is complete.")
    int8: bool = setting(True, help="Also write an int8 variant, with its own parity report.")
    input: Literal["float", "uint8"] = setting(
        "float", help="What callers feed: numbers from 0 to 1, or bytes from 0 to 255."
    )
    softmax: bool = setting(False, help="End with softmax: the output is probabilities instead of logits.")
