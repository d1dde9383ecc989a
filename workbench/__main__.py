"""The door for `python -m workbench` and the installed command."""

import io
import os
import sys

from workbench.frozen import settle
from workbench.own_home import cache_root


def main() -> None:
    """Set what must be set before torch is imported, then hand over to the command line."""
    settle()
    # Waiting OpenMP threads would spin and starve the window: 4–7 steps/s instead of 47–87 beside a live plot.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # PyTorch makes this folder when its exporter is imported, else one in the folder for temporary files.
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(cache_root() / "compiled"))
    # α, ✓ and people's names must not end a run whose output goes to a file on Windows.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    from workbench.cli.commands import app

    app()


if __name__ == "__main__":
    main()
