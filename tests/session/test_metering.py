"""The memory meter: real numbers, the graphics card only where one is in use, and never a reason to load torch."""

import subprocess
import sys
from types import SimpleNamespace

import psutil
import pytest

from workbench.session.metering import Meter, read_meter


def test_memory_in_use_is_ours_and_memory_there_is_is_the_machine_s() -> None:
    meter = read_meter()
    assert meter.total == psutil.virtual_memory().total
    assert 0.5 < meter.used / psutil.Process().memory_info().rss < 2.0


def test_more_memory_is_seen() -> None:
    before = read_meter().used
    block = b"\x01" * 80_000_000
    assert read_meter().used - before > 0.5 * len(block)


@pytest.mark.parametrize(
    ("cuda", "expected"),
    [
        (SimpleNamespace(is_initialized=lambda: True, mem_get_info=lambda: (300, 1000)), (700, 1000)),
        (SimpleNamespace(is_initialized=lambda: False), (None, None)),
        (None, (None, None)),
    ],
)
def test_a_graphics_card_is_read_only_once_it_is_in_use(
    cuda: object, expected: tuple[int | None, int | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cuda))
    meter = read_meter()
    assert isinstance(meter, Meter)
    assert (meter.card_used, meter.card_total) == expected


def test_reading_it_does_not_load_torch() -> None:
    code = "import sys; from workbench.session.metering import read_meter; read_meter(); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
