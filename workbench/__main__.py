"""The door for `python -m workbench` and the installed command."""

import io
import os
import sys

from workbench.frozen import settle


def main() -> None:
    """Set what must be set before torch is imported, then hand over to the command line."""
    settle()
    # Waiting OpenMP threads would spin and starve the window: 4–7 steps/s instead of 47–87 beside a live plot.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # α, ✓ and people's names must not end a run whose output goes to a file on Windows.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    from workbench.cli.commands import app

    app()


if __name__ == "__main__":
    main()
