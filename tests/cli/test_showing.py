"""What the terminal says when a run is over although something was wrong with it."""

from pathlib import Path
from typing import Any

import pytest

from workbench.cli.showing import LiveView
from workbench.events import Finished, Judged, Warned

ROSE = "The loss rose from 15 to 342 at step 2 (learning rate 100)."


@pytest.fixture
def judged() -> Judged:
    record: dict[str, Any] = {"baseline_errors": [3], "distilled_errors": [1], "teacher_errors": 1}
    return Judged(step=9, word="INCONCLUSIVE", sentence="Too few.", record=record)


def shown(capsys: pytest.CaptureFixture[str], judged: Judged, *warnings: str) -> list[str]:
    view = LiveView(Path("run"))
    view.show("distilled, seed 0", Warned(step=2, title=ROSE, hint="Lower it."))
    view.show("distilled, seed 0", Finished(step=9, reason="complete", warnings=warnings))
    view.say_result(None, judged)  # type: ignore[arg-type]
    return capsys.readouterr().out.splitlines()


def test_a_warning_that_held_to_the_end_is_named_after_the_result(
    capsys: pytest.CaptureFixture[str], judged: Judged
) -> None:
    lines = shown(capsys, judged, ROSE)
    assert f"! {ROSE} Lower it." in lines
    assert lines[-2:] == [
        "! Finished, but 1 warning still held at the end:",
        f"  distilled, seed 0: {ROSE}",
    ]


def test_a_warning_that_passed_is_not_named_again(capsys: pytest.CaptureFixture[str], judged: Judged) -> None:
    lines = shown(capsys, judged)
    assert lines.count(f"! {ROSE} Lower it.") == 1
    assert lines[-1] == "INCONCLUSIVE  Too few."
