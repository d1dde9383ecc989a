"""The program tries itself where it was installed: adding a part is one file and its word in the tuple."""

from workbench.cli.selftest import gguf_file, language, libraries, onnx_file, surroundings, training, weights
from workbench.cli.selftest.part import Part

# Each may go on with what those before it left.
PARTS: tuple[Part, ...] = (surroundings, libraries, training, weights, onnx_file, language, gguf_file)
