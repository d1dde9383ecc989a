"""Loads the scripts of the folder `packaging` by their paths."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "packaging"


def load(name: str, module_name: str = "") -> ModuleType:
    """Load a script and the scripts it imports: their folder is no package and stays off sys.path."""
    module_name = module_name or name
    if module_name not in sys.modules:
        spec = importlib.util.spec_from_file_location(module_name, SCRIPTS / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        sys.modules[module_name] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[module_name]


# test.py gets a name that is not that of a module of Python; so that the scripts find each other, their folder is on
# the path while they are loaded, and no longer
sys.path.insert(0, str(SCRIPTS))
try:
    reporting = load("reporting")
    fetching = load("fetching")
    torch_build = load("torch_build")
    system_libraries = load("system_libraries")
    environment = load("environment")
    real_checkpoints = load("real_checkpoints")
    consumers = load("consumers")
    start = load("start")
    build = load("build")
    identity = load("identity")
    job = load("job")
    leaving_out = load("leaving_out")
    licences = load("licences")
    linux_files = load("linux_files")
    lock_hashes = load("lock_hashes")
    linux_package = load("linux_package")
    model_families = load("model_families")
    bundle = load("targets/bundle", "targets.bundle")
    deb = load("targets/deb", "targets.deb")
    rpm = load("targets/rpm", "targets.rpm")
    run = load("targets/run", "targets.run")
    check_script = load("test", "check_script")
finally:
    sys.path.remove(str(SCRIPTS))
