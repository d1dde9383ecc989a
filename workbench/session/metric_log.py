"""Per-step numbers in memory: one writer, many readers, no copies and no locks."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from workbench.events import StepMetrics
from workbench.session.run_database import COLUMNS

_FIRST_CAPACITY = 4096


class MetricLog:
    """A growing table of float64 columns.

    The writer fills rows first and raises the count after; a reader that takes the count first sees only whole
    rows. When the table grows, old views stay valid: they show the rows there were.
    """

    def __init__(self) -> None:
        self._columns: NDArray[np.float64] = np.empty((len(COLUMNS), _FIRST_CAPACITY))
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def append(self, metrics: Iterable[StepMetrics], seconds: float) -> None:
        """Add rows; `seconds` is the training time so far."""
        for row in metrics:
            values = (row.step, row.stage, row.epoch, row.total, row.soft, row.hard, row.learning_rate, seconds)
            self._put(values)

    def extend(self, rows: "Sequence[tuple[float, ...]] | NDArray[np.float64]") -> None:
        """Add rows as they come from a run's database, in the order of `COLUMNS`."""
        if len(rows):
            table = np.asarray(rows, np.float64).T
            self._make_room(table.shape[1])
            self._columns[:, self._count : self._count + table.shape[1]] = table
            self._count += table.shape[1]

    def column(self, name: str) -> NDArray[np.float64]:
        """A read-only view of one column, as long as the log is now."""
        count, columns = self._count, self._columns
        view = columns[COLUMNS.index(name), :count].view()
        view.flags.writeable = False
        return view

    def rows(self, start: int) -> list[tuple[float, ...]]:
        """The rows from `start` on, in the order of `COLUMNS`."""
        return [tuple(row) for row in self._columns[:, start : self._count].T.tolist()]

    def _put(self, values: tuple[float, ...]) -> None:
        self._make_room(1)
        self._columns[:, self._count] = values
        self._count += 1

    def _make_room(self, rows: int) -> None:
        end = self._count + rows
        if end > self._columns.shape[1]:
            larger = np.empty((len(COLUMNS), max(2 * self._columns.shape[1], end)))
            larger[:, : self._count] = self._columns[:, : self._count]
            self._columns = larger
