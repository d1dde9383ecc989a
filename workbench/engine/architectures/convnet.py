"""A small convolutional network: convolution, batch norm, ReLU and pooling, then one linear head."""

from torch import nn

from workbench.engine.architectures.dropout import SeededDropout
from workbench.engine.architectures.pictures import channels_height_width
from workbench.recipe.models import ConvNet


def convnet(section: ConvNet, input_shape: tuple[int, ...], classes: int) -> nn.Module:
    """One 3×3 convolution a width, each followed by 2×2 pooling while the picture is larger than one pixel."""
    channels, height, width = channels_height_width(input_shape, "convnet")
    layers: list[nn.Module] = []
    for out_channels in section.widths:
        layers += [
            nn.Conv2d(channels, out_channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(),
        ]
        channels = out_channels
        if min(height, width) >= 2:
            layers.append(nn.MaxPool2d(2))
            height, width = height // 2, width // 2
    layers.append(nn.Flatten())
    if section.dropout:
        layers.append(SeededDropout(section.dropout))
    return nn.Sequential(*layers, nn.Linear(channels * height * width, classes))
