"""Everything a run can say: a closed union of frozen, plain values that may cross threads and be stored."""

from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlValues:
    """What a person may turn while a run is going; one frozen snapshot is read at each step boundary.

    `None` means "as the recipe says for this stage".
    """

    temperature: float | None = None
    alpha: float | None = None
    learning_rate: float | None = None
    probe: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One sentence of preflight or self-check: level "ok", "warning" or "refusal"; `fix` says what to do."""

    level: str
    title: str
    fix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Models and data are ready; the first step comes next."""

    step: int
    total_steps: int
    steps_per_epoch: int
    device: str
    classes: tuple[str, ...]
    uniform_loss: float  # nats: ln(classes), the loss of uniform guessing
    teacher_parameters: int
    student_parameters: int
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StageStarted:
    """A stage begins: its place in the recipe, its name, and how its loss reads."""

    step: int
    stage: int
    name: str
    formula: str
    soft_term: str


@dataclass(frozen=True, slots=True)
class StepMetrics:
    """The numbers of one optimiser step: loss terms per scored position, before it was taken."""

    step: int
    stage: int
    epoch: float
    total: float
    soft: float
    hard: float
    learning_rate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDone:
    """The steps finished since the last one; the run is at a step boundary, so its state may be kept now."""

    step: int
    metrics: tuple[StepMetrics, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """Teacher and student probabilities on the watched examples, rows as in `examples`."""

    step: int
    examples: tuple[int, ...]
    labels: tuple[int, ...]
    temperature: float
    teacher_at_1: tuple[tuple[float, ...], ...]
    student_at_1: tuple[tuple[float, ...], ...]
    teacher_at_t: tuple[tuple[float, ...], ...]
    student_at_t: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSeen:
    """One token of a watched text, and what teacher and student expected there.

    `teacher` and `student` are their five likeliest tokens with their probabilities at T = 1; `teacher` is empty
    without one. `kl` is forward KL in nats, None without a teacher. The first token of a text follows nothing: both
    are empty there, and its probability is 1.
    """

    text: str
    is_scored: bool
    probability: float  # of this token, by the student
    kl: float | None
    teacher: tuple[tuple[str, float], ...]
    student: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Continued:
    """How teacher and student go on from the same prompt, greedily; `teacher` is empty without one."""

    prompt: str
    teacher: str
    student: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextProbed:
    """A watched text token by token, and watched prompts continued."""

    step: int
    tokens: tuple[TokenSeen, ...]
    continued: tuple[Continued, ...]
    example: int = 0  # which of the held-out texts
    examples: int = 1  # how many there are


@dataclass(frozen=True, slots=True, kw_only=True)
class RolledOut:
    """The texts the student wrote since the last time this was said.

    `teacher_log_p` is the teacher's mean log-probability a token, in nats: what it thinks of them. `repeated` is the
    share of four-token sequences that came before in the same text.
    """

    step: int
    texts: int
    mean_length: float  # tokens
    teacher_log_p: float
    repeated: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """What a model scores on held-out data.

    `agreement` (same top-1 as the teacher) and `kl_to_teacher` are None where there is no teacher. `counted` says what
    errors are counted of: "examples", or for a language model "problems" it answers in writing, or "tokens".
    `majority_errors` are those of always giving the most frequent label, None where problems are counted. `top_answer`
    is the answer given most often, a label or a token, and `top_share` its share.
    """

    step: int
    subject: str  # "student" or "teacher"
    errors: int
    examples: int
    cross_entropy: float  # nats
    calibration_error: float  # expected calibration error, 15 equal-width bins
    agreement: float | None = None
    kl_to_teacher: float | None = None  # nats, at T = 1
    note: str = ""  # what was done to the model since its last step, such as a bias correction
    counted: str = "examples"
    majority_errors: int | None = None
    top_answer: int | None = None
    top_share: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Surveyed:
    """What teacher and student say of whole classes, and where on the held-out set they differ or err.

    `teacher` and `student` are mean probabilities at `temperature`: a row a true class, a column a class said, both
    in the order of `classes` (labels; at most the 40 most frequent). Examples are held-out places.
    """

    step: int
    temperature: float
    classes: tuple[int, ...]
    teacher: tuple[tuple[float, ...], ...]  # empty where there is no teacher
    student: tuple[tuple[float, ...], ...]
    disagreements: tuple[int, ...]  # largest KL(p_T ‖ p_S) at T = 1 first
    mistakes: tuple[int, ...]  # the student's, the most confident first


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlChanged:
    """A control took effect: the step whose update was the first to use the new value."""

    step: int
    name: str
    old: float | tuple[int, ...] | None
    new: float | tuple[int, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointSaved:
    """The run can be resumed from here."""

    step: int
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A file other programs can use was written and compared with its original."""

    step: int
    path: str
    parity: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """Something a person should know; the run goes on."""

    step: int
    title: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Run and baseline are both done: whether the teacher helped."""

    step: int
    word: str  # "BEATS", "DOES NOT BEAT" or "INCONCLUSIVE"
    sentence: str
    record: dict[str, Any]  # every number behind it


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The run ended by itself (`reason` "complete" or "early stop") or was asked to ("stopped").

    `warnings` are the titles of those that still hold at the end: the student is finished, but something is wrong.
    """

    step: int
    reason: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The run ended with an error.

    Where a file needs a person's consent first, `code_file` is its name and `digest` its content; where an endpoint
    does, `address` is its origin and `key` the name of the key that would be sent there.
    """

    step: int
    title: str
    hint: str = ""
    details: str = ""
    code_file: str = ""
    digest: str = ""
    address: str = ""
    key: str = ""


Event: TypeAlias = (
    Prepared
    | StageStarted
    | StepDone
    | Probed
    | TextProbed
    | RolledOut
    | Evaluated
    | Surveyed
    | ControlChanged
    | CheckpointSaved
    | Exported
    | Warned
    | Judged
    | Finished
    | Failed
)
