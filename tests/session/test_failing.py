"""What ends a run in failure keeps its words, also where only a person's consent is missing."""

from workbench.errors import CodeConsentNeededError, ConsentNeededError, EndpointConsentNeededError, WorkbenchError
from workbench.event_records import as_record, event_of
from workbench.session.failing import error_of, failed_event


def test_a_missing_consent_is_still_a_question_after_a_way_through_the_runs_database() -> None:
    error = CodeConsentNeededError("/x/net.py", "sha256:0", "net.py can run code.", "os.system")
    event = event_of(as_record(failed_event(error, step=3)))
    told = error_of(event)  # type: ignore[arg-type]
    assert isinstance(told, CodeConsentNeededError)
    assert (told.path, told.digest, told.title, told.details) == (error.path, error.digest, error.title, error.details)


def test_a_missing_consent_for_an_endpoint_is_one_too() -> None:
    error = EndpointConsentNeededError("https://a.example", "MY_KEY", "It wants your prompts.", "model: 'big'")
    told = error_of(event_of(as_record(failed_event(error, step=0))))  # type: ignore[arg-type]
    assert isinstance(told, EndpointConsentNeededError)
    assert (told.address, told.key, str(told)) == (error.address, error.key, str(error))


def test_any_other_error_keeps_title_hint_and_details() -> None:
    told = error_of(failed_event(WorkbenchError("a", "b", "c"), step=0))
    assert not isinstance(told, ConsentNeededError)
    assert (told.title, told.hint, told.details) == ("a", "b", "c")
