"""The scripts of the folder `packaging` that these tests use."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "packaging"))

from script_loading import bundle, identity, load

apt_settings = load("apt_settings")
bare_system = load("bare_system")

__all__ = ["apt_settings", "bare_system", "bundle", "identity"]
