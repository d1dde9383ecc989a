"""Refusals are told together."""

import pytest

from workbench.engine.pairing import refuse_if_needed
from workbench.errors import WorkbenchError
from workbench.events import Finding


def test_refusals_are_raised_together_and_others_are_not():
    fine = Finding(level="ok", title="fine")
    warned = Finding(level="warning", title="careful", fix="look")
    refuse_if_needed([fine, warned])
    refused = [Finding(level="refusal", title=name, fix=f"fix {name}") for name in ("one", "two")]
    with pytest.raises(WorkbenchError) as caught:
        refuse_if_needed([fine, *refused, warned])
    assert caught.value.title == "one\ntwo"
    assert caught.value.hint == "fix one\nfix two"
