"""Warming up: once it is done, beginning a run waits for no import any more."""

import subprocess
import sys

_CODE = """
import sys
import workbench.session.run, workbench.session.warming
before = "torch" in sys.modules
workbench.session.warming.warm()
loaded = {*sys.modules}
from workbench.session.driving import drive
print(before, "torch" in sys.modules, loaded == {*sys.modules})
"""


def test_what_a_run_needs_is_loaded_by_it_and_not_before() -> None:
    done = subprocess.run([sys.executable, "-c", _CODE], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True", "True"]
