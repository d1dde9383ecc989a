"""What the terminal shows: one line a fact, a progress bar while training, tables at the end; or JSON lines."""

from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from rich.markup import escape
from rich.table import Table

from workbench.cli.progress import TrainingProgress
from workbench.cli.terminal import Terminal, print_json
from workbench.event_records import as_record
from workbench.events import (
    ControlChanged,
    Evaluated,
    Event,
    Exported,
    Failed,
    Finding,
    Finished,
    Judged,
    Prepared,
    StageStarted,
    StepDone,
    Warned,
)
from workbench.wording import counted, visible

if TYPE_CHECKING:
    from workbench.session.library import RunSummary
    from workbench.session.run_folder import RunFolder

console = Terminal(highlight=False)
_errors = Terminal(stderr=True, highlight=False)
_MARKS = {"ok": "[green]✓[/]", "warning": "[yellow]![/]", "refusal": "[red]✗[/]"}


def show_error(title: str, hint: str = "", details: str = "") -> None:
    """What happened and what to do next, on standard error."""
    _errors.print_lines(title, "bold red")
    for text in (hint, details):
        if text:
            _errors.print_lines(text)


def show_findings(findings: Iterable[Finding]) -> None:
    """Preflight and self-checks, one line each."""
    for finding in findings:
        console.print(f"{_MARKS[finding.level]} {escape(finding.title)}")
        if finding.fix:
            console.print(f"  {escape(finding.fix)}")


def show_evaluation(result: Evaluated, checkpoint: Path) -> None:
    """One model's scores as a small table."""
    table = Table(title=escape(str(checkpoint)), show_header=False)
    table.add_row("errors", f"{result.errors:,} of {result.examples:,} ({result.errors / result.examples:.2%})")
    table.add_row("cross-entropy", f"{result.cross_entropy:.4f} nats")
    table.add_row("calibration error", f"{result.calibration_error:.4f}")
    if result.agreement is not None:
        table.add_row("agreement with the teacher", f"{result.agreement:.2%}")
        table.add_row("KL to the teacher", f"{result.kl_to_teacher:.4f} nats")
    console.print(table)


def show_runs(found: "list[RunSummary]", folder: Path) -> None:
    """All runs as a table."""
    if not found:
        console.print(f"No runs in {escape(str(folder))} yet.", soft_wrap=True)
        return
    rows = [("run", "status", "steps", "student", "teacher", "verdict"), *map(_row_of, found)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    # Not a rich table: that measures 500 rows for a second.
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    console.print(f"[bold]{lines[0]}[/]", soft_wrap=True)
    console.print("\n".join(lines[1:]), markup=False, soft_wrap=True)
    for problem in (problem for summary in found for problem in summary.damage):
        console.print(f"{_MARKS['warning']} {escape(problem)}", soft_wrap=True)
    console.print(f"[dim]in {escape(str(folder))}[/]", soft_wrap=True)


def _row_of(summary: "RunSummary") -> tuple[str, ...]:
    student, teacher = (
        "–" if count is None or summary.examples is None else f"{count:,}/{summary.examples:,}"
        for count in (summary.student_errors, summary.teacher_errors)
    )
    steps = f"{summary.step:,}/{summary.total_steps:,}"
    return visible(summary.path.name), summary.status, steps, student, teacher, summary.verdict or "–"


def show_export(event: Event, *, as_json: bool) -> None:
    """What an export has to say."""
    if as_json:
        print_json(as_record(event))
    else:
        _SAY[type(event)](event)


def say_written(path: Path, *, as_json: bool) -> None:
    """A file is there."""
    if as_json:
        print_json({"event": "Written", "path": str(path)})
    else:
        console.print(f"{_MARKS['ok']} {escape(str(path))}", soft_wrap=True)


class View(Protocol):
    """How a followed run is shown."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def show(self, trial: str, event: Event) -> None:
        """Show one event."""

    def say_stopped(self, path: Path) -> None:
        """Say how to go on."""

    def say_result(self, folder: "RunFolder", judged: Judged | None) -> None:
        """Say what came out."""


class JsonLines:
    """Every event as one line of JSON."""

    def __init__(self, path: Path) -> None:
        print_json({"event": "RunFolder", "path": str(path)})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def show(self, trial: str, event: Event) -> None:
        """One line."""
        print_json({"trial": trial, **as_record(event)})

    def say_stopped(self, path: Path) -> None:
        """Nothing more: the last event said it."""

    def say_result(self, folder: "RunFolder", judged: Judged | None) -> None:
        """Nothing more: the verdict was an event."""


class LiveView:
    """Lines that stay, and a bar that moves below them."""

    def __init__(self, path: Path) -> None:
        self._progress = TrainingProgress(console)
        self._trial = ""
        self._standing: list[tuple[str, str]] = []
        console.print(f"[dim]Run folder: {escape(str(path))}[/]", soft_wrap=True)

    def __enter__(self) -> Self:
        self._progress.begin("Preparing…")
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.end()

    def show(self, trial: str, event: Event) -> None:
        """Lines for what is rare, the bar for the rest."""
        if trial != self._trial:
            self._trial = trial
            self._progress.begin(trial)
            console.print(f"[bold]{escape(trial)}[/]")
        if isinstance(event, StepDone):
            self._progress.step(event)
        elif isinstance(event, Prepared):
            self._progress.prepared(event)
        elif isinstance(event, Evaluated):
            self._progress.evaluated(event)
        elif isinstance(event, Finished):
            self._progress.end()
            self._standing += [(trial, title) for title in event.warnings]
        say = _SAY.get(type(event))
        if say is not None:
            say(event)

    def say_stopped(self, path: Path) -> None:
        """Say how to go on."""
        words = f"Stopped; nothing is lost. Go on with: distillation-workbench resume {escape(str(path))}"
        console.print(words, soft_wrap=True)

    def say_result(self, folder: "RunFolder", judged: Judged | None) -> None:
        """Errors of every training, the verdict, and what was still wrong when a training ended."""
        if judged is None:
            _say_summary(folder)
        else:
            _say_verdict(judged)
        if self._standing:
            held = counted(len(self._standing), "warning")
            console.print(f"{_MARKS['warning']} [bold yellow]Finished, but {held} still held at the end:[/]")
        for trial, title in self._standing:
            console.print(f"  {escape(trial)}: {escape(title)}", soft_wrap=True)


def _say_verdict(judged: Judged) -> None:
    verdict = judged.record
    table = Table("errors on held-out examples", "teacher", "student on hard labels", "distilled student")
    for seed, pair in enumerate(zip(verdict["baseline_errors"], verdict["distilled_errors"], strict=True)):
        teacher = "–" if verdict["teacher_errors"] is None else str(verdict["teacher_errors"])
        table.add_row(f"training {seed + 1}", teacher, *map(str, pair))
    console.print(table)
    colour = {"BEATS": "green", "DOES NOT BEAT": "red", "INCONCLUSIVE": "yellow"}[judged.word]
    console.print(f"[bold {colour}]{judged.word}[/]  {escape(judged.sentence)}")


def _say_summary(folder: "RunFolder") -> None:
    from workbench.session.library import summary_of
    from workbench.session.run_folder import RunFolder

    for companion in folder.companions():
        other = summary_of(RunFolder(companion))
        console.print(f"{escape(companion.name)}: {counted(other.student_errors or 0, 'error')} of {other.examples:,}")
    summary = summary_of(folder)
    teacher = "" if summary.teacher_errors is None else f" (teacher {summary.teacher_errors:,})"
    console.print(
        f"[bold]{counted(summary.student_errors or 0, 'error')} of {summary.examples:,}[/]{teacher} after "
        f"{counted(summary.step, 'step')} in {summary.seconds:.0f} s. Student: {escape(str(folder.student_file))}",
        soft_wrap=True,
    )
    if summary.teacher_errors is not None:
        console.print("[dim]With --baseline the same student is trained without the teacher too, and judged.[/]")


def _say_prepared(event: Prepared) -> None:
    for finding in event.findings:
        if finding.level != "ok":
            show_findings([finding])
    teacher = f"teacher {counted(event.teacher_parameters, 'parameter')}, " if event.teacher_parameters else ""
    checks = sum(finding.level == "ok" for finding in event.findings)
    console.print(
        f"{_MARKS['ok']} {counted(checks, 'check')} passed; {teacher}student {event.student_parameters:,}; "
        f"{counted(event.total_steps, 'step')} on {escape(event.device)}",
        soft_wrap=True,
    )


def _say_stage(event: StageStarted) -> None:
    console.print(f"[bold cyan]{escape(event.name)}[/]   {escape(event.formula)}", soft_wrap=True)


def _say_evaluated(event: Evaluated) -> None:
    if event.subject == "teacher":
        console.print(f"  teacher: {counted(event.errors, 'error')} of {event.examples:,}")
        return
    agreement = "" if event.agreement is None else f", {event.agreement:.1%} agree with the teacher"
    console.print(
        f"  step {event.step:>6,}: {counted(event.errors, 'error'):>12}, "
        f"cross-entropy {event.cross_entropy:.4f}{agreement}"
        + (f" [dim]({escape(event.note)})[/]" if event.note else ""),
        soft_wrap=True,
    )


def _say_control(event: ControlChanged) -> None:
    console.print(f"  step {event.step:>6,}: {event.name} {event.old} → {event.new}")


def _say_exported(event: Exported) -> None:
    numbers = event.parity
    facts = [f"{numbers['bytes'] / 1e6:.2f} MB", f"{numbers['agreement']:.2%} agreement with PyTorch"]
    if numbers.get("max_logit_difference") is not None:
        facts.append(f"max |Δ logits| {numbers['max_logit_difference']:.1e}")
    if "greedy_tokens" in numbers:
        same, written = numbers["same_greedy_tokens"], numbers["greedy_tokens"]
        facts.append(
            f"KL {numbers['kl']:.2g} nats a token, {same:.0f} of {counted(int(written), 'greedy token')} the same"
        )
    console.print(f"{_MARKS['ok']} {escape(event.path)}: {', '.join(facts)}", soft_wrap=True)


def _say_warned(event: Warned) -> None:
    console.print(f"{_MARKS['warning']} [yellow]{escape(event.title)}[/] {escape(event.hint)}", soft_wrap=True)


def _say_failed(event: Failed) -> None:
    show_error(event.title, event.hint, event.details)


_SAY: dict[type, Any] = {
    Prepared: _say_prepared,
    StageStarted: _say_stage,
    Evaluated: _say_evaluated,
    ControlChanged: _say_control,
    Exported: _say_exported,
    Warned: _say_warned,
    Failed: _say_failed,
}
