"""The first lines of a built program: the same door as the installed command's."""

from __future__ import annotations

from workbench.__main__ import main

if __name__ == "__main__":
    main()
