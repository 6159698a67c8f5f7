"""The window about Sage: pages made when asked for, the last one remembered, and nothing left when it closes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import shiboken6
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QStatusTipEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from erpdesk.views.kit.record_table import MemoryStore
from erpdesk.views.kit.theme import Theme
from erpdesk.views.sage.window import SagePage, SageWindow


class Sheet(QLabel):
    """A page that notes what it is asked."""

    def __init__(self, name: str, heard: list[str]) -> None:
        super().__init__(name)
        self._name, self._heard = name, heard

    def reload(self) -> None:
        self._heard.append(f"reload {self._name}")

    def stop(self) -> None:
        self._heard.append(f"stop {self._name}")


@pytest.fixture
def heard() -> list[str]:
    return []


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


def window_of(store: MemoryStore, heard: list[str]) -> SageWindow:
    def page(key: str) -> SagePage:
        def make() -> QWidget:
            heard.append(f"make {key}")
            return Sheet(key, heard)

        return SagePage(key, key.capitalize(), make)

    return SageWindow([page("reading"), page("connection")], store)


@pytest.fixture
def window(theme: Theme, store: MemoryStore, heard: list[str]) -> Iterator[SageWindow]:
    made = window_of(store, heard)
    made.show()
    yield made
    if shiboken6.isValid(made):
        made.close()


def test_a_page_is_made_when_it_is_first_shown(window: SageWindow, heard: list[str]) -> None:
    assert heard == ["make reading"]
    window.show_page("connection")
    window.show_page("connection")
    assert heard == ["make reading", "make connection"]
    with pytest.raises(KeyError):
        window.page("nothing")


def test_only_pages_that_were_made_read_again(window: SageWindow, heard: list[str]) -> None:
    window.reload()
    assert heard == ["make reading", "reload reading"]


def test_the_last_page_comes_back(window: SageWindow, store: MemoryStore, heard: list[str]) -> None:
    window.show_page("connection")
    window.close()
    again = window_of(store, heard)
    assert again.stack.currentWidget() is again.page("connection")
    again.close()


@pytest.mark.parametrize("way", ["close", "escape"])
def test_leaving_ends_what_waits_and_keeps_the_place(
    way: str, window: SageWindow, store: MemoryStore, heard: list[str]
) -> None:
    window.resize(750, 500)
    if way == "close":
        window.close()
    else:
        QTest.keyClick(window, Qt.Key.Key_Escape)
    assert "stop reading" in heard
    again = window_of(store, heard)
    assert again.width() == 750
    again.close()


def test_hints_stay_out_of_the_other_windows_status_bar(theme: Theme, store: MemoryStore, heard: list[str]) -> None:
    class Other(QWidget):
        tips = 0

        def event(self, event: QEvent) -> bool:
            self.tips += isinstance(event, QStatusTipEvent)
            return super().event(event)

    other = Other()
    window = window_of(store, heard)
    window.setParent(other, window.windowFlags())
    QApplication.sendEvent(window.page("reading"), QStatusTipEvent("a hint"))
    assert other.tips == 0
    window.close()
    other.close()


def test_news_after_the_window_is_gone_reaches_nobody(theme: Theme, store: MemoryStore, heard: list[str]) -> None:
    window = window_of(store, heard)
    window.show()
    window.close()
    QApplication.sendPostedEvents(window, QEvent.Type.DeferredDelete)
    assert not shiboken6.isValid(window)
    window.reload()
    assert "reload reading" not in heard
