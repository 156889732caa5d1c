"""Numbers are painted no more often than people read, and the newest of them are always painted."""

from PySide6.QtCore import QEvent

from widgets.headline import Facts, Headline
from widgets.pace import READ_MS


class Counted(Headline):
    paints = 0

    def event(self, event):
        self.paints += event.type() == QEvent.Type.Paint
        return super().event(event)


def test_what_changes_without_end_is_painted_now_and_then_and_ends_with_the_newest(qtbot, qapp):
    headline = Counted()
    qtbot.addWidget(headline)
    headline.resize(600, 50)
    headline.show()
    qtbot.waitUntil(lambda: headline.paints > 0)
    qtbot.wait(2 * READ_MS)
    before = headline.paints
    headline.show_facts(Facts(written=0))
    qapp.processEvents()
    assert headline.paints == before + 1  # the first change is seen at once
    for written in range(1, 40):
        headline.show_facts(Facts(written=written))
    qapp.processEvents()
    qtbot.waitUntil(lambda: not headline._waiting.isActive())
    qapp.processEvents()
    assert before + 2 <= headline.paints <= before + 4
    assert "39 tokens" in headline.accessibleDescription()
