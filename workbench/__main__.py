"""The door for `python -m workbench` and the installed command."""

import os


def main() -> None:
    """Set what must be set before torch is imported, then hand over to the command line."""
    # Waiting OpenMP threads would spin and starve the window: 4–7 steps/s instead of 47–87 beside a live plot.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from workbench.cli.commands import app

    app()


if __name__ == "__main__":
    main()
