"""Runs whose files are damaged: each stays a row of the list, opens as far as it can be read, and can be deleted."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from gui.shelf import put_run

from workbench.errors import WorkbenchError
from workbench.events import Evaluated, Finished
from workbench.session import library
from workbench.session.history import histories_of
from workbench.session.library import list_runs, move_to_trash
from workbench.session.library_index import INDEX_FILE
from workbench.session.run_database import RunDatabase
from workbench.session.run_folder import RunFolder

Damage = Callable[[Path], None]
_HUGE = "1" + "0" * 400
_DEEP = "[" * 100_000


def _sql(*statements: str) -> Damage:
    def damage(run: Path) -> None:
        connection = sqlite3.connect(run / "run.sqlite")
        with connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()

    return damage


def _fact(name: str, value: str) -> Damage:
    def damage(run: Path) -> None:
        connection = sqlite3.connect(run / "run.sqlite")
        with connection:
            connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))
        connection.close()

    return damage


def _file(name: str, content: bytes) -> Damage:
    def damage(run: Path) -> None:
        for path in run.glob(f"{name}*"):
            path.unlink()
        (run / name).write_bytes(content)

    return damage


def _cut(share: float) -> Damage:
    def damage(run: Path) -> None:
        path = run / "run.sqlite"
        os.truncate(path, int(path.stat().st_size * share))

    return damage


def _dangling(name: str) -> Damage:
    def damage(run: Path) -> None:
        (run / name).unlink()
        (run / name).symlink_to(run / "gone")

    return damage


def _folder(name: str) -> Damage:
    def damage(run: Path) -> None:
        (run / name).unlink()
        (run / name).mkdir()

    return damage


_DAMAGES: dict[str, tuple[Damage, str]] = {
    "empty database": (_file("run.sqlite", b""), r"run\.sqlite is empty \(0 bytes\)"),
    "no database": (
        _file("run.sqlite", b"hello " * 500),
        r"is not a SQLite database: its 3,000 bytes begin with b'hello",
    ),
    "zero bytes": (_file("run.sqlite", bytes(9000)), "its 9,000 bytes begin with zero bytes"),
    "cut in the header": (_file("run.sqlite", b"SQLite format 3\0ab"), "cut off after 18 bytes"),
    "cut in half": (_cut(0.5), r"cut off after [\d,]+ of [\d,]+ bytes"),
    "no database file": (lambda run: (run / "run.sqlite").unlink(), r"run\.sqlite is missing"),
    "database is a folder": (_folder("run.sqlite"), r"run\.sqlite is a folder"),
    "database leads nowhere": (_dangling("run.sqlite"), r"run\.sqlite is a link to .*gone, which is not there"),
    "no facts": (_sql("DROP TABLE facts"), r"run\.sqlite lacks the table “facts”"),
    "no metrics": (_sql("DROP TABLE metrics"), r"lacks the table “metrics”"),
    "no column": (_sql("ALTER TABLE metrics RENAME COLUMN total TO sum"), r"lacks the column “total”"),
    "facts are a view": (
        _sql("DROP TABLE facts", "CREATE VIEW facts AS SELECT 'step' AS name, '1' AS value"),
        "It holds a view, which no run has",
    ),
    "torn fact": (_fact("step", '{"a":'), r"The fact “step” is not JSON: '\{\"a\":'"),
    "text for a number": (_fact("step", '"many"'), "The fact “step” is 'many' where a whole number is expected"),
    "null for a number": (_fact("total_steps", "null"), "The fact “total_steps” is None where a whole number"),
    "huge number": (_fact("student_errors", _HUGE), "The fact “student_errors” is 1000.*where a whole number"),
    "negative": (_fact("examples", "-5"), "The fact “examples” is -5, which is not between"),
    "deep": (_fact("tags", _DEEP), "The fact “tags” is nested too deeply"),
    "list for an object": (_fact("verdict", "[1]"), r"The fact “verdict” is \[1\] where an object is expected"),
    "half a verdict": (_fact("verdict", '{"word": "BEATS"}'), "The fact “verdict” lacks baseline_errors"),
    "text for a list": (_fact("tags", '"a"'), "The fact “tags” is 'a' where a list is expected"),
    "no time": (_fact("seconds", "NaN"), "The fact “seconds” has a value no run gives it: nan"),
    "a billion seeds": (_fact("plan", '{"baseline": true, "seeds": 1000000000}'), "“plan” has a value no run gives it"),
    "a blob": (_sql("UPDATE facts SET value = x'ff00' WHERE name = 'step'"), "“step” is b'.xff.x00' where JSON text"),
    "no recipe": (lambda run: (run / "recipe.toml").unlink(), r"recipe\.toml is missing"),
    "torn recipe": (_file("recipe.toml", b"[student\nseed = "), r"recipe\.toml is no TOML"),
    "recipe of zero bytes": (_file("recipe.toml", bytes(400)), r"recipe\.toml is no TOML"),
}

_OF_ONE_FACT = list(_DAMAGES)[list(_DAMAGES).index("torn fact") : list(_DAMAGES).index("no recipe")]


@pytest.fixture
def runs(tmp_path: Path, recipe_file: Path) -> Path:
    """A folder with a run that is whole, and one to be damaged."""
    for name in ("whole", "hurt"):
        path = put_run(recipe_file, tmp_path / "runs", name)
        with RunDatabase(path / "run.sqlite") as database:
            database.add_event(_score(5), Finished(step=20, reason="complete"))
    return tmp_path / "runs"


def _score(step: int) -> Evaluated:
    return Evaluated(step=step, subject="student", errors=47, examples=2000, cross_entropy=0.1, calibration_error=0.1)


@pytest.mark.parametrize("kind", _DAMAGES)
def test_a_damaged_run_is_a_row_with_the_reason_beside_the_others(kind: str, runs: Path) -> None:
    damage, reason = _DAMAGES[kind]
    list_runs(runs)
    damage(runs / "hurt")
    found = {run.path.name: run for run in list_runs(runs)}
    assert found.keys() == {"whole", "hurt"}
    assert found["whole"].status == "complete"
    assert found["hurt"].status == "damaged"
    assert not found["hurt"].can_resume
    with pytest.raises(AssertionError, match=reason):
        raise AssertionError("\n".join(found["hurt"].damage))
    assert all(str(runs / "hurt") in problem for problem in found["hurt"].damage)


@pytest.mark.parametrize("kind", _DAMAGES)
def test_what_can_be_read_of_a_damaged_run_is_opened(kind: str, runs: Path) -> None:
    _DAMAGES[kind][0](runs / "hurt")
    own = histories_of(RunFolder(runs / "hurt", must_be_whole=False))[0]
    # Whoever opens it reads the recipe, and reports what is wrong with it.
    assert own.damage or "recipe" in kind
    if "recipe" in kind or kind in _OF_ONE_FACT:
        assert own.latest(Evaluated) == _score(5)
        assert len(own.log) == 20


def test_facts_that_are_whole_are_shown_beside_the_damaged_one(runs: Path) -> None:
    _fact("step", '"many"')(runs / "hurt")
    (hurt,) = (run for run in list_runs(runs) if run.path.name == "hurt")
    assert (hurt.recipe, hurt.student_errors, hurt.total_steps, hurt.step) == ("hurt", 47, 20, 0)


def test_asking_for_a_damaged_fact_is_refused_and_for_another_is_not(runs: Path) -> None:
    _fact("step", '"many"')(runs / "hurt")
    facts = RunFolder(runs / "hurt").facts()
    assert facts["total_steps"] == 20
    for ask in (lambda: facts["step"], lambda: facts.get("step", 0)):
        with pytest.raises(WorkbenchError, match=r"run\.sqlite is damaged. The fact “step” is 'many'"):
            ask()
    with pytest.raises(KeyError):
        facts["never heard of"]


def test_a_mended_run_is_listed_as_whole_again(runs: Path) -> None:
    kept = (runs / "hurt" / "recipe.toml").read_bytes()
    (runs / "hurt" / "recipe.toml").unlink()
    assert "damaged" in [run.status for run in list_runs(runs)]
    (runs / "hurt" / "recipe.toml").write_bytes(kept)
    assert [run.status for run in list_runs(runs)] == ["complete", "complete"]


@pytest.mark.parametrize("kind", ["no database file", "empty database", "no recipe", "torn fact"])
def test_a_damaged_run_can_be_deleted(kind: str, runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "send2trash", lambda path: Path(path).rename(tmp_path / "trash"))
    _DAMAGES[kind][0](runs / "hurt")
    move_to_trash(runs / "hurt")
    assert [run.path.name for run in list_runs(runs)] == ["whole"]


def test_a_link_to_a_run_that_is_not_there_is_a_row(runs: Path) -> None:
    (runs / "linked").symlink_to(runs / "on another disk")
    (linked,) = (run for run in list_runs(runs) if run.path.name == "linked")
    assert linked.status == "damaged"
    assert "is a link to" in linked.damage[0]


def test_a_folder_that_may_not_be_looked_into_is_a_row(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hurt, scandir = str(runs / "hurt"), os.scandir

    def refuse(path: object = ".") -> object:
        if str(path) == hurt:
            raise PermissionError(13, "Permission denied")
        return scandir(path)  # type: ignore[call-overload]

    monkeypatch.setattr(os, "scandir", refuse)
    (row,) = (run for run in list_runs(runs) if run.path.name == "hurt")
    assert row.damage == (f"{hurt} cannot be read: Permission denied.",)


def test_a_locked_database_is_a_row_that_is_read_again_later(runs: Path) -> None:
    holder = sqlite3.connect(runs / "hurt" / "run.sqlite")
    holder.execute("PRAGMA journal_mode = DELETE")
    holder.execute("BEGIN EXCLUSIVE")
    (row,) = (run for run in list_runs(runs) if run.path.name == "hurt")
    holder.rollback()
    holder.close()
    assert "is locked by another program" in row.damage[0]
    assert [run.status for run in list_runs(runs)] == ["complete", "complete"]


def test_a_log_beside_the_database_is_read_where_nothing_can_be_made_there(runs: Path) -> None:
    run = runs / "hurt"
    with RunDatabase(run / "run.sqlite") as writer:
        writer.know(step=19)
        copied = shutil.copytree(run, runs / "copied")
    assert (copied / "run.sqlite-wal").stat().st_size
    (copied / "run.sqlite-shm").unlink()
    # A folder in the place of the file that SQLite wants to make.
    (copied / "run.sqlite-shm").mkdir()
    assert RunFolder(copied).facts()["step"] == 19


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE runs SET record = '[1'",
        "UPDATE runs SET record = '[]'",
        """UPDATE runs SET record = '{"step": "many", "sparkline": []}'""",
        """UPDATE runs SET record = '{"seconds": NaN, "sparkline": []}'""",
        "UPDATE runs SET record = NULL",
        "UPDATE runs SET record = x'ff'",
        "ALTER TABLE runs RENAME COLUMN record TO rekord",
    ],
)
def test_a_damaged_index_only_makes_the_list_take_longer(statement: str, runs: Path) -> None:
    for path in runs.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    before = list_runs(runs)
    connection = sqlite3.connect(runs / INDEX_FILE)
    with connection:
        connection.execute(statement)
    connection.close()
    assert list_runs(runs) == before


def test_events_that_cannot_be_read_are_left_out_and_counted(runs: Path) -> None:
    body = '{"step": 7, "subject": "student", "errors": "many"}'
    _sql(
        "INSERT INTO events VALUES (6, 'Rumoured', '', '{}')",
        f"INSERT INTO events VALUES (7, 'Evaluated', 'x', '{body}')",  # noqa: S608
        "INSERT INTO events VALUES (8, 'Evaluated', 'x', 'torn')",
        "INSERT INTO events VALUES (9, NULL, NULL, NULL)",
    )(runs / "hurt")
    own = histories_of(RunFolder(runs / "hurt"))[0]
    assert [type(event) for event in own.events] == [Evaluated, Finished]
    assert "4 events were left out: 'Rumoured' is not a kind of event" in own.damage[0]


def test_metrics_that_are_no_numbers_of_a_step_are_left_out_and_counted(runs: Path) -> None:
    row = "0, 0.5, 1.0, 0.5, 0.5, 0.1, 3.0"
    _sql(
        f"INSERT INTO metrics VALUES (NULL, {row})",  # noqa: S608
        f"INSERT INTO metrics VALUES ('x', {row})",  # noqa: S608
        "INSERT INTO metrics VALUES (21, 0, 0.5, 'high', 0.5, 0.5, 0.1, 3.0)",
        "INSERT INTO metrics VALUES (22, 0, 0.5, NULL, 0.5, 0.5, 0.1, 3.0)",
        "INSERT INTO metrics VALUES (23, 0, 0.5, 1.0, 0.5, 0.5, 0.1, NULL)",
    )(runs / "hurt")
    own = histories_of(RunFolder(runs / "hurt"))[0]
    assert own.log.column("step").tolist() == [*range(1, 21), 22], "a loss that is no number is one all the same"
    assert "The table “metrics” has 4 rows that are no numbers of a step" in own.damage[0]
    with RunDatabase(runs / "hurt" / "run.sqlite") as database, pytest.raises(WorkbenchError, match="4 rows"):
        database.metrics()


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("(1, 'alpha', '\"high\"')", "'alpha' at step 1 is 'high' where"),
        (f"(1, 'alpha', '{_HUGE}')", "'alpha' at step 1 is 1000"),
        ("('x', 'alpha', '0.5')", "the step of 'alpha' at step 'x' is 'x' where a whole number"),
        ("(-3, 'alpha', '0.5')", "is -3, which is not between"),
        ("(1, 'alpha', 'torn')", "'alpha' at step 1 is not JSON: 'torn'"),
    ],
)
def test_a_damaged_journal_is_refused_and_never_replayed_in_part(entry: str, words: str, runs: Path) -> None:
    _sql(f"INSERT INTO journal VALUES {entry}")(runs / "hurt")  # noqa: S608
    with RunDatabase(runs / "hurt" / "run.sqlite") as database, pytest.raises(WorkbenchError, match=words):
        database.journal()


def test_an_empty_database_is_not_taken_for_a_new_one(runs: Path) -> None:
    _file("run.sqlite", b"")(runs / "hurt")
    with pytest.raises(WorkbenchError, match=r"It is empty \(0 bytes\)"):
        RunDatabase(runs / "hurt" / "run.sqlite")
    assert (runs / "hurt" / "run.sqlite").stat().st_size == 0


def test_steps_that_were_not_read_at_once_are_read_by_the_next_call(runs: Path) -> None:
    with RunDatabase(runs / "hurt" / "run.sqlite") as database:
        database.add_metrics([(step, 0, 0.0, 1.0, 0.5, 0.5, 0.1, step) for step in range(21, 9001)])
    own = histories_of(RunFolder(runs / "hurt"), seconds=0.0)[0]
    assert not own.is_whole
    assert 0 < len(own.log) < 9000
    own.read_steps()
    assert own.is_whole
    assert own.log.column("step").tolist() == list(range(1, 9001))
