"""A word in the status bar on what training runs on; it leads to the preferences, where there is more."""

from html import escape

from PySide6.QtWidgets import QToolButton

from workbench.gui.theme import small
from workbench.session.runtime_advice import Circumstances, advise, in_short


class RuntimeWord(QToolButton):
    """Hidden until PyTorch has loaded: before, nobody knows."""

    def __init__(self) -> None:
        super().__init__()
        self._found: Circumstances | None = None
        self.setProperty("role", "muted")
        self.setFont(small(self.font(), 0.95))
        self.hide()

    def show_runtime(self, found: Circumstances, threads: int) -> None:
        """Show what was found, once PyTorch has loaded.

        Args:
            found: What training runs on.
            threads: How many a person prefers; 0 leaves it to PyTorch.
        """
        self._found = found
        self.take_threads(threads)
        self.show()

    def take_threads(self, threads: int) -> None:
        """Another number of threads is preferred from now on."""
        if self._found is None:
            return
        words, advice = in_short(self._found, threads), advise(self._found)
        self.setText(words)
        self.setAccessibleName(f"Training runs on {words}")
        # Rich text, so that it is wrapped.
        self.setToolTip(f"<p>{escape(advice.text)} Click for more.</p>")
