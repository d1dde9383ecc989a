"""What the two eras say: the one idea, the steps, an example for each, results and where they are published."""

from dataclasses import dataclass

HINTON = "https://arxiv.org/abs/1503.02531"
DEEPSEEK = "https://arxiv.org/abs/2501.12948"
QWEN = "https://arxiv.org/abs/2505.09388"


@dataclass(frozen=True)
class Figure:
    """One published number.

    Attributes:
        name: Of the model.
        value: As published.
        colour: Of the theme: "teacher", "student" (distilled) or "baseline".
    """

    name: str
    value: float
    colour: str


@dataclass(frozen=True)
class Result:
    """Published numbers that belong together.

    Attributes:
        title: What was measured, where.
        unit: After each number.
        ends: Of the line that they are drawn on.
        figures: From top to bottom.
        words: What they say; `{kept}` stands for the share of the teacher's gain that was kept.
        source: The paper, and the place in it.
        link: Of the paper.
    """

    title: str
    unit: str
    ends: tuple[float, float]
    figures: tuple[Figure, ...]
    words: str
    source: str
    link: str


IDEA = "One loss, two eras"
FORMULA = "L = average of −log p over what is scored"
IDEA_WORDS = (
    "The shape of the loss has not changed. What changes is what counts as the target, and where the inputs come from."
)

COLUMNS = ("A fixed transfer set", "Text the teacher wrote", "What the student wrote")
ROWS = ("Hard label", "Teacher’s distribution")
COLUMNS_ARE, ROWS_ARE = "Inputs", "Target"
# Each cell: its name, and who did it so.
CELLS = (
    (
        ("Ordinary training", "the baseline"),
        ("Sequence-level", "DeepSeek-R1-Distill"),
        ("–", ""),
    ),
    (
        ("Soft targets", "Hinton et al., T and T²"),
        ("Word-level", "every token, all its alternatives"),
        ("On-policy", "GKD; Qwen3’s second phase"),
    ),
)
ERAS_IN_MAP = {(1, 0): "2015", (0, 1): "2025"}

CHAPTERS = ("The input", "The teacher answers", "The student is asked", "The loss")

CLASSIC = ("Classic", "2015", "A soft distribution at one position")
CLASSIC_SAYS = (
    "An input from a fixed transfer set. A hard label would say one word about it.",
    "The teacher gives every class a probability. Its logits are divided by T, so that the small ones can be seen: "
    "they are the target.",
    "The student answers the same question at the same T, and every class is scored at once.",
    "The student’s −log p, averaged by the teacher’s probabilities; less the teacher’s own entropy it is KL. "
    "α below 1 adds the hard label’s −log p.",
)
CLASSIC_NAME = "BMW or garbage truck?"
CLASSIC_ABOUT = (
    f"BMW, garbage truck and carrot: Hinton, Vinyals & Dean, <a href='{HINTON}'>arXiv:1503.02531</a>, §1. "
    "The sofa, the logits (60, 25, 3, −3) and the student’s (9, 4, 3, 2) are illustrative."
)
CLASSES = ("BMW", "garbage truck", "carrot", "sofa")
TEACHER_LOGITS = (60.0, 25.0, 3.0, -3.0)
STUDENT_LOGITS = (9.0, 4.0, 3.0, 2.0)

MODERN = ("Modern", "2025", "The teacher’s response, token by token")
MODERN_SAYS = (
    "A prompt. The student reads it, and is not scored on it.",
    "The teacher writes its response, thoughts and all. Each token becomes the hard label of its position; "
    "what else the teacher thought of is lost.",
    "The student reads what the teacher wrote so far, and says how likely the next token is: one −log p a token.",
    "The plain average of all −log p: ordinary training on text that a better model wrote.",
)
MODERN_NAME = "√2 is irrational"
MODERN_ABOUT = (
    "Text and probabilities are illustrative. A response with its &lt;think&gt; block as the target: "
    f"<a href='{DEEPSEEK}'>arXiv:2501.12948</a>."
)
PROMPT = "Prove that √2 is irrational."
RESPONSE = (
    ("<think>", 0.97),
    ("Suppose", 0.41),
    ("√2", 0.78),
    ("=", 0.88),
    ("a/b", 0.47),
    ("in", 0.35),
    ("lowest", 0.52),
    ("terms", 0.97),
    (".", 0.81),
    ("Then", 0.44),
    ("a²", 0.63),
    ("=", 0.98),
    ("2b²", 0.86),
    (",", 0.55),
    ("so", 0.72),
    ("a", 0.58),
    ("is", 0.91),
    ("even", 0.93),
    (":", 0.19),
    ("a", 0.83),
    ("=", 0.97),
    ("2k", 0.79),
    (".", 0.84),
    ("Then", 0.37),
    ("b²", 0.48),
    ("=", 0.98),
    ("2k²", 0.88),
    (",", 0.66),
    ("so", 0.82),
    ("b", 0.91),
    ("is", 0.95),
    ("even", 0.96),
    ("too", 0.43),
    (".", 0.93),
    ("A", 0.07),
    ("contradiction", 0.82),
    (".", 0.77),
    ("</think>", 0.69),
    ("√2", 0.58),
    ("is", 0.95),
    ("irrational", 0.97),
    (".", 0.92),
)

SPEECH = Result(
    "Speech, about 85M parameters: frames classified correctly",
    " %",
    (58.0, 62.0),
    (
        Figure("One model on hard labels", 58.9, "baseline"),
        Figure("Ensemble of 10", 61.1, "teacher"),
        Figure("One distilled model", 60.8, "student"),
    ),
    "One model kept {kept} of what ten had gained.",
    "Hinton, Vinyals & Dean, arXiv:1503.02531, §4, table 1",
    HINTON,
)
DIGITS = Result(
    "MNIST: errors on 10,000 digits, fewer is better",
    "",
    (0.0, 150.0),
    (
        Figure("Small model on hard labels", 146.0, "baseline"),
        Figure("Large teacher", 67.0, "teacher"),
        Figure("Small model, distilled at T = 20", 74.0, "student"),
    ),
    "The small model kept {kept} of the large one’s lead.",
    "Hinton, Vinyals & Dean, arXiv:1503.02531, §3",
    HINTON,
)
REASONING = Result(
    "AIME 2024, a 32B student: solved at the first try",
    " %",
    (0.0, 100.0),
    (
        Figure("RL as for R1-Zero, no teacher", 47.0, "baseline"),
        Figure("R1-Distill-Qwen-32B, distilled by SFT alone", 72.6, "student"),
    ),
    "Reading a stronger model’s responses brought more than reinforcement learning by itself.",
    "DeepSeek-AI, arXiv:2501.12948, appendix F.1",
    DEEPSEEK,
)
ON_POLICY = Result(
    "AIME 2024, Qwen3-8B: after off-policy distillation, what next?",
    " %",
    (0.0, 100.0),
    (
        Figure("RL, 17,920 GPU hours", 67.6, "baseline"),
        Figure("On-policy distillation, 1,800 GPU hours", 74.4, "student"),
    ),
    "The student wrote, the teacher corrected: better, in a tenth of the time.",
    "Qwen3 technical report, arXiv:2505.09388, table 21",
    QWEN,
)
CLASSIC_RESULTS = (DIGITS, SPEECH)
MODERN_RESULTS = (REASONING, ON_POLICY)

UNKNOWN = (
    "<b>What is not known.</b> No public source says that Qwen3.5-0.8B was distilled, so it is not among the examples "
    f"here. The <a href='{QWEN}'>Qwen3 technical report</a> describes strong-to-weak distillation for Qwen3’s small "
    "models, and says nothing about later families."
)
