"""Do the tensors of a Hugging Face folder fit the model that its config describes? Old names become new ones first."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.engine.checkpoints.checkpoint_format import TensorRow
from workbench.engine.checkpoints.filling import misfits

# Constants and counters that some versions of the library store and others make anew.
_CONSTANT = re.compile(
    r"(^|\.)(position_ids|token_type_ids|num_batches_tracked|relative_position_index|inv_freq|attn_mask|masked_bias)$"
)


@dataclass(frozen=True)
class Fit:
    """How a file's tensors go into a model.

    Attributes:
        names: The model's name of each of the file's tensors that fits.
        faults: What does not fit, one row each.
        missing_head: What the head lacks, or has for other classes; a new head has all of it.
        extra: Tensors of the file for other heads, which a new head leaves out.
        other_faults: The faults that a new head does not mend.
    """

    names: Mapping[str, str]
    faults: tuple[str, ...]
    missing_head: tuple[str, ...]
    extra: tuple[str, ...]
    other_faults: tuple[str, ...]


def fit(model: Any, rows: Sequence[TensorRow]) -> Fit:
    """Compare names and shapes.

    Args:
        model: Of the transformers library, on any device, shapes only or whole.
        rows: The file's tensors.
    """
    states = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    names = _renamed(model, [row.name for row in rows], states)
    given = {names[row.name]: row.shape for row in rows}
    ignored = _ignored(model, given.keys() - states.keys())
    constant = {name for name in states.keys() - given.keys() if _CONSTANT.search(name)}
    wanted = {name: shape for name, shape in states.items() if name not in constant}
    offered = {name: shape for name, shape in given.items() if name not in ignored}
    faults = misfits(wanted, offered)
    lacking = {name for name in wanted if wanted[name] != offered.get(name)}
    prefix = f"{model.base_model_prefix}."
    missing_head = {name for name in lacking if not name.startswith(prefix) or ".pooler." in name}
    surplus = offered.keys() - wanted.keys()
    with_prefix = any(row.name.startswith(prefix) for row in rows)
    extra = {name for name in surplus if "pooler." in name or (with_prefix and not name.startswith(prefix))}
    mended = missing_head | extra
    return Fit(
        names={name: new for name, new in names.items() if new in states and new not in lacking},
        faults=tuple(faults),
        missing_head=tuple(sorted(missing_head)),
        extra=tuple(sorted(extra)),
        other_faults=tuple(row for row in faults if row.split()[1] not in mended),
    )


def _renamed(model: Any, names: Iterable[str], states: dict[str, Any]) -> dict[str, str]:
    """The model's names for a file's: the library has renamed layers, and a base model's lack the prefix."""
    from transformers.conversion_mapping import get_model_conversion_mapping
    from transformers.core_model_loading import WeightRenaming, rename_source_key

    renamings = [change for change in get_model_conversion_mapping(model) if isinstance(change, WeightRenaming)]
    renamed: dict[str, str] = {}
    taken: set[str] = set()
    for name in sorted(names):
        new, _ = rename_source_key(name, renamings, [], model.base_model_prefix, states)
        # Two tensors for one place are a fault, and keep their own names to be told.
        renamed[name] = name if new in taken else new
        taken.add(new)
    return renamed


def _ignored(model: Any, names: Iterable[str]) -> set[str]:
    """What the file has and the model makes for itself."""
    own = [re.compile(pattern) for pattern in model._keys_to_ignore_on_load_unexpected or ()]
    return {name for name in names if _CONSTANT.search(name) or any(pattern.search(name) for pattern in own)}
