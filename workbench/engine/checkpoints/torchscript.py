"""TorchScript programs as teachers; they bring code of their own, which is run when they answer.

M inputs in one call, C classes, X any input axes.
"""

import warnings
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.jit._fuser import optimized_execution

from workbench.consents import digest_of, is_agreed
from workbench.engine.checkpoints.archives import Archive, names_in, pickled_wishes
from workbench.engine.checkpoints.checkpoint_format import CheckpointCard, Wanted
from workbench.engine.checkpoints.choosing_output import asking
from workbench.engine.checkpoints.programs import Program, classifier_of, notes_of, program_failed, refuse_student
from workbench.engine.classifier import Classifier
from workbench.engine.trusting import agreed_copy, require_consent
from workbench.errors import WorkbenchError
from workbench.events import Finding
from workbench.wording import counted

_CONSTANTS = "constants.pkl"
_CODE = "code/"
_PICKLES = (_CONSTANTS, "data.pkl")
# The program's own classes, and what TorchScript puts around its values.
_ITS_OWN = ("__torch__.", "torch.jit._pickle.")
_NUMBER = 4
_REASONS = ("Its code is run by PyTorch's own interpreter, which can read and write files and fill the memory.",)


class TorchScriptFormat:
    """A zip by torch.jit.save, known by the names of its members."""

    name = "TorchScript program"

    def recognises(self, path: Path) -> bool:
        """By the members that torch.jit.save writes."""
        names = names_in(path)
        return _CONSTANTS in names and any(name.startswith(_CODE) for name in names)

    def inspect(self, path: Path, wanted: Wanted) -> CheckpointCard:
        """From the list of members; nothing is unpickled, compiled or run."""
        archive = Archive(path)
        digest = digest_of(path)
        program = Program(path, "TorchScript", digest, _parameters(archive))
        code = [name for name in archive.sizes if _is_code(name)]
        return CheckpointCard(
            path=str(path),
            format=self.name,
            architecture=f"TorchScript, {counted(len(code), 'file')} of code",
            parameters=program.parameters,
            bytes=archive.bytes,
            input_shape=wanted.signature.input_shape,
            classes=wanted.signature.classes,
            trainable=False,
            needs="" if is_agreed(digest) else "consent",
            digest=digest,
            notes=(*(() if is_agreed(digest) else _notes(archive, len(code))), *notes_of(program, wanted)),
        )

    def load(self, path: Path, wanted: Wanted) -> Classifier:
        """Only where a person has agreed to its content; it runs on the CPU and takes no gradients."""
        refuse_student("a TorchScript program", path, wanted)
        archive = Archive(path)
        digest = require_consent(path, wanted.trust, "a TorchScript program", (*_REASONS, *_wishes(archive)))
        try:
            with warnings.catch_warnings(), torch.random.fork_rng(devices=[]):
                # TorchScript is deprecated in favour of torch.export; the file is what it is.
                warnings.filterwarnings("ignore", category=DeprecationWarning)
                with agreed_copy(path, digest) as copy:
                    module = torch.jit.load(str(copy), map_location="cpu")  # type: ignore[no-untyped-call]
            module.eval()
            _refuse_several_inputs(module, path)
        except Exception as error:
            raise program_failed(path, error) from None
        count = sum(tensor.numel() for tensor in (*module.parameters(), *module.buffers()))
        program = Program(path, "TorchScript", digest, count, output=wanted.signature.output)
        return classifier_of(program, wanted, asking(_plainly(module), wanted.signature.output, path))


def _plainly(module: Any) -> Any:
    """The program without the fusing that makes a later answer differ from the first in its last bits."""

    def run(inputs_MX: Tensor) -> Any:
        with optimized_execution(False):
            return module(inputs_MX)

    return run


def _refuse_several_inputs(module: Any, path: Path) -> None:
    # The first is the program itself.
    given = module._c._get_method("forward").schema.arguments[1:]
    needed = [argument.name for argument in given if not argument.has_default_value()]
    if not given or len(needed) > 1:
        raise WorkbenchError(
            f"{path} takes {len(needed)} inputs ({', '.join(needed) or 'none'}), and a teacher here is given one.",
            "Export it so that it takes one input and makes the others itself.",
        )


def _wishes(archive: Archive) -> tuple[str, ...]:
    """What its pickled members name besides weights and its own classes."""
    wishes = [wish for name in _PICKLES if name in archive.sizes for wish in pickled_wishes(name, archive.read(name))]
    return tuple(wish for wish in wishes if not any(f"asks for {own}" in wish for own in _ITS_OWN))


def _notes(archive: Archive, code: int) -> tuple[Finding, ...]:
    wishes = _wishes(archive)
    title = f"It runs code of its own: {code} files among {len(archive.sizes)} members. Nothing was run yet."
    notes = [Finding(level="warning", title=title, fix="Agree to it only if you know where it comes from.")]
    if wishes:
        title = f"It wants more than tensors: {'; '.join(wishes[:3])}{' …' if len(wishes) > 3 else ''}."
        notes.append(Finding(level="warning", title=title, fix="Do not agree to it, unless you know why it is there."))
    return tuple(notes)


def _is_code(name: str) -> bool:
    return name.startswith(_CODE) and name.endswith(".py")


def _parameters(archive: Archive) -> int:
    """About how many numbers it holds: their types are only known to those who unpickle it."""
    return sum(size for name, size in archive.sizes.items() if name.startswith("data/")) // _NUMBER


TORCHSCRIPT = TorchScriptFormat()
