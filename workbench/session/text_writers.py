"""The models of a language run that write: each opened when it is asked, through PyTorch, ONNX Runtime or an endpoint.

Everything that needs torch or onnxruntime is imported where it is used.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from workbench.errors import WorkbenchError
from workbench.recipe import Recipe
from workbench.session.run_folder import RunFolder
from workbench.session.text_seats import ENDPOINT, Seat, endpoint_of
from workbench.wording import counted
from workbench.writing import disk_errors

if TYPE_CHECKING:
    from workbench.engine.language.chat import Chat
    from workbench.engine.language.model import LanguageModel

Message = Mapping[str, str]


@dataclass(frozen=True)
class Manner:
    """How an answer is written.

    Attributes:
        temperature: Of the sampling, not of the distillation; 0 takes the likeliest token.
        top_p: Only the likeliest tokens that together have this mass are drawn.
        new_tokens: Longest answer.
        seed: The same seed draws the same.
    """

    temperature: float = 0.0
    top_p: float = 1.0
    new_tokens: int = 128
    seed: int = 0


class TextWriter(Protocol):
    """One model, ready to write."""

    def write(self, messages: Sequence[Message], manner: Manner, told: Callable[[str, int], None]) -> str:
        """Answer a conversation.

        Args:
            messages: It ends with what a person said.
            manner: How.
            told: Told of all text so far and its number of tokens at every token; what it raises ends the writing.

        Returns:
            "stop" where it came to an end, "length" where it was cut.

        Raises:
            WorkbenchError: It cannot be asked that.
        """
        ...


def open_writer(folder: RunFolder, seat: Seat, teacher: Callable[[], "LanguageModel"]) -> TextWriter:
    """Load a model.

    Args:
        folder: Its run.
        seat: Who.
        teacher: Gives the first teacher, which some students are made from; asked only where there is need.

    Raises:
        WorkbenchError: A file is broken or gone.
    """
    if seat.is_graph:
        return _graph_writer(Path(seat.path))
    if seat.who == ENDPOINT:
        return _EndpointWriter(folder.recipe)
    if seat.who == "teacher":
        return _model_writer(teacher())
    if seat.who == "base":
        return _model_writer(_finished(_new_student(folder, teacher)))
    folder.refuse_links()
    path = Path(seat.path)
    return _model_writer(_kept_student(folder, teacher) if path.parent.name == "checkpoints" else _read(path))


def first_teacher(folder: RunFolder) -> "LanguageModel":
    """The teacher that writes. Raises WorkbenchError."""
    from workbench.engine.language.loading import load_language_model

    return load_language_model(folder.recipe.teachers[0], folder.path)


# -- models


def _read(path: Path) -> "LanguageModel":
    from workbench.engine.language.loading import read_language_model

    return read_language_model(path)


def _new_student(folder: RunFolder, teacher: Callable[[], "LanguageModel"]) -> "LanguageModel":
    from workbench.engine.language.loading import make_language_student

    recipe = folder.recipe
    # One that goes on from a checkpoint of its own needs no teacher in memory.
    teachers = [teacher()] if recipe.teachers and not recipe.student.checkpoint else []
    return make_language_student(recipe, folder.path, teachers)


def _kept_student(folder: RunFolder, teacher: Callable[[], "LanguageModel"]) -> "LanguageModel":
    from workbench.engine.run_state import restore_model

    state = folder.latest_state()
    if state is None:
        raise WorkbenchError(f"{folder.path.name} has no student yet: nothing was kept.", "Resume the run first.")
    model = _new_student(folder, teacher)
    restore_model(model, state.tensors, "student")
    return _finished(model)


def _finished(model: "LanguageModel") -> "LanguageModel":
    from workbench.engine.language.adapters import merged

    return merged(model)


# -- those who write tokens


class _TokenWriter:
    """A model in this process, whatever runs it.

    Attributes:
        model: None where it is a graph.
    """

    def __init__(
        self, chat: "Chat", go_on: Callable[..., Any], room: int, model: "LanguageModel | None" = None
    ) -> None:
        """Take a model.

        Args:
            chat: Its tokenizer.
            go_on: Continues tokens as `workbench.engine.language.generating.write` does.
            room: The longest text it can read, in tokens.
            model: As the attribute.
        """
        self.model = model
        self._chat, self._go_on, self._room = chat, go_on, room

    def write(self, messages: Sequence[Message], manner: Manner, told: Callable[[str, int], None]) -> str:
        """As `TextWriter.write`."""
        from workbench.engine.language.generating import Sampling
        from workbench.engine.seeding import generator

        prompt = self._chat.prompt(messages)
        most = min(manner.new_tokens, self._room - len(prompt))
        if not prompt:
            raise WorkbenchError("Its tokenizer makes no token of this text.")
        if most < 1:
            raise WorkbenchError(
                f"The conversation has {counted(len(prompt), 'token')}, and this model reads {self._room:,}.",
                "Begin a new conversation.",
            )
        tokens: list[int] = []

        def heard(_row: int, token: int) -> None:
            tokens.append(token)
            # A character of several tokens is shown once it is whole.
            told(self._chat.text(tokens).rstrip("\ufffd"), len(tokens))

        sampling = Sampling(manner.temperature, manner.top_p, most)
        draws = generator("cpu", manner.seed, "playground")
        self._go_on(prompt, sampling, stop=self._chat.stop, generator=draws, heard=heard)
        return "stop" if tokens and tokens[-1] in self._chat.stop else "length"


def _model_writer(model: "LanguageModel") -> _TokenWriter:
    from workbench.engine.language.chat import Chat
    from workbench.engine.language.generating import write

    model = model.eval().requires_grad_(False)

    def go_on(prompt: tuple[int, ...], sampling: Any, **how: Any) -> None:
        write(model.network, [prompt], sampling, **how)

    return _TokenWriter(Chat(model.blueprint), go_on, _room(model.blueprint.config), model)


def _graph_writer(path: Path) -> _TokenWriter:
    from workbench.engine.language.chat import Chat
    from workbench.engine.language.model import LanguageBlueprint
    from workbench.engine.language.onnx_asking import OnnxWriter

    names = ("config", "tokenizer", "tokenizer_config", "generation_config")
    with disk_errors(path.parent.parent):
        texts = {name: (path.parent.parent / f"{name}.json").read_text(encoding="utf-8") for name in names}
    texts["generation"] = texts.pop("generation_config")
    try:
        graph = OnnxWriter(path)
    except Exception as error:
        # ONNX Runtime's errors have no base class of their own.
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise WorkbenchError(f"{path} cannot be used: {reason}", "Export the student again.") from None
    return _TokenWriter(Chat(LanguageBlueprint(**texts)), graph.write, _room(texts["config"]))


def _room(config_json: str) -> int:
    """How many tokens a model can read; a generous bound where its config does not say."""
    import json

    config = json.loads(config_json)
    named = [config.get(name) for name in ("max_position_embeddings", "n_positions", "n_ctx")]
    return next((value for value in named if isinstance(value, int) and value > 0), 131_072)


class _EndpointWriter:
    """The teacher elsewhere; its pieces are taken for tokens, as all that speak the protocol send them."""

    def __init__(self, recipe: Recipe) -> None:
        section = endpoint_of(recipe)
        assert section is not None, "a seat was found for it"
        self._section = section

    def write(self, messages: Sequence[Message], manner: Manner, told: Callable[[str, int], None]) -> str:
        """As `TextWriter.write`; an endpoint that fails is not asked again by itself."""
        from workbench.engine.language.endpoint import Endpoint as Teacher
        from workbench.engine.language.generating import Sampling
        from workbench.engine.language.teacher_text import Asked, Prompt

        pieces: list[str] = []

        def heard(piece: str) -> None:
            pieces.append(piece)
            told("".join(pieces), len(pieces))

        teacher = Teacher(
            url=self._section.url,
            model=self._section.model,
            sampling=Sampling(manner.temperature, manner.top_p, manner.new_tokens),
            key=self._section.key,
            seed=manner.seed,
            at_once=1,
            tries=1,
            seconds=self._section.seconds,
            pulse=lambda _: told("".join(pieces), len(pieces)),
            heard=heard,
        )
        (answer,) = [response for _, response in teacher.write([Asked(Prompt(tuple(messages)), 0)])]
        return answer.ending
