"""The canvas as people meet it: pixels, pointer, keys, clipboard."""

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QGuiApplication, QHelpEvent, QImage, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QMenu

from engine.values.frame import ACCEPTED, CHANGED, KEPT, OPEN, WITHDRAWN
from samples import CHANNELS, LEXICON, THINKING, frame
from widgets.canvas import VIEWS, Canvas
from widgets.hint import details, table
from widgets.paint import contrast
from widgets.theme import DARK, LIGHT

THEMES = pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
VIEW = pytest.mark.parametrize("view", VIEWS)
MARKED = [OPEN, KEPT, ACCEPTED, CHANGED, WITHDRAWN]


@pytest.fixture
def canvas(qtbot):
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.set_lexicon(LEXICON)
    canvas.set_view("prose")
    canvas.resize(640, 420)
    canvas.show()
    qtbot.waitExposed(canvas)
    return canvas


def held(*cells):
    mask = np.zeros(16, bool)
    mask[list(cells)] = True
    return mask


def five_looks(entropy=0.5):
    """Two frames; of the second, cells 0, 2, 4, 6, 8 have the looks in MARKED, and all hold one word."""
    word = np.full(16, 7, np.int32)
    other = np.where(np.arange(16) == 6, 8, word).astype(np.int32)
    flat = np.full(16, entropy, np.float32)
    before = frame(ids=other, guess=word, held=held(2, 6, 8), entropy=flat)
    after = frame(step=1, ids=word, guess=word, held=held(2, 4, 6), entropy=flat)
    return after, before


def ended(stop=""):
    """Five tokens of text, the end, ten cells of padding, all held."""
    ids = np.array([2, 3, 4, 5, 7, 1] + [0] * 10, np.int32)
    return frame(ids=ids, guess=ids, held=np.ones(16, bool), stop=stop)


def pixels(canvas, cell):
    """The cell as it is on the screen: uint8 [height, width, 3]."""
    image = canvas.grab(canvas.rect_of(cell).toRect()).toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def grey(canvas, cell):
    return pixels(canvas, cell) @ np.array([0.2126, 0.7152, 0.0722])


def strength(canvas, cell):
    """Contrast of a cell's boldest pixel with its ground, the most frequent colour."""
    colors, counts = np.unique(pixels(canvas, cell).reshape(-1, 3), axis=0, return_counts=True)
    ground = QColor(*colors[counts.argmax()].tolist())
    return max(contrast(QColor(*color.tolist()), ground) for color in colors)


@THEMES
@VIEW
def test_open_cells_are_dimmer_than_held_ones(canvas, theme, view):
    canvas.set_theme(theme)
    canvas.set_view(view)
    canvas.show_frame(*five_looks())
    assert strength(canvas, 0) > 1.3  # and yet they can be read
    assert strength(canvas, 0) < 0.75 * min(strength(canvas, 2), strength(canvas, 4))


@THEMES
def test_looks_differ_without_colour(canvas, theme):
    """In greyscale, every pair of looks differs in a good many pixels of the same cell with the same word."""
    canvas.set_theme(theme)
    canvas.set_view("grid")
    canvas.show_frame(*five_looks())
    seen = [grey(canvas, cell) for cell in (0, 2, 4, 6, 8)]
    rows, columns = (min(size) for size in zip(*(one.shape for one in seen), strict=True))
    for i, one in enumerate(seen):
        for other in seen[i + 1 :]:
            differs = np.abs(one[:rows, :columns] - other[:rows, :columns]) > 30
            assert differs.sum() > 30


@THEMES
@VIEW
@pytest.mark.parametrize(("cell", "ink"), [(4, "accepted"), (6, "changed"), (8, "withdrawn")])
def test_marks_have_their_colour(canvas, theme, view, cell, ink):
    canvas.set_theme(theme)
    canvas.set_view(view)
    canvas.show_frame(*five_looks())

    def near(at):
        rect = canvas.rect_of(at).adjusted(-3, 0, 3, 0).toRect()
        image = canvas.grab(rect).toImage()
        wanted = np.array(QColor(getattr(theme, ink)).getRgb()[:3])
        every = (image.pixelColor(x, y).getRgb()[:3] for x in range(image.width()) for y in range(image.height()))
        return sum(np.abs(np.array(color) - wanted).max() < 24 for color in every)

    assert near(cell) > 8
    assert near(0) == 0  # an open cell has none of it


@THEMES
@VIEW
def test_padding_is_one_shaded_pill(canvas, theme, view):
    canvas.set_theme(theme)
    canvas.set_view(view)
    canvas.show_frame(ended("stable"))
    assert {tuple(canvas.rect_of(cell).getRect()) for cell in range(6, 16)} == {tuple(canvas.rect_of(15).getRect())}
    assert canvas.rect_of(15) != canvas.rect_of(4)
    seen = pixels(canvas, 10)
    middle = seen[seen.shape[0] // 2, 12 if view == "grid" else 8]
    assert np.abs(middle.astype(int) - QColor(theme.shade).getRgb()[:3]).max() <= 2
    assert strength(canvas, 10) > 4  # it can be read


@THEMES
def test_entropy_changes_the_ground(canvas, theme):
    canvas.set_theme(theme)
    canvas.set_view("grid")
    grounds = []
    for entropy in (0.0, 1.0, 6.0):
        canvas.show_frame(*five_looks(entropy))
        grounds.append(grey(canvas, 0)[4, 6])
    rising = theme is DARK
    assert grounds == sorted(grounds, reverse=not rising) and abs(grounds[0] - grounds[2]) > 80


def test_without_a_frame_there_is_the_message(canvas):
    canvas.set_message("Loading the model…")
    one = canvas.grab().toImage()
    canvas.set_message("Something else, and longer than that")
    assert canvas.grab().toImage() != one
    assert canvas.accessibleDescription() == "Something else, and longer than that"
    canvas.show_frame(ended())
    canvas.show_frame(None)
    canvas.set_message("Loading the model…")
    assert canvas.grab().toImage() == one
    assert canvas.text() == "" and canvas.cell is None and canvas.details(0) is None


@VIEW
def test_the_pointer_finds_its_cell(canvas, qtbot, view):
    canvas.set_view(view)
    canvas.show_frame(*five_looks())
    for cell in (3, 15, 8):
        with qtbot.waitSignal(canvas.hovered, check_params_cb=lambda found, cell=cell: found == cell):
            qtbot.mouseMove(canvas, canvas.rect_of(cell).center().toPoint())
        assert canvas.cell == cell
    with qtbot.waitSignal(canvas.hovered, check_params_cb=lambda found: found is None):
        qtbot.mouseMove(canvas, QPoint(2, 2))


@VIEW
def test_a_click_pins_and_escape_lets_go(canvas, qtbot, view):
    canvas.set_view(view)
    canvas.show_frame(*five_looks())
    with qtbot.waitSignal(canvas.cell_chosen, check_params_cb=lambda cell: cell == 6):
        qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=canvas.rect_of(6).center().toPoint())
    qtbot.mouseMove(canvas, QPoint(1, 1))
    qtbot.mouseMove(canvas, canvas.rect_of(12).center().toPoint())
    assert canvas.cell == 6
    with qtbot.waitSignal(canvas.cell_chosen, check_params_cb=lambda cell: cell == -1):
        qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.cell != 6


@VIEW
def test_arrow_keys_walk_over_the_cells(canvas, qtbot, view):
    canvas.set_view(view)
    canvas.show_frame(*five_looks())
    qtbot.mouseMove(canvas, QPoint(1, 1))
    seen = []
    canvas.cell_chosen.connect(seen.append)
    for key in (Qt.Key.Key_Home, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_End):
        qtbot.keyClick(canvas, key)
    assert seen == [0, 1, 2, 1, 15]


def test_a_canvas_that_goes_takes_its_pin_along(canvas, qtbot):
    canvas.show_frame(*five_looks())
    qtbot.keyClick(canvas, Qt.Key.Key_Home)
    with qtbot.waitSignal(canvas.cell_chosen, check_params_cb=lambda cell: cell == -1):
        canvas.show_frame(None)


def test_focus_shows(canvas, qtbot):
    canvas.show_frame(*five_looks())
    canvas.clearFocus()
    without = canvas.grab().toImage()
    canvas.activateWindow()
    canvas.setFocus()
    qtbot.waitUntil(canvas.hasFocus)
    assert canvas.grab().toImage() != without


def test_details_tell_what_the_frame_measured(canvas):
    after, before = five_looks()
    canvas.show_frame(after, before)
    found = [canvas.details(cell) for cell in (0, 2, 4, 6, 8)]
    assert [one.mark for one in found] == MARKED
    assert [one.state for one in found] == ["open", "kept", "accepted", "changed", "withdrawn"]
    assert found[0].text == " fox" and found[3].before == " found"
    assert len(found[0].candidates) == after.settings.top_k
    assert found[0].candidates[0][1] == pytest.approx(after.top_probs[0, 0])
    assert found[0].entropy == pytest.approx(0.5)
    assert canvas.details(16) is None and canvas.details(None) is None


def test_tooltips_escape_what_tokens_hold():
    after, before = five_looks()
    html = table(details(LEXICON, frame(ids=np.zeros(16, np.int32), held=held(0)), None, 0, 5), DARK)
    assert "<end>" not in html
    assert "withdrawn" in table(details(LEXICON, after, before, 8, 5), DARK)


def test_hovering_tells_of_a_cell_where_no_panel_does(canvas, qtbot):
    canvas.show_frame(*five_looks())
    at = canvas.rect_of(8).center().toPoint()
    hover = QHelpEvent(QHelpEvent.Type.ToolTip, at, canvas.mapToGlobal(at))
    qtbot.mouseMove(canvas, QPoint(1, 1))
    qtbot.mouseMove(canvas, at)
    QApplication.sendEvent(canvas, hover)
    assert canvas._tip.isVisible() and "withdrawn" in canvas._tip.text()
    assert not canvas._tip.geometry().contains(at)
    under = canvas._tip.geometry().center()
    assert canvas.childAt(under) is None  # a click there is the canvas's
    canvas.show_frame(*five_looks())
    assert not canvas._tip.isVisible()
    canvas.set_tips(False)
    QApplication.sendEvent(canvas, hover)
    assert not canvas._tip.isVisible()


def test_a_word_too_small_to_be_read_is_enlarged_under_the_pointer(canvas, qtbot):
    canvas.set_view("grid")
    canvas.resize(240, 140)
    canvas.show_frame(frame(cells=256, held=np.ones(256, bool), ids=np.full(256, 10, np.int32)))
    assert canvas.type_size <= 8
    without = canvas.grab().toImage()
    qtbot.mouseMove(canvas, QPoint(1, 1))
    qtbot.mouseMove(canvas, canvas.rect_of(20).center().toPoint())
    image = canvas.grab().toImage()
    differs = [
        (x, y)
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y) != without.pixelColor(x, y)
    ]
    xs, ys = zip(*differs, strict=True)
    assert max(xs) - min(xs) > 60 and max(ys) - min(ys) > 24  # a whole word in type that can be read


def test_text_is_what_has_settled(canvas):
    canvas.show_frame(ended("stable"))
    assert canvas.text() == "Once upon a time fox"
    canvas.show_frame(ended("stable"), None, [np.array([2, 3, 4], np.int32), np.array([10], np.int32)])
    assert canvas.text() == "Once upon a lanternOnce upon a time fox"
    canvas.show_frame(*five_looks())
    assert canvas.text() == "… fox … fox … fox …"


@pytest.mark.parametrize(("cell", "word"), [(0, [0]), (4, [3, 4, 5]), (6, [6])])
def test_a_double_click_selects_the_word_of_however_many_cells(canvas, qtbot, cell, word):
    ids = np.array([7, 11, 7, 5, 2, 2, 3] + [0] * 9, np.int32)  # " fox" "." " fox" " timeOnceOnce" " upon"
    canvas.show_frame(frame(ids=ids, guess=ids, held=np.arange(16) != 6))
    point = canvas.rect_of(cell).center().toPoint()
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=point)
    qtbot.mouseDClick(canvas, Qt.MouseButton.LeftButton, pos=point)
    assert canvas.selection == word and not canvas.selecting


def test_control_c_copies_the_cell_that_was_clicked(canvas, qtbot):
    canvas.show_frame(ended("stable"))
    canvas.choose(2)
    qtbot.keyClick(canvas, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == canvas.details(2).text
    canvas.let_go()
    qtbot.keyClick(canvas, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == canvas.text()


def test_control_c_copies_all_or_the_selection(canvas, qtbot):
    canvas.show_frame(ended("stable"))
    qtbot.keyClick(canvas, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "Once upon a time fox"
    chosen = []
    canvas.cell_chosen.connect(chosen.append)
    start, stop = (canvas.rect_of(cell).center().toPoint() for cell in (1, 3))
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(canvas, stop)
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=stop)
    assert canvas.selected_text() == "upon a time" and not chosen  # a drag is no click
    qtbot.keyClick(canvas, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "upon a time"
    qtbot.keyClick(canvas, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert canvas.selected_text() == "Once upon a time fox"
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.selected_text() == canvas.text()


def test_the_menu_copies(canvas, qtbot):
    canvas.show_frame(ended("stable"))
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(3, 3))
    point = QPoint(20, 20)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, point, canvas.mapToGlobal(point))
    QApplication.sendEvent(canvas, event)
    menu = canvas.findChild(QMenu)
    menu.actions()[0].trigger()
    menu.close()
    assert QGuiApplication.clipboard().text() == "Once upon a time fox"


def test_escape_is_the_windows_unless_a_cell_is_pinned(canvas, qtbot):
    canvas.show_frame(*five_looks())

    def takes():
        event = QKeyEvent(QKeyEvent.Type.ShortcutOverride, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier)
        event.ignore()
        QApplication.sendEvent(canvas, event)
        return event.isAccepted()

    assert not takes()
    qtbot.keyClick(canvas, Qt.Key.Key_Home)
    assert takes()


@VIEW
@pytest.mark.parametrize("size", [(1, 1), (60, 40), (240, 140), (400, 250), (3840, 2160)])
def test_any_size_will_do(canvas, view, size):
    canvas.setMinimumSize(0, 0)
    canvas.set_view(view)
    for what in (None, five_looks()[0], ended("stable")):
        canvas.show_frame(what)
        canvas.resize(*size)
        assert not canvas.grab().isNull()
    alone = 6 if canvas._is_prose() else 7  # the end and its padding share a pill in prose
    assert len({tuple(canvas.rect_of(cell).getRect()) for cell in range(16)}) == alone


def test_long_text_scrolls_to_the_canvas_at_work(canvas, qtbot):
    tokens = np.tile(np.array([2, 3, 4, 5, 6, 7, 8, 9, 10, 11], np.int32), 100)
    canvas.show_frame(frame(canvas=3, stop="steps", guess=tokens[:16]), None, [tokens] * 3)
    visible = canvas.rect_of(0)
    assert 0 < visible.top() < canvas.height()
    earlier = visible.top()
    canvas.show_frame(frame(canvas=3, step=1), None, [tokens] * 3)
    assert canvas.rect_of(0).top() == pytest.approx(earlier, abs=1)
    qtbot.keyClick(canvas, Qt.Key.Key_PageUp)
    assert canvas.rect_of(0).top() > earlier + 100


def test_finished_canvases_are_prose_only(canvas):
    before = [np.array([2, 3, 4], np.int32)]
    canvas.show_frame(ended(), None, before)
    canvas.set_view("grid")
    alone = canvas.grab().toImage()
    canvas.show_frame(ended())
    assert canvas.grab().toImage() == alone


def test_frames_before_the_lexicon_and_unknown_views(qtbot):
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.show_frame(ended())
    canvas.grab()
    assert canvas.text() == ""
    with pytest.raises(ValueError, match="prose, auto or grid"):
        canvas.set_view("poster")


def test_nothing_moves_while_nothing_changes(canvas, qtbot):
    """No timer repaints an idle canvas, and painting twice gives the same picture."""
    canvas.show_frame(*five_looks())
    one = canvas.grab().toImage()
    assert canvas.grab().toImage() == one
    qtbot.wait(50)  # what showing the window still had to paint
    painted = []
    canvas.paintEvent = lambda event: painted.append(event)
    qtbot.wait(120)
    assert not painted


def test_double_density_is_sharp(canvas):
    """At a device pixel ratio of 2, the same picture has detail that doubling pixels would not give."""
    canvas.show_frame(ended("stable"))
    image = QImage(canvas.size() * 2, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(2)
    canvas.render(image, QPoint(0, 0))
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)[..., 1].astype(int)
    assert (np.abs(rows[:, ::2] - rows[:, 1::2]) > 40).sum() > 50


def test_as_many_candidates_are_listed_as_asked_for(canvas):
    canvas.show_frame(frame())
    counts = []
    for count in (1, 3, 8):
        canvas.set_candidates(count)
        counts.append(len(canvas.details(0).candidates))
    assert counts == [1, 3, 8]


def test_a_cell_of_an_ended_canvas_is_committed_whatever_it_was(canvas):
    after, before = five_looks()
    canvas.show_frame(dataclasses.replace(after, stop="steps"), before)
    assert {canvas.details(cell).state for cell in range(16)} == {"committed"}
    assert not any(canvas.details(cell).before for cell in range(16))


# A thought.


def thinking(canvas=0, ids=THINKING, stop="stable"):
    ids = np.asarray(ids, np.int32)
    flat = np.zeros(len(ids), np.float32)
    return frame(canvas, cells=len(ids), ids=ids, guess=ids, held=np.ones(len(ids), bool), entropy=flat, stop=stop)


def strongest(canvas, cell):
    """The greatest contrast of a pixel of a cell with the ground."""
    ground = QColor(DARK.panel)
    colours = {tuple(colour) for colour in pixels(canvas, cell).reshape(-1, 3)}
    return max(contrast(QColor(*map(int, colour)), ground) for colour in colours)


@VIEW
def test_thought_cells_are_real_cells_in_a_dimmer_ink(canvas, view):
    canvas.set_lexicon(CHANNELS)
    canvas.set_view(view)
    canvas.show_frame(thinking())
    assert canvas.details(4).text == " Hello" and canvas.rect_of(4).width() > 10
    assert 4.5 < strongest(canvas, 4) < 0.8 * strongest(canvas, 7)


def test_what_is_copied_is_the_answer_and_of_a_selected_thought_the_thought(canvas):
    canvas.set_lexicon(CHANNELS)
    canvas.show_frame(thinking())
    assert canvas.text() == "Hello there"
    canvas.select_all()
    assert canvas.selected_text() == "Hello there"
    canvas._selection = (3, 5)
    assert canvas.selected_text() == "user Hello model."
    canvas.show_frame(thinking(1, THINKING[4:]), None, [THINKING[:4]])  # it began on the canvas before
    assert canvas.text() == "Hello there"


def test_a_thought_folds_to_one_pill_by_a_click_and_back(canvas, qtbot):
    canvas.set_lexicon(CHANNELS)
    canvas.fold_wished.connect(lambda: canvas.set_folded(not canvas._spread.folded))
    canvas.show_frame(thinking())
    open_at, pinned = canvas.rect_of(7), []
    canvas.cell_chosen.connect(pinned.append)
    for folded in (True, False):
        qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=canvas.rect_of(0).center().toPoint())
        assert canvas._spread.folded == folded and not pinned
        assert (canvas.rect_of(5) == canvas.rect_of(0)) == folded
        assert (canvas.rect_of(7).left() < open_at.left()) == folded
    assert canvas.text() == "Hello there"


def test_keys_step_over_a_folded_thought(canvas, qtbot):
    canvas.set_lexicon(CHANNELS)
    canvas.set_folded(True)
    canvas.show_frame(thinking())
    qtbot.keyClick(canvas, Qt.Key.Key_Home)
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.cell == 7
    qtbot.keyClick(canvas, Qt.Key.Key_Left)
    assert canvas.rect_of(canvas.cell) == canvas.rect_of(0)


def test_a_thought_over_two_canvases_is_one_pill_and_one_that_is_written_is_none(canvas):
    canvas.set_lexicon(CHANNELS)
    canvas.set_folded(True)
    canvas.show_frame(thinking(stop=""))
    assert canvas.rect_of(5) != canvas.rect_of(0)
    canvas.show_frame(thinking(1, THINKING[4:]), None, [THINKING[:4]])
    assert len(canvas._past.handles) == 1 and not canvas._now.handles
    assert canvas.rect_of(0).width() == 0 and canvas.rect_of(3).left() == canvas.rect_of(0).left()


def test_pins_and_differences_are_drawn_where_the_frame_does_not_tell_them(qtbot):
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.resize(700, 400)
    canvas.set_lexicon(LEXICON)
    canvas.show_frame(frame(cells=16, stop="stable"))
    plain = canvas.grab().toImage()
    canvas.set_pinned([2, 3])
    pinned = canvas.grab().toImage()
    canvas.set_pinned([])
    canvas.set_different([2, 3])
    different = canvas.grab().toImage()
    assert plain != pinned != different != plain
    canvas.set_different([])
    assert canvas.grab().toImage() == plain


def test_what_a_selection_is_about_is_told(qtbot):
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.resize(700, 400)
    canvas.show()
    canvas.set_lexicon(LEXICON)
    canvas.show_frame(frame(cells=16))
    told = []
    canvas.selected.connect(lambda: told.append(canvas.selection))
    canvas.choose(3)
    qtbot.keyClick(canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert told[-1] == [3, 4]
    qtbot.keyClick(canvas, Qt.Key.Key_Right)  # an arrow alone goes on from the cell that was chosen
    assert len(told[-1]) == 1
    canvas.let_go()
    assert told[-1] == []


def turn(canvas, notches):
    """The wheel, with Ctrl, in quarters of a notch as fine wheels have them."""
    at = QPointF(canvas.rect().center())
    for _ in range(4 * abs(notches)):
        angle = QPoint(0, 30 if notches > 0 else -30)
        keys, buttons = Qt.KeyboardModifier.ControlModifier, Qt.MouseButton.NoButton
        phase = Qt.ScrollPhase.NoScrollPhase
        QApplication.sendEvent(
            canvas, QWheelEvent(at, canvas.mapToGlobal(at), QPoint(), angle, buttons, keys, phase, False)
        )


def test_ctrl_and_the_wheel_ask_for_larger_type_a_notch_at_a_time(canvas):
    canvas.show_frame(ended("stable"))
    heard = []
    canvas.zoom_wished.connect(heard.append)
    turn(canvas, 2)
    turn(canvas, -1)
    assert heard == [1, 1, -1]


@pytest.mark.parametrize("view", ["prose", "grid"])
def test_zoomed_type_is_as_many_times_as_large_and_all_of_it_can_be_scrolled_to(canvas, view):
    canvas.set_view(view)
    canvas.show_frame(frame(cells=256))
    whole, cell = canvas.type_size, canvas.rect_of(40).width()
    assert not canvas._bar.isVisibleTo(canvas)
    canvas.set_zoom(2.0)
    assert canvas.type_size >= 1.5 * whole and (view == "prose" or canvas.rect_of(40).width() > 1.5 * cell)
    assert canvas._bar.maximum() >= canvas._now.rects[-1].bottom() - canvas.height() > 0
    canvas.set_zoom(0.5)
    assert canvas.type_size <= whole and canvas._bar.maximum() == 0
    canvas.set_zoom(1.0)
    assert canvas.type_size == whole
