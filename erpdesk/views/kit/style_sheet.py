"""The style sheet of the whole application; ``$names`` are colours of ``tokens.py`` and sizes of ``theme.py``."""

from __future__ import annotations

SHEET = """
QMainWindow, QDialog { background: $surface; }
QWidget#topBar, QWidget#tabStrip { background: $card; border-bottom: 1px solid $border; }

QFrame[card="true"] { background: $card; border: 1px solid $border; border-radius: 8px; }
QFrame[rule="true"] { background: $border; border: none; max-height: 1px; min-height: 1px; }
QFrame[message="info"] { background: $blue_ground; border: 1px solid $blue_ink; border-radius: 6px; }
QFrame[message="success"] { background: $green_ground; border: 1px solid $green_ink; border-radius: 6px; }
QFrame[message="warning"] { background: $yellow_ground; border: 1px solid $yellow_ink; border-radius: 6px; }
QFrame[message="error"] { background: $red_ground; border: 1px solid $red_ink; border-radius: 6px; }

QLabel { background: transparent; }
QLabel[role="title"] { font-size: ${title_pt}pt; font-weight: 600; }
QLabel[role="section"] { font-size: ${small_pt}pt; font-weight: 600; color: $muted; }
QLabel[role="muted"] { color: $muted; }
QLabel[role="small"] { color: $muted; font-size: ${small_pt}pt; }
QLabel[role="error"] { color: $red_ink; }
QLabel[role="counter"] { color: $muted; font-size: ${small_pt}pt; }
QLabel[role="counter"][wrong="true"] { color: $red_ink; font-weight: 600; }
QLabel[role="value"] { font-weight: 600; }
QLabel[tone="grey"] { color: $text; }
QLabel[tone="blue"] { color: $blue_ink; }
QLabel[tone="yellow"] { color: $yellow_ink; }
QLabel[tone="green"] { color: $green_ink; }
QLabel[tone="red"] { color: $red_ink; }
QLabel[badge="true"] { background: $blue_ground; color: $blue_ink; border-radius: 8px; padding: 1px 7px;
    font-size: ${small_pt}pt; font-weight: 600; }

QPushButton { background: $card; color: $text; border: 1px solid $border; border-radius: 6px; padding: 5px 13px; }
QPushButton:hover { background: $hover; border-color: $strong_border; }
QPushButton:pressed { background: $selection; }
QPushButton:focus { border: 1px solid $accent; }
QPushButton:disabled, QPushButton[blocked="true"] { background: $surface; color: $muted; border: 1px dashed $border; }
QPushButton[primary="true"] { background: $accent_fill; color: $on_accent; border: 1px solid $accent_fill;
    font-weight: 600; }
QPushButton[primary="true"]:hover { background: $accent_fill_hover; }
QPushButton[primary="true"]:focus { border: 1px solid $text; }
QPushButton[danger="true"] { background: $danger_fill; color: $on_accent; border: 1px solid $danger_fill;
    font-weight: 600; }
QPushButton[danger="true"]:hover { background: $danger_fill_hover; }
QPushButton[danger="true"]:focus { border: 1px solid $text; }
QPushButton[primary="true"][blocked="true"], QPushButton[danger="true"][blocked="true"] { background: $surface;
    color: $muted; border: 1px dashed $strong_border; }
QPushButton[blocked="true"]:focus { border: 1px dashed $accent; }
QPushButton[chip="true"] { border-radius: 13px; padding: 4px 12px; color: $muted; background: $card; }
QPushButton[chip="true"]:hover { color: $text; background: $hover; }
QPushButton[chip="true"]:checked { background: $blue_ground; color: $blue_ink; border: 1px solid $accent; }
QPushButton[chip="true"]:focus { border: 1px solid $accent; }
QPushButton[flat="true"], QToolButton { background: transparent; border: 1px solid transparent; border-radius: 5px;
    padding: 3px 7px; color: $text; }
QPushButton[flat="true"]:hover, QToolButton:hover { background: $hover; border-color: $border; }
QPushButton[flat="true"]:focus, QToolButton:focus { border: 1px solid $accent; }
QToolButton::menu-indicator { image: none; }
QPushButton::menu-indicator { image: url("$chevron"); width: 10px; height: 10px; subcontrol-position: right center;
    subcontrol-origin: padding; right: 8px; }

QLineEdit, QPlainTextEdit, QTextEdit, QComboBox { background: $field; color: $text; border: 1px solid $strong_border;
    border-radius: 6px; padding: 4px 8px; selection-background-color: $accent_fill; selection-color: $on_accent; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QComboBox:focus { border: 1px solid $accent; }
QLineEdit[wrong="true"], QPlainTextEdit[wrong="true"], QComboBox[wrong="true"] { border: 1px solid $red_ink; }
QLineEdit[readOnly="true"], QPlainTextEdit[readOnly="true"], QComboBox:disabled { background: $surface;
    border: 1px solid $border; }
QComboBox[readOnly="true"] { background: $surface; border: 1px solid $border; }
QComboBox[readOnly="true"]::down-arrow { image: none; }
QLineEdit[negative="true"] { color: $red_ink; }
QLineEdit[readOnly="true"]:focus, QPlainTextEdit[readOnly="true"]:focus, QComboBox[readOnly="true"]:focus {
    border: 1px solid $accent; }
QLineEdit[search="true"] { background: $surface; }
QPlainTextEdit[code="true"] { background: $surface; border: 1px solid $border; padding: 4px; }
QLineEdit, QPlainTextEdit { placeholder-text-color: $muted; }
QComboBox { padding-left: 10px; padding-right: 22px; }
QComboBox QLineEdit { border: none; padding: 0px; background: transparent; }
QComboBox::drop-down { border: none; width: 22px; subcontrol-position: center right; }
QComboBox::down-arrow { image: url("$chevron"); width: 10px; height: 10px; }
QComboBox QAbstractItemView, QListView[popup="true"] { background: $card; color: $text; border: 1px solid $border;
    selection-background-color: $selection; selection-color: $text; outline: none; }

QTableView { background: $card; color: $text; border: none; gridline-color: $border; outline: none;
    selection-background-color: $selection; selection-color: $text; }
QHeaderView { background: $header; border: none; }
QHeaderView::section { background: $header; color: $muted; border: none; border-bottom: 1px solid $border;
    padding: 6px 8px; font-size: ${small_pt}pt; font-weight: 600; }
QHeaderView::section:hover { color: $text; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QTableCornerButton::section { background: $header; border: none; }

QListWidget[nav="true"] { background: transparent; border: none; outline: none; }

QTabBar { background: transparent; qproperty-drawBase: 0; }
QTabBar::tab { background: transparent; color: $muted; border: none; border-bottom: 2px solid transparent;
    padding: 9px 13px; }
QTabBar::tab:hover { color: $text; }
QTabBar::tab:selected { color: $text; font-weight: 600; border-bottom: 2px solid $accent; }
QTabBar::tab:focus { color: $accent; }
QTabWidget::pane { border: none; border-top: 1px solid $border; }

QMenu { background: $card; color: $text; border: 1px solid $border; padding: 4px; }
QMenu::item { padding: 5px 26px 5px 24px; border-radius: 4px; }
QMenu::item:selected { background: $selection; }
QMenu::item:disabled { color: $muted; }
QMenu::separator { height: 1px; background: $border; margin: 4px 8px; }
QMenuBar { background: $card; color: $text; border-bottom: 1px solid $border; }
QMenuBar::item { padding: 5px 10px; background: transparent; }
QMenuBar::item:selected { background: $selection; border-radius: 4px; }
QToolTip { background: $card; color: $text; border: 1px solid $strong_border; padding: 5px 7px; }
QStatusBar { background: $card; border-top: 1px solid $border; }
QStatusBar::item { border: none; }
QSplitter::handle { background: transparent; }
QSplitter::handle:hover { background: $border; }
QScrollArea { background: transparent; border: none; }
QScrollArea > QWidget > QWidget[page="true"] { background: transparent; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 2px; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 2px; }
QScrollBar::handle { background: $strong_border; border-radius: 4px; min-height: 28px; min-width: 28px; }
QScrollBar::handle:hover { background: $muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0px; height: 0px; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
"""
