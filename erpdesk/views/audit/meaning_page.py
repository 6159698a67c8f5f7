"""For auditors: what the chain, the triggers and the anchors catch, and what they do not."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from erpdesk.views.kit.card import Card, Title

SECTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "What is written",
        (
            "Every act that changes something is one entry: who (the person, the Windows account, the computer, the "
            "version of erpdesk), when, what, how it was before and after, the reason, and what it rests on. The entry "
            "and the act are saved together: there is never one without the other.",
            "What erpdesk does by itself, such as writing a file for Sage, has entries of its own. They name the try "
            "and the observations that led to each step.",
        ),
    ),
    (
        "What is noticed",
        (
            "Each entry holds the hash of the one before it. An entry that was edited, deleted, put in or moved breaks "
            "the chain there, and the check names the first place.",
            "The newest number and hash are noted in the export journal with each file for Sage and once a day. The "
            "journal has two copies: beside Sage’s import folder, and in the data folder of the company. A cut end, or "
            "a whole chain that was made anew, disagrees with what was noted.",
            "The database refuses to change or delete entries and evidence, to take up an export that nobody but its "
            "sender accepted, and to change what was sent. This keeps mistakes of erpdesk itself out.",
        ),
    ),
    (
        "What is not noticed",
        (
            "Whoever can open the database file can take those refusals away, rewrite entries and make the chain anew. "
            "Only the anchors tell then. Give the folder of the company to the few who need it.",
            "Whoever can write the database and both copies of the journal can make all of it agree again. Keep one "
            "copy where such a person can not write: on a server with snapshots, or on paper. Lists and reports print "
            "the number and hash of the newest entry for that.",
            "Entries after the last anchor can be cut off unnoticed, at most those since the day’s first or the last "
            "file. Somebody who works under the account of another person is written down as that person.",
            "A backup that was put back looks like a cut end. The person who then looked through the exports is named "
            "by the check, and what was noted about the lost entries is set aside.",
        ),
    ),
    (
        "How to check it yourself",
        (
            "Press “Check the trail”. Or run “erpdesk verify-audit” at a command line, also on a copy of the database: "
            "--database names the file, --journal each copy of the journal. It changes nothing, works on a medium that "
            "can not be written, and ends with 0 when all is whole, 1 when something is broken, and 2 when it could "
            "not be read.",
            "The hash of an entry is SHA-256 over its columns in this order, parted by the sign 31: hash of the entry "
            "before, number, time, person, Windows account, computer, version, act, kind, record, before, after, "
            "reason, evidence, body. Entries of erpdesk before version 4 of its database hold only: hash of the entry "
            "before, number, time, person, act, kind, record, body.",
        ),
    ),
)


class MeaningPage(QScrollArea):
    """Words only: nothing in it can be changed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName("What the audit trail proves")
        inside = QWidget()
        inside.setMaximumWidth(860)
        down = QVBoxLayout(inside)
        down.setContentsMargins(14, 12, 14, 12)
        down.setSpacing(10)
        down.addWidget(Title("What the audit trail proves"))
        for title, paragraphs in SECTIONS:
            card = Card(title)
            for words in paragraphs:
                label = QLabel(words)
                label.setTextFormat(Qt.TextFormat.PlainText)
                label.setWordWrap(True)
                label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                card.add(label)
            down.addWidget(card)
        down.addStretch(1)
        self.setWidget(inside)
