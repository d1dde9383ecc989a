"""What a palette cannot say: rounded fields, flat cards, the primary button."""

from dataclasses import fields

from workbench.gui.colours import DARK, Colours
from workbench.session.places import resources_folder


def style_sheet(colours: Colours) -> str:
    """One sheet for the whole program, in these colours."""
    text = _SHEET
    for field in fields(colours):
        text = text.replace(f"@{field.name};", f"{getattr(colours, field.name)};")
    # Pictures of a sheet have one colour: the arrows a grey for both themes, the ticks one each.
    folder = (resources_folder() / "icons" / "sheet").as_posix()
    return text.replace("@folder", folder).replace("@tick", "check-dark" if colours is DARK else "check-light")


# Colours as `@name;`. Dynamic properties: primary, role=("title", "muted", "heading"), card, chip, flat.
_SHEET = """
QToolTip { background: @raised; color: @text; border: 1px solid @border; padding: 4px 6px; }
QWidget[role="muted"] { color: @muted; }
QWidget[role="bad"] { color: @bad; }
QWidget[role="good"] { color: @good; }
QWidget[role="warning"] { color: @warning; }
QLabel[role="live"] { background: @mark; color: @on_accent; border-radius: 9px; padding: 2px 8px; font-weight: 600; }
QFrame[card="true"] { background: @raised; border: 1px solid @border; border-radius: 8px; }
QFrame[card="bad"] { background: @raised; border: 1px solid @bad; border-radius: 8px; }
QFrame[card="accent"] { background: @raised; border: 1px solid @accent; border-radius: 8px; }
QFrame[card="bad"]:focus { border-color: @accent; }
QFrame[panel="true"] { background: @surface; }
QWidget[surface="true"] { background: @surface; }
QPushButton { background: @raised; color: @text; border: 1px solid @border; border-radius: 6px; padding: 5px 12px; }
QPushButton:hover { border-color: @accent; }
QPushButton:pressed { background: @window; }
QPushButton:focus { border-color: @accent; }
QPushButton:disabled { color: @muted; background: @surface; border-color: @border; }
QPushButton[primary="true"] { background: @accent; color: @on_accent; border-color: @accent; font-weight: 600; }
QPushButton[primary="true"]:focus { border-color: @text; }
QPushButton[primary="true"]:disabled { background: @surface; color: @muted; border-color: @border; }
QToolButton { background: transparent; border: 1px solid transparent; border-radius: 6px; padding: 4px; }
QToolButton:hover { background: @raised; border-color: @border; }
QToolButton:focus { border-color: @accent; }
QToolButton:checked { background: @raised; border-color: @border; color: @accent; }
QToolButton:checked:focus { border-color: @accent; }
QToolButton[popupMode="1"], QToolButton[popupMode="2"] { padding-right: 18px; }
QToolButton::menu-button { border: 0; width: 16px; }
QToolButton::menu-arrow { image: url("@folder/down.svg"); width: 10px; height: 10px; }
QToolButton::menu-indicator, QPushButton::menu-indicator {
    image: url("@folder/down.svg"); width: 10px; height: 10px;
    subcontrol-origin: padding; subcontrol-position: center right; right: 6px;
}
QScrollArea, QAbstractScrollArea { border: 0; }
QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; }
QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox, QComboBox {
    background: @raised; color: @text; border: 1px solid @border; border-radius: 5px; padding: 3px 6px;
    selection-background-color: @accent; selection-color: @on_accent;
}
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QAbstractSpinBox:focus, QComboBox:focus {
    border-color: @accent;
}
QWidget[invalid="true"] { border: 1px solid @bad; }
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled { color: @muted; background: @surface; }
QAbstractSpinBox QLineEdit, QComboBox QLineEdit { border: 0; padding: 0 0 0 4px; background: transparent; }
QAbstractSpinBox { padding-right: 20px; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {
    subcontrol-origin: border; width: 18px; border: 0; background: transparent;
}
QAbstractSpinBox::up-button { subcontrol-position: top right; margin-top: 2px; }
QAbstractSpinBox::down-button { subcontrol-position: bottom right; margin-bottom: 2px; }
QAbstractSpinBox::up-arrow { image: url("@folder/up.svg"); width: 10px; height: 10px; }
QAbstractSpinBox::down-arrow { image: url("@folder/down.svg"); width: 10px; height: 10px; }
QComboBox::drop-down { subcontrol-origin: border; subcontrol-position: center right; width: 22px; border: 0; }
QComboBox::down-arrow { image: url("@folder/down.svg"); width: 12px; height: 12px; }
QCheckBox::indicator, QGroupBox::indicator, QTreeView::indicator, QListView::indicator, QTableView::indicator,
QMenu::indicator {
    width: 14px; height: 14px; border: 1px solid @muted; border-radius: 4px; background: @raised;
}
QCheckBox::indicator:checked, QGroupBox::indicator:checked, QTreeView::indicator:checked,
QListView::indicator:checked, QTableView::indicator:checked, QMenu::indicator:checked {
    background: @accent; border-color: @accent; image: url("@folder/@tick.svg");
}
QCheckBox::indicator:disabled:unchecked, QRadioButton::indicator:disabled {
    border-color: @border; background: @surface;
}
QCheckBox:focus, QRadioButton:focus { color: @accent; }
QRadioButton::indicator {
    width: 14px; height: 14px; border: 1px solid @muted; border-radius: 8px; background: @raised;
}
QRadioButton::indicator:checked { width: 6px; height: 6px; border: 5px solid @accent; }
QMenu::indicator { margin-left: 6px; }
QComboBox QAbstractItemView { background: @raised; color: @text; border: 1px solid @border; outline: 0; }
QMenuBar { background: @window; color: @text; }
QMenuBar::item { padding: 4px 8px; background: transparent; border-radius: 4px; }
QMenuBar::item:selected { background: @raised; }
QMenu { background: @raised; color: @text; border: 1px solid @border; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 10px; border-radius: 4px; }
QMenu::item:selected { background: @accent; color: @on_accent; }
QMenu::item:disabled { color: @muted; }
QMenu::item:disabled:selected { color: @muted; background: @surface; }
QMenu::separator { height: 1px; background: @border; margin: 4px 6px; }
QMenu::icon { padding-left: 8px; }
QTabBar::tab {
    background: transparent; color: @muted; padding: 6px 12px; border: 0; border-bottom: 2px solid transparent;
}
QTabBar::tab:selected { color: @text; border-bottom: 2px solid @accent; }
QTabBar::tab:hover { color: @text; }
QTabWidget::pane { border: 0; }
QMainWindow::separator { background: @window; width: 6px; height: 6px; }
QMainWindow::separator:hover { background: @accent; }
QSplitter::handle { background: @window; }
QStatusBar { background: @window; color: @muted; }
QStatusBar::item { border: 0; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar::handle:vertical { background: @border; border-radius: 4px; min-height: 28px; margin: 1px; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle:horizontal { background: @border; border-radius: 4px; min-width: 28px; margin: 1px; }
QScrollBar::handle:hover { background: @muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QProgressBar {
    background: @raised; border: 1px solid @border; border-radius: 5px; text-align: center; color: @text; height: 18px;
}
QProgressBar::chunk { background: @student; border-radius: 4px; }
QHeaderView::section {
    background: @surface; color: @muted; border: 0; border-bottom: 1px solid @border; padding: 5px 8px;
}
QTableView, QTreeView, QListView {
    background: @surface; alternate-background-color: @raised; color: @text; border: 0; gridline-color: @grid;
    selection-background-color: @accent; selection-color: @on_accent;
}
QListView[raised="true"] { background: transparent; }
QTableWidget::item { padding: 0 5px; }
QSlider:horizontal { min-height: 20px; }
QSlider::groove:horizontal { background: @border; height: 4px; border-radius: 2px; }
QSlider::sub-page:horizontal { background: @accent; height: 4px; border-radius: 2px; }
QSlider::handle:horizontal {
    background: @raised; border: 2px solid @accent; width: 12px; height: 12px; margin: -6px 0; border-radius: 8px;
}
QSlider::handle:horizontal:disabled { border-color: @border; }
QSlider::sub-page:horizontal:disabled { background: @border; }
QSlider::handle:horizontal:focus { background: @accent; }
QWidget[live="true"] QSlider::sub-page:horizontal { background: @mark; }
QWidget[live="true"] QSlider::handle:horizontal { border-color: @mark; }
QWidget[live="true"] QSlider::handle:horizontal:focus { background: @mark; }
QSlider:vertical { min-width: 20px; }
QSlider::groove:vertical { background: @border; width: 4px; border-radius: 2px; }
QSlider::add-page:vertical { background: @accent; width: 4px; border-radius: 2px; }
QSlider::handle:vertical {
    background: @raised; border: 2px solid @accent; width: 12px; height: 12px; margin: 0 -6px; border-radius: 8px;
}
QSlider::handle:vertical:focus { background: @accent; }
QProgressBar[slim="true"] { border: 0; background: @border; border-radius: 3px; height: 6px; }
QProgressBar[slim="true"]::chunk { border-radius: 3px; }
QToolBar { background: @surface; border: 0; border-bottom: 1px solid @border; padding: 0; spacing: 0; }
"""
