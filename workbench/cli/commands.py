"""The commands; torch is imported by those that need it, so that the others answer at once."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench import __version__
from workbench.cli import showing
from workbench.cli.display import has_display
from workbench.cli.files_alone import CommandsAndFiles
from workbench.cli.interrupting import stop_on_interrupt
from workbench.cli.terminal import keep_logs_visible, print_json
from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from workbench.session.run_folder import RunFolder

app = typer.Typer(
    cls=CommandsAndFiles,
    help="Distil a big model into a small one on your own machine.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)

# Exit codes: 0 done, 1 failed, 2 refused before anything was done, 130 stopped by Ctrl+C. A run whose student is
# finished is done, also where warnings held to its end: the last lines and `warnings` of the event Finished name them.
_FAILED, _REFUSED, _STOPPED = 1, 2, 130
_NO_DISPLAY = "There is no display here, so no window was opened; `run` trains in the terminal."

RecipeFile = Annotated[
    Path, typer.Argument(metavar="RECIPE", help="The recipe: a .distil or .toml file.", show_default=False)
]
RunFolderPath = Annotated[Path, typer.Argument(metavar="RUN_FOLDER", help="Folder of a run.", show_default=False)]
Changes = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change the recipe: student.seed=1.")
]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")]
RunsFolder = Annotated[
    Path | None, typer.Option("--runs-dir", help="Where runs are kept; by default in the person's data folder.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object a line, for machines.")]


@app.command()
def run(
    recipe: RecipeFile,
    changes: Changes = None,
    runs_dir: RunsFolder = None,
    device: Device = "auto",
    baseline: Annotated[bool, typer.Option(help="Train the same student on hard labels too, and judge.")] = False,
    seeds: Annotated[int, typer.Option(min=1, max=1000, help="Train from this many seeds.")] = 1,
    replay: Annotated[
        Path | None, typer.Option(help="Repeat the control changes of this run folder at their steps.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Train as a recipe says, and export the student."""
    with _refusals(as_json):
        from workbench.engine.devices import pick_device
        from workbench.session.places import runs_folder
        from workbench.session.trials import journal_of, new_run

        pick_device(device)
        folder = new_run(
            recipe,
            runs_dir or runs_folder(),
            changes=tuple(changes or ()),
            baseline=baseline,
            seeds=seeds,
            journal=journal_of(replay) if replay else (),
        )
        _follow(folder, device, as_json=as_json)


@app.command()
def resume(run_folder: RunFolderPath, device: Device = "auto", as_json: AsJson = False) -> None:
    """Go on with a run that was stopped, killed or failed; the student comes out the same, byte for byte."""
    with _refusals(as_json):
        from workbench.session.run_folder import RunFolder

        _follow(RunFolder(run_folder), device, as_json=as_json)


@app.command()
def check(recipe: RecipeFile, changes: Changes = None, device: Device = "auto", as_json: AsJson = False) -> None:
    """Preflight and the objective's self-checks; trains nothing."""
    with _refusals(as_json):
        from workbench.engine.checking import check_recipe
        from workbench.engine.devices import pick_device
        from workbench.recipe import read_recipe
        from workbench.session.places import cache_folder

        asked = read_recipe(recipe, changes or ())
        findings = check_recipe(asked, recipe.parent, pick_device(device), cache_folder())
        if as_json:
            for finding in findings:
                print_json(asdict(finding))
        else:
            showing.show_findings(findings)
        if any(finding.level == "refusal" for finding in findings):
            raise typer.Exit(_REFUSED)


@app.command()
def evaluate(
    checkpoint: Annotated[Path, typer.Argument(help="The model.", show_default=False)],
    data: Annotated[Path, typer.Option(help="A recipe (its held-out set), .npz, .safetensors or IDX pictures.")],
    labels: Annotated[Path | None, typer.Option(help="IDX labels, where --data is an IDX file.")] = None,
    teacher: Annotated[Path | None, typer.Option(help="A teacher to compare with.")] = None,
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Errors, cross-entropy, calibration, and agreement with a teacher."""
    with _refusals(as_json):
        from workbench.engine.checking import evaluate_checkpoint
        from workbench.engine.devices import pick_device

        result = evaluate_checkpoint(checkpoint, data, labels, teacher, pick_device(device))
        if as_json:
            print_json(asdict(result))
        else:
            showing.show_evaluation(result, checkpoint)


@app.command()
def export(
    run_folder: RunFolderPath,
    onnx: Annotated[
        Path | None,
        typer.Option(help="Folder for the ONNX files, their parity report and README; a language model's is complete."),
    ] = None,
    checkpoint: Annotated[
        Path | None, typer.Option(help="Safetensors file to write the student to; a language model makes a folder.")
    ] = None,
    half: Annotated[bool, typer.Option(help="Store --checkpoint in float16: half the size.")] = False,
    uint8: Annotated[bool, typer.Option(help="A classifier takes bytes from 0 to 255 instead of floats.")] = False,
    softmax: Annotated[bool, typer.Option(help="A classifier puts out probabilities instead of logits.")] = False,
    int8: Annotated[bool, typer.Option(help="Also write an 8-bit variant.")] = True,
    four_bit: Annotated[
        bool,
        typer.Option("--four-bit", help="Also write a 4-bit variant of a language model; it may answer otherwise."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write the finished student of a run as ONNX, compared with the original on held-out data, or as safetensors."""
    with _refusals(as_json):
        from workbench.recipe.export import Export
        from workbench.session.exporting_again import export_checkpoint, export_run
        from workbench.session.run_folder import RunFolder

        if onnx is None and checkpoint is None:
            raise WorkbenchError("Nothing to write was named.", "Give --onnx FOLDER or --checkpoint FILE.")
        if checkpoint is not None:
            export_checkpoint(RunFolder(run_folder), checkpoint, half=half)
            showing.say_written(checkpoint, as_json=as_json)
        if onnx is None:
            return
        section = Export(int8=int8, four_bit=four_bit, input="uint8" if uint8 else "float", softmax=softmax)
        for event in export_run(RunFolder(run_folder), section, onnx):
            showing.show_export(event, as_json=as_json)


@app.command()
def runs(runs_dir: RunsFolder = None, as_json: AsJson = False) -> None:
    """List all runs, newest first."""
    with _refusals(as_json):
        from workbench.session.library import list_runs
        from workbench.session.places import runs_folder

        folder = runs_dir or runs_folder()
        found = list_runs(folder)
        if as_json:
            for summary in found:
                print_json({**asdict(summary), "path": str(summary.path)})
        else:
            showing.show_runs(found, folder)


@app.command()
def trust(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Files that can run code, and recipes that name endpoints.", show_default=False),
    ] = None,
    endpoint: Annotated[
        str, typer.Option(metavar="URL", help="An endpoint that recipes may send prompts to.", show_default=False)
    ] = "",
    key: Annotated[
        str, typer.Option(metavar="NAME", help="The name of the key that goes to --endpoint.", show_default=False)
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Agree without being asked.")] = False,
    listed: Annotated[bool, typer.Option("--list", help="Show what was agreed to on this computer.")] = False,
    withdraw: Annotated[
        str, typer.Option(metavar="DIGEST", help="Forget a consent, by its name in --list.", show_default=False)
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Agree to use files that can run code, known by content, or to send prompts and a key to an endpoint."""
    with _refusals(as_json):
        from workbench.cli import consenting
        from workbench.recipe.file_names import is_named_as_recipe

        if key and not endpoint:
            raise WorkbenchError("--key names a key without the address that it would go to.", "Give --endpoint too.")
        if not (files or endpoint or withdraw or listed):
            raise WorkbenchError("Nothing was named.", "Give FILE…, --endpoint URL, --list, or --withdraw DIGEST.")
        if withdraw:
            consenting.withdraw(withdraw)
        asked = [consenting.endpoint(endpoint, key)] if endpoint else []
        for file in files or ():
            asked += consenting.endpoints_in(file) if is_named_as_recipe(file) else [consenting.code_file(file)]
        if not consenting.ask_about(asked, agreed=yes):
            raise typer.Exit(_REFUSED)
        if listed:
            consenting.list_consents(as_json=as_json)


@app.command()
def window(
    files: Annotated[list[Path] | None, typer.Argument(help="Recipes, runs or checkpoints to open.")] = None,
    screenshot: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Render every main view with the example into a folder, and end.")
    ] = None,
    new_window: Annotated[bool, typer.Option("--new-window", help="Also where a window is open already.")] = False,
) -> None:
    """Open the window, or hand the files to the one that is open; the program does the same without a command."""
    if not has_display():
        if screenshot is None:
            typer.echo(_NO_DISPLAY, err=True)
            raise typer.Exit(_REFUSED)
        # Pictures need no screen.
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from workbench.app import NEW_WINDOW, main

    words = [str(file) for file in files or ()]
    if new_window:
        words.insert(0, NEW_WINDOW)
    raise typer.Exit(main(["--screenshot", str(screenshot)] if screenshot else words))


@app.callback(invoke_without_command=True)
def _top(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
    screenshot: Annotated[
        Path | None,
        typer.Option(metavar="PATH", help="As `window --screenshot`; with --selftest --window the file of a picture."),
    ] = None,
    selftest: Annotated[
        bool, typer.Option("--selftest", help="Try what was installed, offline; prints one JSON object.")
    ] = False,
    with_window: Annotated[bool, typer.Option("--window", help="With --selftest: open the window too.")] = False,
    report: Annotated[
        Path | None, typer.Option("--selftest-out", metavar="FILE", help="With --selftest: keep the report too.")
    ] = None,
) -> None:
    keep_logs_visible()
    if version:
        typer.echo(f"distillation-workbench {__version__}")
        raise typer.Exit
    if selftest:
        from workbench.cli.selftest.command import selftest as is_sound

        raise typer.Exit(0 if is_sound(window=with_window, screenshot=screenshot, report=report) else _FAILED)
    if with_window or report is not None:
        raise typer.BadParameter("--window and --selftest-out belong to --selftest.")
    if context.invoked_subcommand is None:
        if screenshot is None and not has_display():
            typer.echo(context.get_help())
            typer.echo(_NO_DISPLAY, err=True)
            raise typer.Exit(_REFUSED)
        window(screenshot=screenshot)


def _follow(folder: "RunFolder", device: str, *, as_json: bool) -> None:
    """Drive a run's trainings and show what they say; raises typer.Exit when they do not end well."""
    from workbench.events import Failed, Finished, Judged
    from workbench.session.preferences import read_preferences
    from workbench.session.reins import Reins
    from workbench.session.trials import drive_trials

    view: showing.View = showing.JsonLines(folder.path) if as_json else showing.LiveView(folder.path)
    ended: Any = None
    with stop_on_interrupt() as should_stop, view:
        reins = Reins(device=device, should_stop=should_stop, threads=read_preferences().threads)
        for trial, event in drive_trials(folder, reins):
            view.show(trial.name, event)
            ended = event
    if isinstance(ended, Failed):
        raise typer.Exit(_FAILED)
    if isinstance(ended, Finished) and ended.reason == "stopped":
        view.say_stopped(folder.path)
        raise typer.Exit(_STOPPED)
    view.say_result(folder, ended if isinstance(ended, Judged) else None)


@contextmanager
def _refusals(as_json: bool) -> Iterator[None]:
    """Errors meant for people are shown, not traced."""
    try:
        yield
    except WorkbenchError as error:
        if as_json:
            print_json({"event": "Refused", "title": error.title, "hint": error.hint, "details": error.details})
        else:
            showing.show_error(error.title, error.hint, error.details)
        raise typer.Exit(_REFUSED) from None
