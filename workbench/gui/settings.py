"""What the window remembers of itself: geometry, docks, theme, recent files; all else lies in files of its own."""

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

from workbench.own_home import configuration_folder, own_home

_MOST_RECENT = 10
_MOST_USED = 8
# Raise it when the docks change, so that an old arrangement is not forced upon new ones.
DOCKS_VERSION = 1


class Settings:
    """A thin layer over QSettings that knows names and types."""

    def __init__(self) -> None:
        file = configuration_folder() / "window.ini"
        is_new = not file.exists()
        self._settings = QSettings(str(file), QSettings.Format.IniFormat)
        if is_new and own_home() is None:
            _move(_earlier(), self._settings)

    @property
    def theme(self) -> str:
        """One of "system", "light" and "dark"."""
        return str(self._settings.value("theme", "system"))

    @theme.setter
    def theme(self, mode: str) -> None:
        self._settings.setValue("theme", mode)

    @property
    def tour_seen(self) -> bool:
        """Whether the first-run tour was shown."""
        return str(self._settings.value("tour_seen", "false")) == "true"

    @tour_seen.setter
    def tour_seen(self, seen: bool) -> None:
        self._settings.setValue("tour_seen", "true" if seen else "false")

    def bytes_of(self, name: str) -> QByteArray:
        """A saved geometry or arrangement, empty where there is none."""
        value = self._settings.value(name)
        return value if isinstance(value, QByteArray) else QByteArray()

    def keep_bytes(self, name: str, value: QByteArray) -> None:
        """Remember a geometry or an arrangement."""
        self._settings.setValue(name, value)

    def recent(self) -> list[Path]:
        """Recipes opened lately, newest first."""
        return [Path(name) for name in self._list("recent")]

    def add_recent(self, path: Path) -> None:
        """Put a recipe at the top."""
        others = [other for other in self.recent() if other != path]
        self._settings.setValue("recent", [str(item) for item in [path, *others][:_MOST_RECENT]])

    def used_commands(self) -> list[str]:
        """Names of the commands used lately in the palette, newest first."""
        return self._list("used_commands")

    def add_used_command(self, name: str) -> None:
        """Put a command at the top."""
        others = [other for other in self.used_commands() if other != name]
        self._settings.setValue("used_commands", [name, *others][:_MOST_USED])

    def _list(self, name: str) -> list[str]:
        # An INI file gives a list of one back as a text, and an empty one as None.
        value = self._settings.value(name, [])
        return [str(item) for item in (value if isinstance(value, list) else [value]) if item]

    def sync(self) -> None:
        """Write to disk now."""
        self._settings.sync()


def _earlier() -> QSettings:
    earlier = QSettings("distillation-workbench", "window")
    # On macOS they would name everything that the system keeps for all programs.
    earlier.setFallbacksEnabled(False)
    return earlier


def _move(earlier: QSettings, settings: QSettings) -> None:
    """Earlier versions kept them where Qt does, on some systems in no file; nothing is left there."""
    names = earlier.allKeys()
    for name in names:
        settings.setValue(name, earlier.value(name))
    if names:
        settings.sync()
        earlier.clear()
