"""Exceptions as the event that ends a run."""

import traceback

from workbench.errors import WorkbenchError
from workbench.events import Failed


def failed_event(error: Exception, step: int) -> Failed:
    """What went wrong after `step` steps: in its own words, or as an error of the program with its traceback."""
    if isinstance(error, WorkbenchError):
        return Failed(step=step, title=error.title, hint=error.hint, details=error.details)
    return Failed(
        step=step,
        title=f"The run ended after step {step} with an error of the program: {type(error).__name__}: {error}",
        hint="The run can be resumed from its last checkpoint. Please report this with the details.",
        details="".join(traceback.format_exception(error)),
    )
