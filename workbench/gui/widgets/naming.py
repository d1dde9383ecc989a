"""Names in a recipe as words on the screen: learning_rate becomes "Learning rate", mlp becomes "MLP"."""

from html import escape

# How names are spelt that are no plain English; any other name needs no entry here.
_SPELLINGS = {
    "adamw": "AdamW",
    "causal_lm": "Causal language model",
    "convnet": "ConvNet",
    "hugging_face_config": "Hugging Face config",
    "idx": "IDX",
    "jensen_shannon": "Jensen–Shannon",
    "kl": "KL",
    "log_mel": "log-mel",
    "lora": "LoRA",
    "mlp": "MLP",
    "onnx": "ONNX",
    "resnet": "ResNet",
    "rgb": "RGB",
    "sgd": "SGD",
    "url": "URL",
}


def in_words(name: str) -> str:
    """A field, a kind or a word of a recipe as a person reads it; names with digits, such as int8, stay as they are."""
    if name in _SPELLINGS:
        return _SPELLINGS[name]
    words = [_SPELLINGS.get(word, word) for word in name.split("_")]
    if not any(sign.isdigit() for sign in words[0]):
        words[0] = words[0][:1].upper() + words[0][1:]
    return " ".join(words)


def first_sentence(docstring: str | None) -> str:
    """What a class says of itself in one line."""
    return (docstring or "").strip().partition("\n")[0]


def as_tooltip(*lines: str) -> str:
    """Lines of plain text as a tooltip that wraps where it is long."""
    return "<br>".join(escape(line) for line in lines if line).join(("<qt>", "</qt>"))
