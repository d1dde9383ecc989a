"""What every architecture keeps to, over the tuple."""

import pytest
import torch
from closeness import assert_close

from workbench.engine.architectures import ARCHITECTURES
from workbench.engine.architectures.pictures import channels_height_width
from workbench.engine.classifier import InputStatistics, new_classifier
from workbench.engine.language.students import STARTS as TEXT_STARTS
from workbench.engine.students import STARTS
from workbench.errors import WorkbenchError
from workbench.recipe.models import ARCHITECTURES as SECTIONS
from workbench.recipe.models import ConvNet, Mlp, ResNet

SMALL = [Mlp(hidden=(5,), dropout=0.2), ConvNet(widths=(3, 4), dropout=0.2), ResNet(blocks=1, width=2)]
every_architecture = pytest.mark.parametrize("section", SMALL, ids=lambda section: section.kind)


def small(section, shape=(1, 8, 8), seed=0):
    statistics = InputStatistics(shape, (0.0,) * shape[0], (1.0,) * shape[0])
    return new_classifier(section, statistics, ("a", "b", "c"), seed)


def test_whatever_a_recipe_names_can_be_built_or_comes_to_something_that_can():
    kinds = [section.model_fields["kind"].default for section in SECTIONS]
    built, started = [build.__name__ for build in ARCHITECTURES], [start.__name__ for start in STARTS]
    # Its file gets its whole name and its digest before it is built.
    assert set(built) & set(started) == {"python_class"}
    written = [start.__name__ for start in TEXT_STARTS]
    assert sorted(kinds) == sorted({*built, *started, *written} - {"hugging_face", "frozen_program"})


@every_architecture
def test_logits_come_one_row_an_example_and_one_column_a_class(section):
    for shape in ((1, 8, 8), (3, 9, 7)):
        assert small(section, shape)(torch.rand(5, *shape)).shape == (5, 3)


@every_architecture
def test_every_parameter_is_trained(section):
    model = small(section)
    model(torch.rand(6, 1, 8, 8)).square().sum().backward()
    assert [name for name, parameter in model.named_parameters() if parameter.grad is None] == []


@every_architecture
def test_examples_do_not_see_each_other_when_a_model_is_used(section):
    model = small(section).eval()
    batch = torch.rand(4, 1, 8, 8)
    assert_close(model(batch)[2:3], model(batch[2:3]))


@every_architecture
def test_a_seed_makes_the_weights_and_nothing_is_drawn_from_the_global_generator(section):
    before = torch.random.get_rng_state()
    first, again, other = (small(section, seed=seed).state_dict() for seed in (1, 1, 2))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert any(not torch.equal(first[name], other[name]) for name in first)


@pytest.mark.parametrize("section", SMALL[1:], ids=lambda section: section.kind)
def test_convolutions_refuse_feature_vectors_with_their_shape(section):
    with pytest.raises(WorkbenchError, match=f"A {section.kind} needs pictures .* has the shape 4") as caught:
        small(section, (4,))
    assert "mlp" in caught.value.hint


def test_a_picture_has_three_axes():
    assert channels_height_width((3, 4, 5), "convnet") == (3, 4, 5)
    with pytest.raises(WorkbenchError, match="2 × 3 × 4 × 5"):
        channels_height_width((2, 3, 4, 5), "convnet")


def test_an_mlp_has_the_layers_of_its_recipe():
    model = small(Mlp(hidden=(800, 800)), (1, 28, 28))
    assert model.parameter_count == 784 * 800 + 800 + 800 * 800 + 800 + 800 * 3 + 3
    assert small(Mlp(hidden=())).parameter_count == 64 * 3 + 3


def test_an_mlp_drops_inputs_and_hidden_units_by_the_shares_of_its_recipe():
    layers = small(Mlp(hidden=(5, 6), dropout=0.5, input_dropout=0.2)).network
    shares = [layer.p for layer in layers if isinstance(layer, torch.nn.Dropout)]
    assert shares == [0.2, 0.5, 0.5]
    assert isinstance(layers[-1], torch.nn.Linear)


def test_a_convnet_stops_pooling_at_a_single_pixel():
    model = small(ConvNet(widths=(2,) * 8), (1, 5, 5))
    assert model(torch.rand(2, 1, 5, 5)).shape == (2, 3)


@pytest.mark.parametrize(("blocks", "layers"), [(1, 8), (3, 20), (9, 56)])
def test_a_resnet_has_6n_plus_2_layers(blocks, layers):
    network = small(ResNet(blocks=blocks, width=2)).network
    kinds = (torch.nn.Conv2d, torch.nn.Linear)
    weighted = [name for name, module in network.named_modules() if isinstance(module, kinds)]
    assert len([name for name in weighted if "shortcut" not in name]) == layers


def test_a_resnet_20_has_the_size_of_the_paper():
    # He et al. 2016, table 6: 0.27 million, for 10 classes; here with 1×1 projections.
    assert small(ResNet(blocks=3, width=16), (3, 32, 32)).parameter_count == pytest.approx(270_000, rel=0.02)
