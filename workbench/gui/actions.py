"""Everything a person can ask the window for, typed once: menus, tool bar, shortcuts and the palette read it here."""

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from workbench.gui.theme import Theme


@dataclass(frozen=True)
class Spec:
    """One action.

    Attributes:
        name: Its name in the code.
        menu: The menu it stands in, "" for none.
        text: What a person reads; & marks the letter for the keyboard, … that more is asked.
        icon: One of our icons.
        keys: Shortcuts, the first is shown; a StandardKey or a text.
        tip: What it does, in a sentence.
        separated: Whether a line stands above it in the menu.
    """

    name: str
    menu: str
    text: str
    icon: str = ""
    keys: tuple[QKeySequence.StandardKey | str, ...] = ()
    tip: str = ""
    separated: bool = False


_KEY = QKeySequence.StandardKey

MENUS = ("&File", "&Edit", "&Run", "&View", "&Help")
ACTIONS = (
    Spec("new", "&File", "&New recipe", "new", (_KEY.New,), "Begin an empty recipe."),
    Spec("open", "&File", "&Open recipe…", "open", (_KEY.Open,), "Open a recipe file."),
    Spec("open_run", "&File", "Open r&un…", "runs", ("Ctrl+Shift+O",), "Open the folder of an earlier run."),
    Spec(
        "open_checkpoint", "&File", "Open &checkpoint…", "checkpoint", (), "Use a trained model as teacher or student."
    ),
    Spec("save", "&File", "&Save recipe", "save", (_KEY.Save,), "Write the recipe to its file.", separated=True),
    Spec("save_as", "&File", "Save recipe &as…", "save-as", (_KEY.SaveAs, "Ctrl+Shift+S"), "Write it to another file."),
    Spec(
        "preferences",
        "&File",
        "&Preferences…",
        "settings",
        (_KEY.Preferences, "Ctrl+,"),
        "Theme, folders, threads.",
        True,
    ),
    Spec("quit", "&File", "&Quit", "", (_KEY.Quit, "Ctrl+Q"), "Close the window.", separated=True),
    Spec("undo", "&Edit", "&Undo", "undo", (_KEY.Undo,), "Take back the last change of the recipe."),
    Spec("redo", "&Edit", "&Redo", "redo", (_KEY.Redo, "Ctrl+Shift+Z"), "Make the change again."),
    Spec("train", "&Run", "&Train", "train", ("Ctrl+Return", "Ctrl+Enter"), "Train the student as the recipe says."),
    Spec(
        "train_both",
        "&Run",
        "Train with &baseline",
        "baseline",
        ("Ctrl+Shift+Return",),
        "Train the student, then the same student without a teacher, and judge whether the teacher helped.",
    ),
    Spec("check", "&Run", "&Check recipe", "ok", ("F7",), "Read data and models, and say whether all of it fits."),
    Spec(
        "pause", "&Run", "&Pause", "pause", ("F8",), "Halt at the next step; everything stays loaded.", separated=True
    ),
    Spec(
        "stop", "&Run", "&Stop", "stop", ("Shift+F8",), "Keep a checkpoint at the next step and end; it can be resumed."
    ),
    Spec("baseline_too", "&Run", "Train baseline &too", "baseline", (), "Judge the run on the screen.", separated=True),
    Spec("export", "&Run", "&Export student…", "export", ("Ctrl+E",), "Write the student as ONNX for other programs."),
    Spec("welcome", "&View", "&Welcome", "welcome", ("Ctrl+0",), "Examples, recent recipes and runs."),
    Spec("palette", "&View", "&Find an action…", "command", ("Ctrl+K", "Ctrl+Shift+P"), "Search everything.", True),
    Spec("theme_system", "&View", "Theme: follow the &system", "system", (), "Light or dark as the system is.", True),
    Spec("theme_light", "&View", "Theme: &light", "light", (), "Always light."),
    Spec("theme_dark", "&View", "Theme: &dark", "dark", (), "Always dark."),
    Spec(
        "reset_docks", "&View", "&Reset arrangement", "fit", (), "Put all panels back in their places.", separated=True
    ),
    Spec("full_screen", "&View", "Full s&creen", "expand", (_KEY.FullScreen, "F11"), "Use the whole screen."),
    Spec("tour", "&Help", "&Tour of the window", "tour", ("F1",), "A short walk through the window."),
    Spec("log", "&Help", "Show &log folder", "folder", (), "Open the folder with the program's log.", separated=True),
    Spec("about", "&Help", "&About Distillation Workbench", "about", (), "Version, licences, sources.", separated=True),
)


class Actions(QObject):
    """The window's actions by name."""

    def __init__(self, owner: QWidget, theme: Theme) -> None:
        super().__init__(owner)
        self._theme = theme
        self._actions: dict[str, QAction] = {}
        for spec in ACTIONS:
            action = QAction(spec.text, owner)
            action.setObjectName(spec.name)
            # Duplicates, such as a standard key that is spelled out as well, would make a shortcut ambiguous.
            keys = {key.toString(): key for word in spec.keys for key in _sequences(word)}
            action.setShortcuts([*keys.values()])
            action.setStatusTip(spec.tip)
            shown = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            action.setToolTip(f"{spec.tip} ({shown})" if shown else spec.tip)
            # Reachable while the menu bar is hidden, as in full screen.
            owner.addAction(action)
            self._actions[spec.name] = action
        for name in ("theme_system", "theme_light", "theme_dark", "full_screen"):
            self._actions[name].setCheckable(True)
        theme.changed.connect(self.paint_icons)
        self.paint_icons()

    def named(self, name: str) -> QAction:
        """One of them by its name."""
        return self._actions[name]

    def allow(self, name: str, why_not: str = "") -> None:
        """Switch an action on, or off with the reason where its tip was."""
        action = self._actions[name]
        action.setEnabled(not why_not)
        action.setStatusTip(why_not or next(spec.tip for spec in ACTIONS if spec.name == name))

    def in_menu(self, menu: str) -> Iterator[tuple[Spec, QAction]]:
        """The actions of a menu in order."""
        return ((spec, self._actions[spec.name]) for spec in ACTIONS if spec.menu == menu)

    def paint_icons(self) -> None:
        """Icons in the colours of the theme."""
        for spec in ACTIONS:
            if spec.icon:
                self._actions[spec.name].setIcon(self._theme.icon(spec.icon))


def _sequences(word: QKeySequence.StandardKey | str) -> list[QKeySequence]:
    return [QKeySequence(word)] if isinstance(word, str) else QKeySequence.keyBindings(word)
