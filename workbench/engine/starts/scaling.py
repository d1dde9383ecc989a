"""Other sizes for models of the transformers library: a share of the layers and of the width, family by family."""

from collections.abc import Callable
from typing import Any

from workbench.errors import WorkbenchError

# Transformers encoders whose sizes are the hidden size, the heads, the layers and perhaps the inner size.
_ENCODERS = (
    "albert",
    "beit",
    "bert",
    "camembert",
    "data2vec-text",
    "data2vec-vision",
    "deberta",
    "deberta-v2",
    "deit",
    "dinov2",
    "dinov2_with_registers",
    "distilbert",
    "electra",
    "ernie",
    "mpnet",
    "roberta",
    "roberta-prelayernorm",
    "vit",
    "vit_msn",
    "xlm-roberta",
)
# Language models whose heads may share keys and values, and whose heads may have a width of their own.
_DECODERS = (
    "gemma",
    "gemma2",
    "gemma3_text",
    "gpt2",
    "gpt_neox",
    "granite",
    "llama",
    "mistral",
    "olmo",
    "olmo2",
    "opt",
    "phi",
    "phi3",
    "qwen2",
    "qwen3",
    "smollm3",
    "stablelm",
    "starcoder2",
)


def scale(config: Any, layers: float, width: float, name: str) -> None:
    """Change a config's sizes in place; shares of 1 leave it as it is, whatever its family.

    Args:
        config: Of the transformers library.
        layers: Share of the layers, or of the blocks of each stage.
        width: Share of the hidden sizes, heads and channels.
        name: The config, for messages.

    Raises:
        WorkbenchError: It is not known which of the family's settings are its sizes.
    """
    if layers == width == 1:
        return
    family = config.model_type
    if family not in _SCALERS:
        raise WorkbenchError(
            f"{name}: it is not known which settings of a {family} are its sizes.",
            "Set layers and width to 1 and change the sizes in its config.json; known are: "
            f"{', '.join(sorted(_SCALERS))}.",
        )
    try:
        _SCALERS[family](config, layers, width, name)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise WorkbenchError(f"{name}: its sizes are none that a {family} can have: {error}.") from None


def _encoder(config: Any, layers: float, width: float, _: str) -> None:
    hidden, heads = config.hidden_size, config.num_attention_heads
    config.num_hidden_layers = _share(config.num_hidden_layers, layers)
    config.num_attention_heads = _share(heads, width)
    # The width of a head stays about as it is; even, since some families turn its halves.
    head = max(2, 2 * round(hidden * width / config.num_attention_heads / 2))
    config.hidden_size = head * config.num_attention_heads
    for name in ("intermediate_size", "pooler_output_size"):
        inner = config.attribute_map.get(name, name)
        if getattr(config, inner, None):
            setattr(config, inner, max(1, round(getattr(config, inner) * config.hidden_size / hidden)))


def _decoder(config: Any, layers: float, width: float, _: str) -> None:
    hidden, heads = config.hidden_size, config.num_attention_heads
    shared = getattr(config, "num_key_value_heads", None) or heads
    before, after = config.num_hidden_layers, _share(config.num_hidden_layers, layers)
    config.num_hidden_layers = after
    # As many queries to a key as before.
    config.num_attention_heads = _share(shared, width) * (heads // shared)
    if shared != heads or hasattr(config, "num_key_value_heads"):
        config.num_key_value_heads = _share(shared, width)
    share = width / config.num_attention_heads
    config.hidden_size = _multiple(hidden * share, 2) * config.num_attention_heads
    own = getattr(config, "head_dim", None)
    if own:
        config.head_dim = _multiple(own * heads * share, 2)
        if getattr(config, "query_pre_attn_scalar", None) == own:
            config.query_pre_attn_scalar = config.head_dim
    for name in ("intermediate_size", "ffn_dim", "word_embed_proj_dim"):
        inner = config.attribute_map.get(name, name)
        if getattr(config, inner, None):
            setattr(config, inner, _multiple(getattr(config, inner) * config.hidden_size / hidden, 2))
    _fit_layer_lists(config, before, after)


def _fit_layer_lists(config: Any, before: int, after: int) -> None:
    """What a config says of each layer, said of as many as there are now: the same pattern, cut or gone on with."""
    for name, value in vars(config).items():
        if name.startswith(("layer", "no_rope_layer")) and isinstance(value, list) and len(value) == before:
            setattr(config, name, (value * (after // before + 1))[:after])


def _distilbert(config: Any, layers: float, width: float, name: str) -> None:
    before = config.dim
    _encoder(config, layers, width, name)
    config.hidden_dim = max(1, round(config.hidden_dim * config.dim / before))


def _resnet(config: Any, layers: float, width: float, _: str) -> None:
    config.depths = [_share(depth, layers) for depth in config.depths]
    # A bottleneck has a quarter of the channels.
    config.hidden_sizes = [_multiple(size * width, 4) for size in config.hidden_sizes]
    config.embedding_size = _multiple(config.embedding_size * width, 4)


def _regnet(config: Any, layers: float, width: float, _: str) -> None:
    config.depths = [_share(depth, layers) for depth in config.depths]
    config.hidden_sizes = [_multiple(size * width, config.groups_width) for size in config.hidden_sizes]
    config.embedding_size = _multiple(config.embedding_size * width, 4)


def _convnext(config: Any, layers: float, width: float, _: str) -> None:
    config.depths = [_share(depth, layers) for depth in config.depths]
    config.hidden_sizes = [_multiple(size * width, 2) for size in config.hidden_sizes]


def _swin(config: Any, layers: float, width: float, _: str) -> None:
    first = config.num_heads[0]
    head = config.embed_dim // first
    fewer = _share(first, width)
    config.depths = [_share(depth, layers) for depth in config.depths]
    config.num_heads = [max(1, round(heads * fewer / first)) for heads in config.num_heads]
    config.embed_dim = fewer * max(1, round(head * first * width / fewer))


def _mobilenet(config: Any, layers: float, width: float, name: str) -> None:
    if layers != 1:
        raise WorkbenchError(
            f"{name}: the number of layers of a {config.model_type} is fixed.", "Set layers to 1 and change the width."
        )
    config.depth_multiplier = config.depth_multiplier * width


def _efficientnet(config: Any, layers: float, width: float, _: str) -> None:
    before = config.width_coefficient
    config.depth_coefficient = config.depth_coefficient * layers
    config.width_coefficient = before * width
    # The last layer is as wide as the library rounds it, in steps of depth_divisor.
    config.hidden_dim = _multiple(config.hidden_dim * width, config.depth_divisor)


def _share(count: int, share: float) -> int:
    return max(1, round(count * share))


def _multiple(size: float, of: int) -> int:
    return max(of, of * round(size / of))


_SCALERS: dict[str, Callable[[Any, float, float, str], None]] = {
    **dict.fromkeys(_ENCODERS, _encoder),
    **dict.fromkeys(_DECODERS, _decoder),
    "convnext": _convnext,
    "convnextv2": _convnext,
    "distilbert": _distilbert,
    "efficientnet": _efficientnet,
    "mobilenet_v1": _mobilenet,
    "mobilenet_v2": _mobilenet,
    "regnet": _regnet,
    "resnet": _resnet,
    "swin": _swin,
    "swinv2": _swin,
}
