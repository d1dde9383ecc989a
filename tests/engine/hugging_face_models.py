"""Tiny Hugging Face folders, as the transformers library writes them, made without a network."""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from workbench.engine import checkpoints
from workbench.engine.checkpoints import Wanted
from workbench.engine.classifier import Classifier

CLASSES = ("cat", "dog", "owl")
WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "good", "bad", "dull", "film", "book", "very", "##ly")
PICTURES = {"image_mean": [0.5, 0.4, 0.3], "image_std": [0.25, 0.5, 0.2], "do_normalize": True}


def resnet_folder(folder: Path, classes: tuple[str, ...] = CLASSES, *, seed: int = 0, **changes: Any) -> Path:
    """A residual network of four small stages, with a processor for 32 × 32 pictures."""
    sizes = {
        "depths": [2, 2],
        "hidden_sizes": [16, 32],
        "embedding_size": 8,
        "layer_type": "basic",
        "downsample_in_first_stage": False,
    }
    return _picture_folder(folder, "resnet", sizes | changes, classes, seed)


def vit_folder(folder: Path, classes: tuple[str, ...] = CLASSES, *, seed: int = 0, **changes: Any) -> Path:
    """A vision transformer of four layers over 32 × 32 pictures."""
    sizes = {
        "hidden_size": 16,
        "num_hidden_layers": 4,
        "num_attention_heads": 2,
        "intermediate_size": 32,
        "image_size": 32,
        "patch_size": 8,
    }
    return _picture_folder(folder, "vit", sizes | changes, classes, seed)


def convnext_folder(folder: Path, classes: tuple[str, ...] = CLASSES, *, seed: int = 0, **changes: Any) -> Path:
    """A convolutional network of two stages over patches of 4 × 4."""
    sizes = {"num_stages": 2, "hidden_sizes": [8, 16], "depths": [1, 1], "patch_size": 4}
    return _picture_folder(folder, "convnext", sizes | changes, classes, seed)


def bert_folder(
    folder: Path, classes: tuple[str, ...] = CLASSES, *, seed: int = 0, headless: bool = False, **changes: Any
) -> Path:
    """A BERT of four layers with a WordPiece tokenizer of eleven tokens."""
    from transformers import BertModel
    from transformers.models.auto.modeling_auto import AutoModelForSequenceClassification

    sizes = {
        "vocab_size": len(WORDS),
        "hidden_size": 16,
        "num_hidden_layers": 4,
        "num_attention_heads": 2,
        "intermediate_size": 32,
        "max_position_embeddings": 24,
        "hidden_dropout_prob": 0.1,
        "attention_probs_dropout_prob": 0.1,
    }
    config = _config("bert", sizes | changes, () if headless else classes)
    _save(
        _seeded(BertModel._from_config if headless else AutoModelForSequenceClassification.from_config, config, seed),
        folder,
    )
    (folder / "tokenizer.json").write_text(tokenizer_json(), encoding="utf-8")
    return folder


def tokenizer_json() -> str:
    """A WordPiece tokenizer over `WORDS`, as the tokenizers library writes it."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    vocabulary = {word: place for place, word in enumerate(WORDS)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token=WORDS[1]))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    text: str = tokenizer.to_str()
    return text


def shard(folder: Path, pieces: int = 3) -> None:
    """Replace model.safetensors by so many shards and their index."""
    whole = folder / "model.safetensors"
    tensors = load_file(whole)
    whole.unlink()
    names, places = sorted(tensors), {}
    for piece in range(pieces):
        file = f"model-{piece + 1:05}-of-{pieces:05}.safetensors"
        save_file({name: tensors[name] for name in names[piece::pieces]}, folder / file)
        places |= dict.fromkeys(names[piece::pieces], file)
    write_json(folder / "model.safetensors.index.json", {"metadata": {}, "weight_map": places})


def original_logits(folder: Path, *, pictures: bool, **inputs: torch.Tensor) -> torch.Tensor:
    """What the transformers library itself answers, loading the folder in its own way."""
    from transformers.models.auto import modeling_auto

    maker = (
        modeling_auto.AutoModelForImageClassification if pictures else modeling_auto.AutoModelForSequenceClassification
    )
    model = maker.from_pretrained(folder, local_files_only=True).eval()
    with torch.no_grad():
        logits: torch.Tensor = model(**inputs).logits
    return logits


def change_json(path: Path, **changes: Any) -> None:
    """Change some values of a JSON file; None takes one out."""
    settings = json.loads(path.read_text(encoding="utf-8")) | changes
    write_json(path, {key: value for key, value in settings.items() if value is not None})


def write_json(path: Path, content: Any) -> None:
    """As one JSON file."""
    path.write_text(json.dumps(content), encoding="utf-8")


def pixels(count: int = 6, size: int = 32) -> torch.Tensor:
    """Pictures of noise as bytes."""
    generator = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, (count, 3, size, size), dtype=torch.uint8, generator=generator)


def tokens(count: int = 6, length: int = 12) -> torch.Tensor:
    """Texts of random words; the second is short."""
    generator = torch.Generator().manual_seed(0)
    ids = torch.randint(4, 11, (count, length), dtype=torch.int32, generator=generator)
    ids[:, 0] = 2
    ids[1, 5:] = 0
    return ids


@torch.no_grad()
def answers(model: Classifier, inputs: torch.Tensor) -> torch.Tensor:
    """What a model says, without gradients."""
    logits: torch.Tensor = model(inputs)
    return logits


def weights(folder: Path) -> dict[str, torch.Tensor]:
    """The tensors of a folder."""
    return load_file(folder / "model.safetensors")


def rewrite(folder: Path, tensors: dict[str, torch.Tensor]) -> None:
    """Replace the tensors of a folder."""
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def notes(folder: Path, wanted: Wanted | None = None) -> str:
    """What the card has to say, one line each."""
    return "\n".join(f"{note.level}: {note.title}" for note in checkpoints.inspect(folder, wanted).notes)


def _picture_folder(folder: Path, family: str, sizes: dict[str, Any], classes: tuple[str, ...], seed: int) -> Path:
    from transformers.models.auto.modeling_auto import AutoModelForImageClassification

    _save(_seeded(AutoModelForImageClassification.from_config, _config(family, sizes, classes), seed), folder)
    write_json(folder / "preprocessor_config.json", PICTURES | {"size": {"height": 32, "width": 32}})
    return folder


def _config(family: str, sizes: dict[str, Any], classes: tuple[str, ...]) -> Any:
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING

    names = {"id2label": dict(enumerate(classes)), "label2id": {name: n for n, name in enumerate(classes)}}
    return CONFIG_MAPPING[family](**sizes, **(names if classes else {}))


def _seeded(make: Any, config: Any, seed: int) -> Any:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return make(config).eval()


def _save(model: Any, folder: Path) -> None:
    from transformers.utils import logging

    logging.disable_progress_bar()
    model.save_pretrained(folder)
