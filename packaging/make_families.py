"""Write resources/families: configs of well-known models, and the shapes of their tensors, so that weights are told."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import torch
import transformers

FOLDER = Path(__file__).resolve().parents[1] / "resources" / "families"
# A number of classes that no other size of these models has: what it occurs in is the head.
CLASSES = 1009
VIT_SIZES = {"tiny": (192, 3), "small": (384, 6), "base": (768, 12)}


def models() -> dict[str, tuple[str, dict[str, Any]]]:
    """The class and the settings of each, by name."""
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    basic = {"layer_type": "basic", "hidden_sizes": [64, 128, 256, 512]}
    for name, depths, more in (
        ("resnet-18", [2, 2, 2, 2], basic),
        ("resnet-34", [3, 4, 6, 3], basic),
        ("resnet-50", [3, 4, 6, 3], {}),
        ("resnet-101", [3, 4, 23, 3], {}),
    ):
        found[name] = "ResNet", {"depths": depths} | more
    for size, (width, heads) in VIT_SIZES.items():
        sizes = {"hidden_size": width, "num_attention_heads": heads, "intermediate_size": 4 * width}
        found[f"vit-{size}-patch16-224"] = "ViT", sizes
        found[f"deit-{size}-distilled-patch16-224"] = "DeiT", sizes
    found["mobilenet-v1"] = "MobileNetV1", {}
    found["mobilenet-v2"] = "MobileNetV2", {}
    found["convnext-tiny"] = "ConvNext", {}
    found["efficientnet-b0"] = (
        "EfficientNet",
        {"width_coefficient": 1.0, "depth_coefficient": 1.0, "hidden_dim": 1280, "image_size": 224},
    )
    found["bert-base"] = "Bert", {}
    found["distilbert-base"] = "DistilBert", {}
    small = {"hidden_size": 384, "num_attention_heads": 12, "intermediate_size": 1536}
    found["minilm-l6"] = "Bert", small | {"num_hidden_layers": 6}
    found["minilm-l12"] = "Bert", small | {"num_hidden_layers": 12}
    return found


def main() -> None:
    """Make every model without memory, and note its shapes."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    index: dict[str, list[tuple[list[int], int]]] = {}
    for name, (kind, settings) in models().items():
        config = getattr(transformers, f"{kind}Config")(**settings, num_labels=CLASSES)
        task = "SequenceClassification" if "vocab_size" in config.to_dict() else "ImageClassification"
        maker = getattr(transformers, f"{kind}For{task}")
        with torch.device("meta"):
            states = maker(config).state_dict()
        shapes = Counter(tuple(one.shape) for key, one in states.items() if one.is_floating_point())
        index[name] = [(list(shape), count) for shape, count in sorted(shapes.items()) if CLASSES not in shape]
        config.num_labels = 2
        config.architectures = [maker.__name__]
        text = json.dumps(json.loads(config.to_json_string()), indent=1, sort_keys=True)
        (FOLDER / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    (FOLDER / "index.json").write_text(json.dumps(index, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
