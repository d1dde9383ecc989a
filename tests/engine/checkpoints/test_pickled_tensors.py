"""Files by torch.save are read as weights only; whatever else they hold is named, and never run."""

import argparse
import builtins
import datetime
import functools
import io
import os
import pickle
import re
import struct
import subprocess
import time
import types
import zipfile
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from workbench.engine import checkpoints
from workbench.engine.checkpoints import Wanted
from workbench.engine.checkpoints.pickle_contents import contents_of
from workbench.engine.checkpoints.pickled_tensors import is_by_torch, read_by_torch, wants_of
from workbench.errors import WorkbenchError

WANTED = Wanted(input_shape=(4,), classes=("a", "b", "c"))
WEIGHTS = {"0.weight": torch.ones(3, 4), "0.bias": torch.zeros(3)}
FORMS = pytest.mark.parametrize("zipped", [True, False], ids=["zip", "old form"])


class Calling:
    """Unpickled, it calls a function instead of becoming an object."""

    def __init__(self, call, *arguments):
        self.call, self.arguments = call, arguments

    def __reduce__(self):
        return self.call, self.arguments


def calls(marker):
    """Ways to run code, each of which would leave the marker."""
    return {
        "posix.system": Calling(os.system, f"touch '{marker}'"),
        "builtins.eval": Calling(builtins.eval, f"open({str(marker)!r}, 'w')"),
        "builtins.open": Calling(builtins.open, str(marker), "w"),
        "subprocess.Popen": Calling(subprocess.Popen, ["touch", str(marker)]),
        "functools.partial": Calling(functools.partial, os.system, f"touch '{marker}'"),
        "builtins.getattr": Calling(getattr, Path(marker), "touch"),
        "builtins.bytearray": Calling(bytearray, 10**12),
        "torch.serialization.load": Calling(torch.load, str(marker)),
    }


def saved(path, held, *, zipped=True):
    torch.save(held, path, _use_new_zipfile_serialization=zipped)
    return path


def refusal(path):
    """The words of the refusal; both doors refuse, at once."""
    begun = time.process_time()  # what other programs take of the machine does not count
    with pytest.raises(WorkbenchError):
        checkpoints.inspect(path, WANTED)
    with pytest.raises(WorkbenchError) as caught:
        checkpoints.load(path, WANTED)
    assert time.process_time() - begun < 10
    assert path.name in str(caught.value)
    return caught.value


@FORMS
@pytest.mark.parametrize("name", calls("x"))
def test_what_would_run_code_is_refused_by_its_name_and_leaves_no_trace(tmp_path, name, zipped):
    held = WEIGHTS | {"extra": calls(tmp_path / "TOUCHED")[name]}
    error = refusal(saved(tmp_path / "model.pt", held, zipped=zipped))
    # Old pickles name modules as Python 2 did.
    assert re.search(rf"asks for [\w.]+\.{name.rpartition('.')[2]}(, posix\.system)?, which can run code", error.title)
    assert "holds more than tensors" in error.title
    assert "state_dict()" in error.hint
    assert not (tmp_path / "TOUCHED").exists()


@FORMS
def test_an_attribute_of_the_weights_hides_nothing(tmp_path, zipped):
    weights = OrderedDict(WEIGHTS)
    weights._metadata = calls(tmp_path / "TOUCHED")["posix.system"]
    assert "posix.system" in refusal(saved(tmp_path / "model.pt", weights, zipped=zipped)).details
    assert not (tmp_path / "TOUCHED").exists()


@FORMS
def test_a_whole_module_is_refused_with_the_way_to_save_its_weights(tmp_path, zipped):
    error = refusal(saved(tmp_path / "module.pth", nn.Sequential(nn.Linear(4, 3)), zipped=zipped))
    assert "holds a whole Python object (torch.nn.modules" in error.title
    assert "torch.save(model.state_dict()" in error.hint


@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_a_plain_pickle_is_never_opened(tmp_path, protocol):
    (tmp_path / "plain.bin").write_bytes(pickle.dumps({"a": [1, 2]}, protocol))
    assert (
        "can run code" in refusal(tmp_path / "plain.bin").title
        or "running code" in refusal(tmp_path / "plain.bin").title
    )
    held = {"a": calls(tmp_path / "TOUCHED")["posix.system"]}
    (tmp_path / "calling.bin").write_bytes(pickle.dumps(held, protocol))
    assert "posix.system" in refusal(tmp_path / "calling.bin").title
    assert not (tmp_path / "TOUCHED").exists()


@FORMS
def test_settings_of_a_training_are_left_out_and_never_made(tmp_path, zipped):
    beside = {
        "args": argparse.Namespace(lr=0.1, out=Path("/out")),
        "more": types.SimpleNamespace(a=1),
        "best": np.float64(0.5),
        "losses": np.arange(3),
        "when": datetime.datetime(2024, 1, 1),
    }
    path = saved(tmp_path / "last.ckpt", {"state_dict": WEIGHTS} | beside, zipped=zipped)
    assert "argparse.Namespace" in wants_of(path).leftovers
    assert type(read_by_torch(path, values=True)["args"]).__name__ == "Leftover"
    assert torch.equal(checkpoints.load(path, WANTED)(torch.ones(1, 4)), torch.full((1, 3), 4.0))
    said = " ".join(note.title for note in checkpoints.inspect(path, WANTED).notes)
    assert "under “state_dict”; args, more, best, losses, when beside it left out" in said


@FORMS
def test_without_values_no_memory_is_taken_for_them(tmp_path, zipped):
    path = saved(tmp_path / "large.pt", {"w": torch.zeros(4096, 4096)}, zipped=zipped)
    tensor = read_by_torch(path, values=False)["w"]
    assert tuple(tensor.shape) == (4096, 4096)
    assert tensor.device.type == ("cpu" if zipped else "meta")


@FORMS
@pytest.mark.parametrize("share", [0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 1.0])
def test_a_file_that_is_cut_short_is_refused_by_name(tmp_path, share, zipped):
    raw = saved(tmp_path / "whole.pt", WEIGHTS, zipped=zipped).read_bytes()
    (tmp_path / "cut.pt").write_bytes(raw[: min(int(len(raw) * share), len(raw) - 1)])
    words = str(refusal(tmp_path / "cut.pt"))
    assert any(word in words for word in ("broken or cut short", "not a checkpoint this program reads"))


def rezipped(raw, change, how=zipfile.ZIP_STORED):
    """An archive whose members went through `change`, a dict to a dict."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as before, zipfile.ZipFile(buffer, "w", how) as after:
        for name, content in change({name: before.read(name) for name in before.namelist()}).items():
            after.writestr(name, content)
    return buffer.getvalue()


def test_a_packed_archive_that_would_grow_is_refused_unopened(tmp_path):
    raw = saved(tmp_path / "whole.pt", WEIGHTS).read_bytes()
    grown = rezipped(raw, lambda members: members | {"whole/data/9": bytes(2**26)}, zipfile.ZIP_DEFLATED)
    assert len(grown) < 2**20
    (tmp_path / "bomb.pt").write_bytes(grown)
    assert "is compressed" in refusal(tmp_path / "bomb.pt").title


def test_members_that_claim_more_than_the_file_are_refused(tmp_path):
    raw = bytearray(saved(tmp_path / "whole.pt", WEIGHTS).read_bytes())
    place = raw.find(b"PK\x01\x02")
    struct.pack_into("<LL", raw, place + 20, 2**31, 2**31)
    (tmp_path / "claims.pt").write_bytes(bytes(raw))
    assert "claim 2,147," in refusal(tmp_path / "claims.pt").title


def test_tensors_that_claim_more_than_the_file_are_refused(tmp_path):
    one = torch.zeros(1)
    path = saved(tmp_path / "wide.pt", {"0.weight": one.expand(60_000, 60_000), "0.bias": one.expand(60_000)})
    assert "its tensors claim" in refusal(path).title


@FORMS
def test_a_tensor_of_eight_gigabytes_in_a_small_file_is_refused(tmp_path, zipped):
    raw = saved(tmp_path / "small.pt", {"w": torch.zeros(77)}, zipped=zipped).read_bytes()
    # The number of elements, as a pickle has it.
    assert raw.count(b"KM") >= 1

    def swell(content):
        return content.replace(b"KM", b"J\xff\xff\xff\x7f")

    def changed(members):
        return {name: swell(content) if name.endswith("pkl") else content for name, content in members.items()}

    (tmp_path / "huge.pt").write_bytes(rezipped(raw, changed) if zipped else swell(raw))
    refusal(tmp_path / "huge.pt")


def test_sparse_tensors_are_refused_by_name(tmp_path):
    path = saved(tmp_path / "sparse.pt", {"w": torch.eye(3).to_sparse()})
    assert "sparse" in str(refusal(path))


def test_endless_lists_are_refused_within_seconds(tmp_path):
    raw = saved(tmp_path / "whole.pt", WEIGHTS).read_bytes()
    endless = b"\x80\x02" + b"]0" * 4_000_000 + b"."
    changed = rezipped(raw, lambda members: {n: endless if n.endswith("pkl") else c for n, c in members.items()})
    (tmp_path / "endless.pt").write_bytes(changed)
    assert "more than 120,000 objects" in refusal(tmp_path / "endless.pt").title


def test_weights_that_hold_themselves_are_refused(tmp_path):
    held = {"model": {}}
    held["model"]["model"] = held["model"]
    assert "holds no weights" in refusal(saved(tmp_path / "ring.pt", held)).title


@pytest.mark.parametrize("held", [5, None, [], {}, {"epoch": 3}, [torch.zeros(2)], {"a": {"b": 1}}, "text"])
def test_what_holds_no_named_tensors_is_refused(tmp_path, held):
    assert "holds no weights" in refusal(saved(tmp_path / "other.pt", held)).title


def test_another_protocol_than_torchs_own_is_refused_with_the_way_out(tmp_path):
    torch.save(WEIGHTS, tmp_path / "newer.pt", pickle_protocol=4)
    assert "pickle protocol 4" in refusal(tmp_path / "newer.pt").title


def test_what_torch_wrote_is_not_read_under_the_name_of_safetensors(tmp_path):
    assert "Name it .pt" in refusal(saved(tmp_path / "model.safetensors", WEIGHTS)).hint


def test_a_file_is_told_by_its_content(tmp_path):
    assert is_by_torch(saved(tmp_path / "weights", WEIGHTS))
    assert is_by_torch(saved(tmp_path / "weights.txt", WEIGHTS, zipped=False))
    np.savez(tmp_path / "data.pt", a=np.zeros(3))
    (tmp_path / "text.pt").write_text("weights")
    assert not is_by_torch(tmp_path / "data.pt")
    assert not is_by_torch(tmp_path / "text.pt")
    assert not is_by_torch(tmp_path)


def test_texts_that_are_copied_until_the_memory_is_full_are_refused():
    text = b"X" + struct.pack("<I", 2**20) + b"a" * 2**20
    copies = b"h\x00h\x01R0" * 10_000
    raw = b"\x80\x02c_codecs\nencode\nq\x00" + text + b"\x85q\x01" + copies + b"N."
    with pytest.raises(ValueError, match="texts are copied"):
        contents_of(raw)
