"""What ends a run in failure keeps its words, also where only a person's consent is missing."""

from workbench.errors import ConsentNeededError, WorkbenchError
from workbench.event_records import as_record, event_of
from workbench.session.failing import error_of, failed_event


def test_a_missing_consent_is_still_a_question_after_a_way_through_the_runs_database() -> None:
    error = ConsentNeededError("/x/net.py", "sha256:0", "net.py can run code.", "os.system")
    event = event_of(as_record(failed_event(error, step=3)))
    told = error_of(event)  # type: ignore[arg-type]
    assert isinstance(told, ConsentNeededError)
    assert (told.path, told.digest, told.title, told.details) == (error.path, error.digest, error.title, error.details)


def test_any_other_error_keeps_title_hint_and_details() -> None:
    told = error_of(failed_event(WorkbenchError("a", "b", "c"), step=0))
    assert not isinstance(told, ConsentNeededError)
    assert (told.title, told.hint, told.details) == ("a", "b", "c")
