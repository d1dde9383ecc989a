"""The progress bar of a training: step, loss terms, errors, speed and time left."""

import time

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

from workbench.events import Evaluated, Prepared, StepDone
from workbench.wording import visible

_REFRESH_SECONDS = 0.1


class TrainingProgress:
    """A bar that costs the training nothing: it looks up at most ten times a second."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar: Progress | None = None
        self._errors = ""
        self._shown = 0.0
        self._first_step = 0
        self._started = 0.0

    def begin(self, words: str) -> None:
        """Show a new bar without a length yet."""
        self.end()
        self._errors = ""
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[words]}"),
            console=self._console,
            transient=True,
            # A log file gets lines only; a bar would fill it.
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task(escape(visible(words)), total=None, words="")
        self._bar.start()

    def prepared(self, event: Prepared) -> None:
        """Now the length is known."""
        self._first_step, self._started = event.step, time.monotonic()
        if self._bar is not None:
            self._bar.update(self._task, description="", total=event.total_steps, completed=event.step)

    def step(self, event: StepDone) -> None:
        """Move on."""
        now = time.monotonic()
        if self._bar is None or now - self._shown < _REFRESH_SECONDS:
            return
        self._shown = now
        row = event.metrics[-1]
        total = self._bar.tasks[0].total or event.step
        rate = (event.step - self._first_step) / max(now - self._started, 1e-9)
        left = time.strftime("%H:%M:%S", time.gmtime((total - event.step) / max(rate, 1e-9)))
        terms = f"loss {row.total:.4f} (soft {row.soft:.4f}, hard {row.hard:.4f})"
        words = f"{event.step:,}/{total:,.0f}  {terms}{self._errors}  {rate:.0f} steps/s  {left} left"
        self._bar.update(self._task, completed=event.step, words=words)

    def evaluated(self, event: Evaluated) -> None:
        """Remember the newest count of errors."""
        if event.subject == "student":
            self._errors = f"  {event.errors:,}/{event.examples:,} wrong"

    def end(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
