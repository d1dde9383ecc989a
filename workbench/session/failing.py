"""Exceptions as the event that ends a run."""

import traceback
from typing import Any

from workbench.errors import CodeConsentNeededError, EndpointConsentNeededError, WorkbenchError
from workbench.events import Failed


def error_of(event: Failed) -> WorkbenchError:
    """What a person is told of a run that failed: a question where only their consent is missing."""
    if event.code_file:
        return CodeConsentNeededError(event.code_file, event.digest, event.title, event.details)
    if event.address:
        return EndpointConsentNeededError(event.address, event.key, event.title, event.details)
    return WorkbenchError(event.title, event.hint, event.details)


def failed_event(error: Exception, step: int) -> Failed:
    """What went wrong after `step` steps: in its own words, or as an error of the program with its traceback."""
    if isinstance(error, WorkbenchError):
        missing: dict[str, Any] = {}
        if isinstance(error, CodeConsentNeededError):
            missing = {"code_file": error.path, "digest": error.digest}
        elif isinstance(error, EndpointConsentNeededError):
            missing = {"address": error.address, "key": error.key}
        return Failed(step=step, title=error.title, hint=error.hint, details=error.details, **missing)
    return Failed(
        step=step,
        title=f"The run ended after step {step} with an error of the program: {type(error).__name__}: {error}",
        hint="Please report this with the details.",
        details="".join(traceback.format_exception(error)),
    )
