"""Opens folders and pages in other programs, and says where they are when there is no program for them."""

from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QApplication, QMessageBox


def open_outside(place: Path | str) -> None:
    """Open it in the program that a person's system has for it.

    Args:
        place: A folder or file, or the address of a page.
    """
    is_page = isinstance(place, str)
    if not QDesktopServices.openUrl(QUrl(str(place)) if is_page else QUrl.fromLocalFile(str(place))):
        _tell_where(str(place), is_page=is_page)


def _tell_where(place: str, *, is_page: bool) -> None:
    # A box needs a window to belong to, also while another program has the keyboard.
    visible = (widget for widget in QApplication.topLevelWidgets() if widget.isVisible())
    box = QMessageBox(QApplication.activeWindow() or next(visible, None))
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle("Not opened")
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(f"Nothing on this system opens {'pages' if is_page else 'folders'}.")
    hint = "Open this address in a browser:" if is_page else "Look here with another program:"
    box.setInformativeText(f"{hint}\n{place}")
    box.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    box.setIcon(QMessageBox.Icon.Information)
    copy = box.addButton("Copy address" if is_page else "Copy path", QMessageBox.ButtonRole.AcceptRole)
    copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(place))
    box.setEscapeButton(box.addButton("Close", QMessageBox.ButtonRole.RejectRole))
    box.setDefaultButton(copy)
    box.open()
