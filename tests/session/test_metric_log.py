"""The log in memory: whole rows, views that stay valid, columns that cannot be written by readers."""

import numpy as np
import pytest

from workbench.events import StepMetrics
from workbench.session.metric_log import COLUMNS, MetricLog


def _metrics(step: int) -> StepMetrics:
    return StepMetrics(step, 0, step / 10, step + 0.1, step + 0.2, step + 0.3, 0.05)


def test_columns_hold_what_was_appended() -> None:
    log = MetricLog()
    log.append([_metrics(1), _metrics(2)], seconds=1.5)
    assert len(log) == 2
    assert log.column("soft").tolist() == [1.2, 2.2]
    assert log.column("seconds").tolist() == [1.5, 1.5]


def test_a_view_taken_before_the_log_grew_keeps_its_rows() -> None:
    log = MetricLog()
    log.append([_metrics(step) for step in range(1, 4001)], seconds=0)
    early = log.column("step")
    log.append([_metrics(step) for step in range(4001, 20_001)], seconds=0)
    assert np.array_equal(early, np.arange(1, 4001))
    assert np.array_equal(log.column("step"), np.arange(1, 20_001))


def test_a_reader_cannot_write_into_the_log() -> None:
    log = MetricLog()
    log.append([_metrics(1)], seconds=0)
    with pytest.raises(ValueError, match="read-only"):
        log.column("total")[0] = 0


def test_rows_come_back_in_the_order_of_the_columns() -> None:
    log = MetricLog()
    log.append([_metrics(1), _metrics(2)], seconds=3)
    copy = MetricLog()
    copy.extend(log.rows(0))
    assert [copy.column(name).tolist() for name in COLUMNS] == [log.column(name).tolist() for name in COLUMNS]
    assert log.rows(1) == [(2.0, 0.0, 0.2, 2.1, 2.2, 2.3, 0.05, 3.0)]
