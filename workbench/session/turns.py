"""Training and exporting take turns: PyTorch's exporter changes state that all threads share, and breaks steps.

Seen with 2.13: `torch.fx.traceback.annotate`, which every optimizer call goes through, ends in a KeyError while another
thread traces a model. Loading a language model takes the exporter's turn too: the transformers library swaps PyTorch's
initialisers for all threads meanwhile.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """Any number may train at once; whoever exports is alone, and comes before the next step."""

    def __init__(self) -> None:
        self._bell = threading.Condition()
        self._training = self._waiting = 0
        self._is_exporting = False

    @property
    def is_wanted(self) -> bool:
        """Whether an export is going on or waits for its turn; asked once a step, so it takes no lock."""
        return self._is_exporting or self._waiting > 0

    def begin_training(self) -> None:
        """From here on no export begins; waits for one that is going on."""
        with self._bell:
            self._bell.wait_for(lambda: not self.is_wanted)
            self._training += 1

    def end_training(self) -> None:
        """An export may begin."""
        with self._bell:
            self._training -= 1
            self._bell.notify_all()

    @contextmanager
    def exporting(self) -> Iterator[None]:
        """Alone in here; waits for runs to come to a step boundary, where they wait in turn."""
        with self._bell:
            self._waiting += 1
            self._bell.wait_for(lambda: not self._training and not self._is_exporting)
            self._waiting -= 1
            self._is_exporting = True
        try:
            yield
        finally:
            with self._bell:
                self._is_exporting = False
                self._bell.notify_all()


# One PyTorch a process, one order of turns.
TURNS = Turns()
