"""The residual network of He et al. 2016, §4.2, for small pictures: 6n + 2 layers, projections by 1×1."""

from torch import Tensor, nn
from torch.nn.functional import relu

from workbench.engine.architectures.pictures import channels_height_width
from workbench.recipe.models import ResNet


class _Block(nn.Module):
    """Two 3×3 convolutions with a shortcut around them."""

    def __init__(self, channels: int, out_channels: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, out_channels, 3, stride=stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        same = stride == 1 and channels == out_channels
        self.shortcut: nn.Module = (
            nn.Identity()
            if same
            else nn.Sequential(
                nn.Conv2d(channels, out_channels, 1, stride=stride, bias=False), nn.BatchNorm2d(out_channels)
            )
        )

    def forward(self, x_BCHW: Tensor) -> Tensor:
        y_BCHW = relu(self.norm1(self.conv1(x_BCHW)))
        return relu(self.norm2(self.conv2(y_BCHW)) + self.shortcut(x_BCHW))


def resnet(section: ResNet, input_shape: tuple[int, ...], classes: int) -> nn.Module:
    """A stem, three groups of `blocks` residual blocks with 1×, 2× and 4× the width, average pooling, a head."""
    channels, _, _ = channels_height_width(input_shape, "resnet")
    layers: list[nn.Module] = [
        nn.Conv2d(channels, section.width, 3, padding=1, bias=False),
        nn.BatchNorm2d(section.width),
        nn.ReLU(),
    ]
    width = section.width
    for group in range(3):
        out_width = section.width * 2**group
        for block in range(section.blocks):
            layers.append(_Block(width, out_width, stride=2 if group and block == 0 else 1))
            width = out_width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, classes))
