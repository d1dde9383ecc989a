"""What the tests of several packages start from."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from script_loading import identity, job


@pytest.fixture
def some_job(tmp_path: Path) -> "job.Job":
    """A job whose bundle is a tiny program with one licence."""
    made = job.Job(python=Path(sys.executable), out=tmp_path / "dist", work=tmp_path / "build", fast=True)
    internal = made.bundle / "_internal"
    (internal / "licences" / "torch").mkdir(parents=True)
    (internal / "licences" / "torch" / "LICENSE").write_text("Use it as you like.", encoding="utf-8")
    (internal / "licences" / "numpy").mkdir()
    (internal / "licences" / "numpy" / "LICENSE").write_text("Use it as you like.", encoding="utf-8")
    index = [
        {"name": "numpy", "version": "2", "licence": "BSD", "files": ["numpy/LICENSE"]},
        {"name": "torch", "version": "3", "licence": "BSD", "files": ["torch/LICENSE"]},
    ]
    (internal / "licences" / "index.json").write_text(json.dumps(index), encoding="utf-8")
    program = made.bundle / identity.PACKAGE
    program.write_text('#!/bin/sh\necho "started with: $*"\n', encoding="utf-8")
    program.chmod(0o755)
    made.out.mkdir()
    return made


@pytest.fixture
def umask_of_a_careful_person() -> Iterator[None]:
    """Nobody else may read what is made now."""
    before = os.umask(0o077)
    yield
    os.umask(before)
