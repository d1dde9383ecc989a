"""Findings that end everything: told together, so that a person can mend all of them at once."""

from collections.abc import Iterable

from workbench.errors import WorkbenchError
from workbench.events import Finding


def refuse_if_needed(findings: Iterable[Finding]) -> None:
    """Raise WorkbenchError with every refusal among the findings."""
    refusals = [finding for finding in findings if finding.level == "refusal"]
    if refusals:
        title = "\n".join(finding.title for finding in refusals)
        raise WorkbenchError(title, "\n".join(finding.fix for finding in refusals if finding.fix))
