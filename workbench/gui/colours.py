"""The colours of the program, light and dark, each named after what it is for."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Colours:
    """What each colour is for; teacher, student and baseline are Okabe and Ito's, told apart by any eye.

    Attributes:
        window: Behind everything.
        surface: Panels and plots.
        raised: Fields, buttons and cards on a surface.
        border: Lines between things.
        text: What is read.
        muted: What is read second.
        accent: The one thing to do next, selection, focus.
        on_accent: Text on the accent.
        teacher: The teacher, everywhere.
        student: The student, everywhere.
        baseline: The same student without a teacher, everywhere.
        hard: The hard-label term.
        mark: Vertical marks where a control changed.
        good: Met, beaten, same.
        warning: To be known.
        bad: Refused, failed, different.
        grid: Lines behind plots.
    """

    window: str
    surface: str
    raised: str
    border: str
    text: str
    muted: str
    accent: str
    on_accent: str
    teacher: str
    student: str
    baseline: str
    hard: str
    mark: str
    good: str
    warning: str
    bad: str
    grid: str


LIGHT = Colours(
    window="#eceff3",
    surface="#f8f9fb",
    raised="#ffffff",
    border="#cfd6de",
    text="#1b2430",
    muted="#5a6675",
    accent="#2457c5",
    on_accent="#ffffff",
    teacher="#b25e00",
    student="#0067a8",
    baseline="#6b7280",
    hard="#8a4f7d",
    mark="#a8326e",
    good="#157347",
    warning="#8a5a00",
    bad="#b3261e",
    grid="#dfe4ea",
)
DARK = Colours(
    window="#12161c",
    surface="#1a2029",
    raised="#232b36",
    border="#36414f",
    text="#e6ebf2",
    muted="#9aa7b7",
    accent="#6ea2ff",
    on_accent="#0b1220",
    teacher="#f0a63c",
    student="#5ab8f0",
    baseline="#a3adba",
    hard="#d493c4",
    mark="#f087b8",
    good="#4cc38a",
    warning="#e0b050",
    bad="#ff8077",
    grid="#2a3340",
)
