"""A parity report in the words of a person: one row a question."""

from workbench.gui.telling import plain
from workbench.session.export_report import ExportReport, FileReport, Timing
from workbench.session.text_export_report import TextFileReport


def verdict_of(file: FileReport | TextFileReport) -> str:
    """Whether a file is good, in a word or two."""
    if file.kept:
        return "PASS"
    return "BABBLES, NOT KEPT" if isinstance(file, TextFileReport) and file.babbles else "NOT KEPT"


def rows_of(file: FileReport | TextFileReport, report: ExportReport) -> list[tuple[str, str]]:
    """What is asked of a file, and the answer."""
    return _text_rows(file, report) if isinstance(file, TextFileReport) else _class_rows(file, report)


def _class_rows(file: FileReport, report: ExportReport) -> list[tuple[str, str]]:
    return [
        ("Size", size_words(file, report)),
        ("Largest difference", _difference(file)),
        ("Same answer", f"{file.examples - file.disagreements:,} of {file.examples:,} ({_share(file.agreement)})"),
        ("KL(PyTorch ‖ ONNX)", _nats(file.kl)),
        ("Errors", f"{file.errors[0]:,} in PyTorch, {file.errors[1]:,} in ONNX, of {file.examples:,}"),
        *((_batch(timing), _speed(timing)) for timing in file.timings),
    ]


def _text_rows(file: TextFileReport, report: ExportReport) -> list[tuple[str, str]]:
    same, all_of_it = file.same_greedy
    worth, own_worth = (_nats(value) for value in file.surprise)
    repeated, own_repeated = (f"{value:.0%}".replace("%", " %") for value in file.repeated)
    return [
        ("Size", size_words(file, report)),
        ("Largest difference", f"{_number(file.max_difference)} of a logit, on {file.tokens:,} held-out tokens"),
        ("Same likeliest token", _share(file.agreement)),
        ("KL(PyTorch ‖ ONNX)", "not finite" if file.kl is None else f"{_nats(file.kl)} a token"),
        ("Same answers", f"{same:.0f} of {all_of_it:.0f} tokens before the first that differs, on average"),
        ("Student’s surprise", f"{worth} a token of the file’s answers, {own_worth} of its own"),
        ("Repeats itself", f"{repeated} of the file’s answers, {own_repeated} of the student’s"),
    ]


def size_words(file: FileReport | TextFileReport, report: ExportReport) -> str:
    """How large a file is, beside the float file and the teacher's."""
    parts = [megabytes(file.bytes)]
    first = report.files[0]
    if file is not first and first.bytes:
        parts.append(f"{file.bytes / first.bytes:.0%} of {first.name}".replace("%", " %"))
    if report.teacher_bytes:
        half = " (in half precision)" if report.teacher_is_half and file is first else ""
        parts.append(f"{file.bytes / report.teacher_bytes:.0%} of the teacher’s{half}".replace("%", " %"))
    return ", ".join(parts)


def megabytes(count: int) -> str:
    """Bytes for people: 5.11 MB, 12.3 kB."""
    if count >= 1_000_000:
        return f"{count / 1e6:,.2f} MB"
    return f"{count / 1e3:,.1f} kB"


def summary(report: ExportReport) -> str:
    """What came out, in a sentence."""
    kept = [file for file in report.files if file.kept]
    lost = len(report.files) - len(kept)
    names = " and ".join(file.name for file in kept)
    sentence = f"{names} {'repeats' if len(kept) == 1 else 'repeat'} the student."
    if not lost:
        return sentence
    return f"{sentence} {lost} variant{' was' if lost == 1 else 's were'} not kept."


def _difference(file: FileReport) -> str:
    what = "a logit" if file.output == "logits" else "a probability"
    if file.max_difference is None:
        return "not finite"
    allowed = "" if file.tolerance is None else f"; {plain(file.tolerance)} is allowed"
    return f"{plain(file.max_difference)} of {what}{allowed}"


def _number(value: float | None) -> str:
    return "not finite" if value is None else plain(value)


def _nats(value: float | None) -> str:
    return "not finite" if value is None else f"{plain(value)} nats"


def _share(share: float) -> str:
    """Never 100 % of what is not all."""
    return "100 %" if share == 1 else f"{min(100 * share, 99.99):.2f} %"


def _batch(timing: Timing) -> str:
    return "One at a time" if timing.batch_size == 1 else f"Each of {timing.batch_size:,}"


def _speed(timing: Timing) -> str:
    times = f"{plain(timing.pytorch)} ms PyTorch, {plain(timing.onnxruntime)} ms ONNX Runtime"
    return f"{times}: {timing.speed_up:.1f} × as fast"
