"""The built-in architectures are told from bare names and shapes; what is none of them is not guessed at."""

import pytest
import torch
from torch import nn

from workbench.engine.architectures.convnet import convnet
from workbench.engine.architectures.mlp import mlp
from workbench.engine.architectures.resnet import resnet
from workbench.engine.checkpoints.guessing import chain_of, guess
from workbench.recipe.models import ConvNet, Mlp, ResNet


def shapes(network, prefix=""):
    return {prefix + name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}


@pytest.mark.parametrize("prefix", ["", "network.", "module.", "model.network."])
@pytest.mark.parametrize("blocks", [1, 3])
def test_our_residual_networks_are_told_with_their_sizes(prefix, blocks):
    found = guess(shapes(resnet(ResNet(blocks=blocks, width=4), (3, 8, 8), 10), prefix))
    assert (found.architecture, found.reads, found.outputs) == (ResNet(blocks=blocks, width=4), 3, 10)


@pytest.mark.parametrize("prefix", ["", "network.", "module."])
@pytest.mark.parametrize("widths", [(3,), (4, 6), (2, 2, 2)])
def test_our_convolutional_networks_are_told_with_their_sizes(prefix, widths):
    found = guess(shapes(convnet(ConvNet(widths=widths), (1, 16, 16), 5), prefix))
    assert (found.architecture, found.input_shape, found.outputs) == (ConvNet(widths=widths), (1, 16, 16), 5)


@pytest.mark.parametrize("hidden", [(), (6,), (800, 800), (5, 4, 3)])
def test_our_fully_connected_networks_are_told_with_their_sizes(hidden):
    found = guess(shapes(mlp(Mlp(hidden=hidden), (1, 4, 2), 3), "network."))
    assert (found.architecture, found.reads, found.outputs) == (Mlp(hidden=hidden), 8, 3)


def test_any_chain_of_matrices_under_any_names_is_a_fully_connected_network():
    named = nn.ModuleDict({"head": nn.Linear(7, 3), "stem": nn.Linear(4, 9), "middle": nn.Linear(9, 7)})
    found = guess(shapes(named))
    assert found.words == "mlp, 4–9–7–3"
    assert list(found.found.sources.values())[0::2] == ["stem.weight", "middle.weight", "head.weight"]
    assert found.found.by_order


def test_layers_go_in_their_order_in_the_file_where_that_is_a_chain():
    assert chain_of({"b.weight": (4, 4), "b.bias": (4,), "a.weight": (4, 4), "a.bias": (4,)}) == [
        ("b.weight", "b.bias"),
        ("a.weight", "a.bias"),
    ]


NO_CHAINS = {
    "no bias": {"a.weight": (3, 4)},
    "a bias of another size": {"a.weight": (3, 4), "a.bias": (4,)},
    "a gap": {"a.weight": (3, 4), "a.bias": (3,), "b.weight": (2, 5), "b.bias": (2,)},
    "two beginnings": {"z.weight": (3, 4), "z.bias": (3,), "a.weight": (3, 5), "a.bias": (3,)},
    "a ring": {
        "a.weight": (3, 4),
        "a.bias": (3,),
        "b.weight": (5, 4),
        "b.bias": (5,),
        "c.weight": (4, 3),
        "c.bias": (4,),
    },
    "something beside": {"a.weight": (3, 4), "a.bias": (3,), "scale": (1,)},
    "a width of 10^9": {"a.weight": (10**9, 4), "a.bias": (10**9,), "b.weight": (2, 10**9), "b.bias": (2,)},
    "an absurd input": {"a.weight": (3, 10**18), "a.bias": (3,), "b.weight": (2**70, 3), "b.bias": (2**70,)},
    "nothing": {},
    "names without a dot": {"weight": (3,)},
    "a convolution of nothing": {"a.weight": (0, 0, 3, 3), "head.weight": (3, 0)},
}


@pytest.mark.parametrize("given", NO_CHAINS.values(), ids=NO_CHAINS)
def test_what_is_no_one_chain_is_not_guessed_at(given):
    assert guess(given) is None


def test_other_networks_are_not_taken_for_ours():
    other = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4, 3))
    assert guess(shapes(other)) is None
    assert guess(shapes(nn.TransformerEncoderLayer(8, 2, 16))) is None
    with torch.device("meta"):
        assert guess(shapes(nn.Sequential(nn.Conv2d(3, 4, 5, bias=False), nn.BatchNorm2d(4), nn.Linear(4, 3)))) is None
