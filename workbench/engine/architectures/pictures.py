"""What the convolutional architectures ask of an input's shape."""

from workbench.errors import WorkbenchError


def channels_height_width(input_shape: tuple[int, ...], kind: str) -> tuple[int, int, int]:
    """The shape as a picture.

    Raises:
        WorkbenchError: The input is not a picture, so that a convolution has nothing to slide over.
    """
    if len(input_shape) != 3:
        raise WorkbenchError(
            f"A {kind} needs pictures (channels × height × width), but an input here has the shape "
            f"{' × '.join(map(str, input_shape))}.",
            "Choose the architecture mlp for feature vectors.",
        )
    channels, height, width = input_shape
    return channels, height, width
