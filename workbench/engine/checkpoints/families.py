"""Families of models that are known by the names of their tensors, and what it takes to load them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Family:
    """A family.

    Attributes:
        words: Its name.
        fix: What a person can do to use the file.
        signs: Patterns that must each fit some name.
    """

    words: str
    fix: str
    signs: tuple[str, ...]


_CLASS = "name a Python file with the class that made it"
_FOLDER = "open the folder with its config.json, or give that file as hugging_face_config"
_TIMM = f"its class comes with timm (pip install timm): {_CLASS}, or a function of yours that calls timm.create_model"

# The first whose signs are all there.
FAMILIES = (
    Family(
        "an EfficientNet, as in efficientnet_pytorch", _TIMM, (r"_conv_stem\.", r"_blocks\.0\._depthwise", r"_fc\.")
    ),
    Family("an EfficientNet or MobileNet of timm", _TIMM, (r"conv_stem\.", r"blocks\.0\.0\.", r"classifier\.")),
    Family("a vision transformer of timm", _TIMM, (r"patch_embed\.proj\.", r"blocks\.0\.attn\.qkv", r"cls_token")),
    Family("a ConvNeXt of timm", _TIMM, (r"stem\.0\.", r"stages\.0\.blocks\.0\.conv_dw")),
    Family("a ConvNeXt of torchvision", _CLASS, (r"features\.1\.0\.layer_scale",)),
    Family(
        "a MobileNet or EfficientNet of torchvision", _CLASS, (r"features\.0\.0\.weight", r"classifier\.\d\.weight")
    ),
    Family("a VGG or AlexNet of torchvision", _CLASS, (r"features\.0\.weight", r"classifier\.6\.weight")),
    Family("a ResNet of torchvision or timm", _CLASS, (r"^conv1\.weight", r"layer1\.0\.conv1", r"^fc\.")),
    Family("a BERT of transformers", _FOLDER, (r"embeddings\.word_embeddings", r"encoder\.layer\.0\.attention\.self")),
    Family(
        "a DistilBERT of transformers", _FOLDER, (r"embeddings\.word_emb", r"transformer\.layer\.0\.attention\.q_lin")
    ),
    Family("a ViT of transformers", _FOLDER, (r"embeddings\.patch_embeddings", r"encoder\.layer\.0\.attention")),
    Family("a ResNet of transformers", _FOLDER, (r"resnet\.embedder\.", r"resnet\.encoder\.stages")),
    Family("a language model of transformers", _FOLDER, (r"embed_tokens\.", r"layers\.0\.self_attn")),
    Family(
        "a CREPE pitch classifier", "give python_class with module torchcrepe.model and name Crepe", (r"conv1_BN\.",)
    ),
)


def family_of(names: Iterable[str]) -> Family | None:
    """The family whose names these are; None where no known one has them."""
    joined = list(names)
    for family in FAMILIES:
        if all(any(re.search(sign, name) for name in joined) for sign in family.signs):
            return family
    return None
