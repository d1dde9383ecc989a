"""A headed box around a part of a form: it folds up, and keeps settings that are off behind one button."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from workbench.gui.theme import pixmap, small, strong
from workbench.gui.widgets.elided_button import ElidedButton
from workbench.gui.widgets.form_part import FormContext, FormPart, Problems, column, put_visible
from workbench.recipe.drafts import Location

_ICON = 18


class SectionBox(FormPart):
    """A card with a heading; its inside is made when it is first opened.

    Args:
        context: The document and the theme.
        location: The place the box stands for.
        title: In the heading.
        icon: Its name, and the theme's colour for it.
        make: Makes the parts inside.
        is_open: Whether the inside is shown at first.
        claims: Whether a place lies in it, for a box that need not be opened to tell; None asks what is inside.
    """

    def __init__(
        self,
        context: FormContext,
        location: Location,
        title: str,
        icon: tuple[str, str],
        make: Callable[[], list[FormPart]],
        *,
        is_open: bool = True,
        claims: Callable[[Location], bool] | None = None,
    ) -> None:
        super().__init__(context, location)
        self._icon, self._make, self._is_open = icon, make, is_open
        self._claims = claims
        self._problems: Problems = {}
        self._shows_all = False
        self._is_made = False
        self._frame = QFrame()
        self._frame.setProperty("card", "true")
        column(self).addWidget(self._frame)
        layout = QVBoxLayout(self._frame)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.setSpacing(8)
        self.toggle = QToolButton()
        self.toggle.setIconSize(QSize(12, 12))
        self.toggle.clicked.connect(self._toggle)
        self._picture, self._warning = QLabel(), QLabel()
        self._title = QLabel(title)
        self._title.setFont(strong(self.font()))
        self._head = _Head(self)
        for widget in (self._picture, self._title):
            self._head.row.addWidget(widget)
        self._head.row.addStretch(1)
        self._head.row.addWidget(self._warning)
        self._head.row.addWidget(self.toggle)
        layout.addWidget(self._head)
        self._inside = QWidget()
        layout.addWidget(self._inside)
        self.more = ElidedButton(is_muted=True)
        self._put_open(is_open)
        context.theme.changed.connect(self._colour)
        self._colour()

    @property
    def title(self) -> str:
        """What stands in the heading."""
        return self._title.text()

    def owns(self, location: Location) -> bool:
        """As `FormPart.owns`: what the parts inside own."""
        if self._claims is not None:
            return self._claims(location)
        self._fill()
        return any(part.owns(location) for part in self.parts)

    def sync(self, problems: Problems) -> None:
        """As `FormPart.sync`; a closed box only says that something in it is refused."""
        self._problems = problems
        put_visible(self._warning, bool(problems))
        self._warning.setToolTip("\n".join(problems.values()))
        if self._is_open:
            self._fill()
            super().sync(problems)
            self._fold()

    def reveal(self, location: Location) -> QWidget | None:
        """As `FormPart.reveal`; opens the box."""
        if not self._is_open:
            self._toggle()
        found = super().reveal(location)
        self._fold()
        return found

    def forget(self) -> None:
        """As `FormPart.forget`."""
        self._shows_all = False
        super().forget()

    def _fill(self) -> None:
        if self._is_made:
            return
        self._is_made = True
        layout = column(self._inside)
        for part in self._make():
            self.take_in(part, layout)
        self.more.setFont(small(self.font()))
        self.more.clicked.connect(self._show_all)
        layout.addWidget(self.more)

    def _fold(self) -> None:
        count = self.fold(self._shows_all)
        put_visible(self.more, count > 0)
        settings = "setting" if count == 1 else "settings"
        text = f"Hide {count} {settings}" if self._shows_all else f"{count} more {settings}"
        if self.more.text() != text:
            self.more.setText(text)
            self.more.setAccessibleName(f"{self.title}: {text}")
            self.more.setToolTip("Settings that are off, or as they mostly are")
            self._colour()

    def _show_all(self) -> None:
        self._shows_all = not self._shows_all
        self._fold()

    def _toggle(self) -> None:
        self._put_open(not self._is_open)
        self.sync(self._problems)

    def _put_open(self, is_open: bool) -> None:
        self._is_open = is_open
        self._inside.setVisible(is_open)
        words = "Close" if is_open else "Open"
        self.toggle.setToolTip(f"{words} {self.title}")
        self.toggle.setAccessibleName(f"{words} {self.title}")
        self._colour()

    def _colour(self) -> None:
        theme = self.context.theme
        self.toggle.setIcon(theme.icon("chevron-down" if self._is_open else "chevron-right", "muted"))
        self.more.setIcon(theme.icon("chevron-down" if self._shows_all else "chevron-right", "muted"))
        name, colour = self._icon
        self._picture.setPixmap(pixmap(name, theme.colour(colour), _ICON))
        self._warning.setPixmap(pixmap("error", theme.colour("bad"), _ICON))


class _Head(QWidget):
    """The heading: a click anywhere on it opens or closes the box."""

    def __init__(self, box: SectionBox) -> None:
        super().__init__()
        self._box = box
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(8)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open or close."""
        if event.button() is Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self._box.toggle.click()
