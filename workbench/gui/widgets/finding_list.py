"""What preflight found, at the foot of the form: one line that sums it up, and what is behind it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from workbench.events import Finding
from workbench.gui.looking_ahead import LookingAhead
from workbench.gui.theme import Theme, small
from workbench.gui.widgets.elided_button import ElidedButton
from workbench.gui.widgets.fitted_area import FittedArea
from workbench.gui.widgets.form_part import put_visible
from workbench.gui.widgets.note_lines import LOOKS, NoteLines

_MOST_HEIGHT = 150


class FindingList(QFrame):
    """Hidden until something is known.

    Attributes:
        summary: The one line; opens and closes the rest.
        again: Looks again.
        look: Leads to what a person must agree to.
        notes: The findings.
    """

    def __init__(self, ahead: LookingAhead, theme: Theme) -> None:
        super().__init__()
        self._ahead, self._theme = ahead, theme
        self._is_open = False
        self._shown: tuple[Finding, ...] = ()
        self.setProperty("panel", "true")
        self.summary, self.again = ElidedButton(), QToolButton()
        self.look = QPushButton("Look at it…")
        self.look.setToolTip("See what needs your consent, then decide")
        self.notes = NoteLines(theme)
        self._lay_out()
        self.summary.clicked.connect(self._toggle)
        self.again.clicked.connect(ahead.look)
        self.look.clicked.connect(self._ask_consent)
        ahead.changed.connect(self.refresh)
        theme.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what is known now."""
        findings = self._ahead.findings
        put_visible(self, bool(findings) or self._ahead.is_looking)
        self.again.setEnabled(not self._ahead.is_looking)
        self.again.setIcon(self._theme.icon("refresh", "muted"))
        known = self._ahead.known
        put_visible(self.look, known is not None and known.consent is not None)
        if findings and findings != self._shown:
            # What speaks against training is read without being asked for.
            self._is_open = any(finding.level != "ok" for finding in findings)
            self._shown = findings
            self.notes.show_notes(findings)
        self._show_summary(findings)
        put_visible(self._scroll, self._is_open and bool(findings))

    def _show_summary(self, findings: tuple[Finding, ...]) -> None:
        levels = [finding.level for finding in findings]
        if not findings:
            text, icon, colour = "Checking…", "clock", "muted"
        elif "refusal" in levels:
            text, (icon, colour, _) = "This cannot be trained yet", LOOKS["refusal"]
        elif "warning" in levels:
            count = levels.count("warning")
            text, (icon, colour, _) = f"Ready, with {count} warning{'s' if count > 1 else ''}", LOOKS["warning"]
        else:
            text, (icon, colour, _) = "Checked: all of it fits", LOOKS["ok"]
        self.summary.setText(text)
        self.summary.setIcon(self._theme.icon(icon, colour))
        self.summary.setAccessibleName(f"Preflight: {text}")
        self.summary.setToolTip("\n".join(finding.title for finding in findings))

    def _lay_out(self) -> None:
        self.again.setToolTip("Check again")
        self.again.setAccessibleName("Check the recipe again")
        self.again.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.summary.setFont(small(self.font()))
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.summary, 1)
        head.addWidget(self.again)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 2, 6, 2)
        column.setSpacing(6)
        column.addWidget(self.notes)
        column.addWidget(self.look, 0, Qt.AlignmentFlag.AlignLeft)
        self._scroll = FittedArea(inside, _MOST_HEIGHT)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 4, 6, 6)
        layout.setSpacing(2)
        layout.addLayout(head)
        layout.addWidget(self._scroll)

    def _toggle(self) -> None:
        self._is_open = not self._is_open
        self.refresh()

    def _ask_consent(self) -> None:
        known = self._ahead.known
        if known is not None and known.consent is not None:
            self._ahead.ask_consent(known.consent, self)
