"""Asks teacher and student about one picture after another on a thread of its own; only the newest question counts.

C classes, X any input axes.
"""

import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from workbench.errors import WorkbenchError
from workbench.session.picture_fitting import fit
from workbench.session.respondents import (
    Respondent,
    Source,
    baseline_source,
    blueprint_of,
    load_student,
    load_teacher,
    student_source,
)
from workbench.session.run_folder import RunFolder

if TYPE_CHECKING:
    from workbench.engine.classifier import Blueprint


@dataclass(frozen=True)
class Saying:
    """What one model answered.

    Attributes:
        who: "teacher", "student" or "baseline".
        through: "PyTorch" or "ONNX Runtime".
        probabilities: One a class, at the temperature that was asked for.
        milliseconds: Median time of the last forward passes with one picture.
    """

    who: str
    through: str
    probabilities: tuple[float, ...]
    milliseconds: float


@dataclass(frozen=True)
class Answer:
    """What all models answered to one question.

    Attributes:
        number: Of the question, as `ask` returned it.
        seen: What the models were fed, [C, H, W] bytes or whatever an example is.
        temperature: Of the probabilities.
        sayings: Teacher first, then student, then baseline, as far as there are any.
    """

    number: int
    seen: NDArray[Any]
    temperature: float
    sayings: tuple[Saying, ...]


@dataclass(frozen=True)
class Briefing:
    """Who can be asked, and what.

    Attributes:
        shape: One input: (channels, height, width) for pictures, (features,) for anything else; () while unknown.
        classes: Names in the order of the probabilities.
        models: (who, through, note) of each.
        problems: What could not be read, in words.
        is_ready: Whether everything there is has been read.
    """

    shape: tuple[int, ...] = ()
    classes: tuple[str, ...] = ()
    models: tuple[tuple[str, str, str], ...] = ()
    problems: tuple[str, ...] = ()
    is_ready: bool = False

    @property
    def takes_pictures(self) -> bool:
        """Whether there is something to draw."""
        return len(self.shape) == 3


@dataclass(frozen=True)
class _Question:
    number: int
    inputs_X: NDArray[Any]
    temperature: float
    like_mnist: bool | None


class Answerer:
    """The models of one run, loaded on a thread that waits for questions.

    Attributes:
        briefing: Replaced by the thread as it finds out more.
    """

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self.briefing = Briefing()
        self._bell = threading.Condition()
        self._question: _Question | None = None
        self._answer: Answer | None = None
        self._asked = 0
        self._look, self._closed = True, False
        # Of the thread alone from here on.
        self._models: dict[str, Respondent] = {}
        self._sources: dict[str, Source | None] = {}
        self._problems: dict[str, str] = {}
        self._blueprint: Blueprint | None = None
        self._last: _Question | None = None
        self._thread = threading.Thread(target=self._work, name=f"job answering {folder.path.name}", daemon=True)
        self._thread.start()

    def ask(self, inputs_X: NDArray[Any], *, temperature: float = 1.0, like_mnist: bool | None = None) -> int:
        """Ask about a picture or an example; an older question that nobody has answered yet is forgotten.

        Args:
            inputs_X: An input as the data has it; or a picture, grey [H, W] or colours [H, W, 3], in bytes.
            temperature: Of the probabilities.
            like_mnist: How a picture is fitted, as in `fit`; None for an input that is fed as it is.

        Returns:
            The number of the question, which its answer carries.
        """
        with self._bell:
            self._asked += 1
            self._question = _Question(self._asked, inputs_X, temperature, like_mnist)
            self._bell.notify()
            return self._asked

    def poll(self) -> Answer | None:
        """The newest answer, once; None when there is no new one."""
        with self._bell:
            answer, self._answer = self._answer, None
            return answer

    def look_again(self) -> None:
        """Something was saved or exported: the student may be another now."""
        with self._bell:
            self._look = True
            self._bell.notify()

    def close(self) -> None:
        """Let the thread end, at the latest after what it is reading right now; returns at once."""
        with self._bell:
            self._closed = True
            self._bell.notify()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the end after `close`; never on a thread that must stay responsive."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    # -- on the thread

    def _work(self) -> None:
        while True:
            with self._bell:
                self._bell.wait_for(lambda: self._closed or self._look or self._question)
                if self._closed:
                    return
                look, self._look = self._look, False
            if look and self._load():
                self._try("answer", partial(self._reply, self._last))
            with self._bell:
                question, self._question = self._question, None
            if question is not None:
                self._last = question
                self._problems.pop("answer", None)
                self._try("answer", partial(self._reply, question))

    def _load(self) -> bool:
        """Whatever is new or has changed; whether there was anything."""
        before = dict(self._models)
        if "teacher" not in self._sources:
            self._sources["teacher"] = None
            self._try("teacher", lambda: self._seat("teacher", load_teacher(self.folder)))
        for who, find in (("student", student_source), ("baseline", baseline_source)):
            self._try(who, partial(self._refresh, who, find))
        self.briefing = replace(self.briefing, is_ready=True)
        return self._models != before

    def _refresh(self, who: str, find: Callable[[RunFolder], Source | None]) -> None:
        source = find(self.folder)
        if source is not None and source != self._sources.get(who):
            self._sources[who] = source
            self._problems.pop(who, None)
            if source.kind == "checkpoint" and self._blueprint is None:
                self._blueprint = blueprint_of(self.folder)
            self._seat(who, load_student(self.folder, source, who, self._blueprint))

    def _try(self, who: str, act: Callable[[], None]) -> None:
        """What goes wrong is told, and the others can still be asked."""
        try:
            act()
        except WorkbenchError as error:
            self._problems[who] = error.title
        except Exception as error:
            self._problems[who] = f"The {who} failed: {type(error).__name__}: {error}"
        self._brief()

    def _seat(self, who: str, model: Respondent | None) -> None:
        if model is not None:
            # The first pass is slower than all others, and nobody's question.
            _forward(model, np.zeros(model.shape, dtype=np.uint8))
            model.milliseconds.clear()
            self._models[who] = model

    def _brief(self) -> None:
        models = [self._models[who] for who in ("teacher", "student", "baseline") if who in self._models]
        first = models[0] if models else None
        briefing = replace(
            self.briefing,
            shape=first.shape if first else (),
            classes=first.classes if first else (),
            models=tuple((model.who, model.through, model.note) for model in models),
            problems=tuple(self._problems.values()),
        )
        if briefing != self.briefing:
            self.briefing = briefing

    def _reply(self, question: _Question | None) -> None:
        shape = self.briefing.shape
        if question is None:
            return
        if question.like_mnist is None:
            inputs_X = question.inputs_X
        elif not self.briefing.takes_pictures:
            return
        else:
            inputs_X = fit(question.inputs_X, shape, like_mnist=question.like_mnist)
        sayings = []
        for who in ("teacher", "student", "baseline"):
            model = self._models.get(who)
            if model is not None and model.shape == inputs_X.shape:
                out = _forward(model, inputs_X)
                probabilities = tuple(model.soften(out, question.temperature).tolist())
                sayings.append(Saying(who, model.through, probabilities, statistics.median(model.milliseconds)))
        answer = Answer(question.number, inputs_X, question.temperature, tuple(sayings))
        with self._bell:
            self._answer = answer


def _forward(model: Respondent, inputs_X: NDArray[Any]) -> Any:
    """One pass, by the clock; neither preparing the input nor softening the output counts."""
    fed = model.prepare(inputs_X)
    began = time.perf_counter()
    out = model.forward(fed)
    model.milliseconds.append(1000 * (time.perf_counter() - began))
    return out
