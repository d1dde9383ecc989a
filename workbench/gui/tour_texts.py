"""What the tour says at each of its halts, in order; the window knows where they are."""

TEXTS: dict[str, tuple[str, str]] = {
    "welcome": (
        "Begin with an example",
        "Each card is a whole recipe: teacher, student and data are filled in. "
        "The first one trains in a minute and shows what the paper is about.",
    ),
    "recipe": (
        "The recipe",
        "Who teaches, who learns, from which data, and what counts as the target. "
        "Every field says its range; the formula below shows the loss with your numbers in it.",
    ),
    "train": (
        "Train, pause, stop",
        "Train begins the run, and Pause halts it with everything still in memory. "
        "Stop keeps a checkpoint: nothing is lost, and the run can go on tomorrow.",
    ),
    "knobs": (
        "Turn T and α while it trains",
        "The temperature T softens the teacher's answers, and α says how much they count beside the hard labels. "
        "A turn counts from the next step on and is marked in the curves.",
    ),
    "curves": (
        "Curves",
        "Loss, error and agreement with the teacher, live; the dashed line is what guessing would cost. "
        "Drag and scroll to look closer, click the legend to hide a line.",
    ),
    "probabilities": (
        "What the teacher really says",
        "A 2 that looks a little like a 7: small probabilities hold that knowledge, a hard label does not. "
        "Watch the student take it over, example by example.",
    ),
    "softening": (
        "Why a temperature?",
        "At T = 1 the teacher's answer is nearly a hard label. "
        "Drag T and see the small probabilities rise, the gradient shrink by 1/T², and T² bring it back.",
    ),
    "eras": (
        "Two eras, one loss",
        "The soft distribution of 2015 beside the written response of 2025: both average −log p. "
        "Walk through them step by step, with the papers' own numbers below; the map shows where your recipe lies.",
    ),
    "runs": (
        "Every run is kept",
        "Search, tag, compare and go on with earlier runs; nothing is written over. "
        "“Train baseline too” trains the same student without a teacher and says whether the teacher helped.",
    ),
    "playground": (
        "Try the student",
        "Draw a digit, drop a picture or ask a question: teacher and exported student answer side by side, with the "
        "time each takes. The student here is the file that other programs would load.",
    ),
    "palette": (
        "Find anything",
        "Press Ctrl+K and type a few letters: every action, panel and recent recipe is one Return away. "
        "This tour waits in the Help menu whenever you want it again.",
    ),
}
