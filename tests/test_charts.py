"""Charts show any arrays without a warning, seek by the mouse and never search for a range."""

from dataclasses import fields, replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QLineF, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QApplication, QLabel

from engine.values.metrics import Series
from samples import recording
from widgets.card import Card, Legend
from widgets.charts import Charts
from widgets.plot import Plot, even
from widgets.poster import SHARP, SIZE, poster
from widgets.scale import Scale, decades, linear, nice, pace
from widgets.theme import DARK, LIGHT
from widgets.trace import TICK, bars, drawn, stairs, ticks
from widgets.trends import CHARTS


def series(count, canvases=1):
    names = [field.name for field in fields(Series)]
    made = {name: np.linspace(1, 2, count) for name in names}
    made["canvas"] = np.arange(count) * canvases // max(1, count)
    return Series(**made)


@pytest.fixture
def charts(qtbot):
    widget = Charts()
    qtbot.addWidget(widget)
    widget.resize(1000, 170)
    widget.show()
    return widget


def plots(charts):
    return charts.findChildren(Plot)


def hints(charts):
    labels = charts.findChildren(QLabel)
    return [label for label in labels if label.property("role") == "hint" and not label.parentWidget().isHidden()]


def words(charts):
    return " ".join(label.accessibleName() for label in charts.findChildren(Legend))


def picture(widget, qapp):
    qapp.processEvents()
    return widget.grab().toImage()


@pytest.mark.parametrize("count", [0, 1, 2, 47, 300])
def test_any_length_is_shown(charts, qapp, count):
    charts.show_series(series(count, canvases=min(3, count) or 1))
    picture(charts, qapp)
    assert all(hint.isVisible() == (count == 0) for hint in hints(charts))
    left, right = plots(charts)[0].getViewBox().viewRange()[0]
    assert left == 0 and right >= max(1, count)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 0.0, -1.0, 1e300])
@pytest.mark.parametrize("where", [slice(None), slice(2, 4), slice(0, 1)])
def test_values_that_are_none_do_no_harm(charts, qapp, bad, where):
    good = series(12)
    for field in fields(Series)[1:]:
        getattr(good, field.name)[where] = bad
    charts.show_series(good)
    for index in (0, 3, 11):
        charts.set_playhead(index)
    picture(charts, qapp)
    assert "nan" not in words(charts) and "inf" not in words(charts)
    for plot in plots(charts):
        assert np.isfinite(plot.getViewBox().viewRange()).all()


def test_a_real_recording_is_shown(charts, qapp):
    from engine.values.metrics import series as measured

    charts.show_series(measured(recording(steps=5, canvases=2)))
    charts.set_playhead(7)
    picture(charts, qapp)
    assert "forward 60 ms" in words(charts) and "readout 20 ms" in words(charts)


def test_legends_tell_the_values_at_the_playhead(charts):
    made = replace(series(5), accepted=np.array([1, 2, 3, 1234, 5.0]), written_s=np.arange(5) * 6240.0)
    charts.show_series(made)
    charts.set_playhead(3)
    assert "text 1,234" in words(charts) and "written 18,720 tok/s" in words(charts)
    charts.set_playhead(1)
    assert "1,234" not in words(charts) and "6,240 tok/s" in words(charts)


def test_the_pointer_reads_all_charts_and_seeks_none(charts, qtbot, qapp):
    made = replace(series(48), accepted=np.arange(48.0), temperature=np.arange(48) / 100)
    charts.show_series(made)
    charts.set_playhead(40)
    qapp.processEvents()
    sought = []
    charts.sought.connect(sought.append)
    plot = plots(charts)[0]
    spot = plot.mapFromScene(plot.getViewBox().mapViewToScene(_point(17.5, 0)))
    event = QMouseEvent(
        QEvent.Type.MouseMove, QPointF(spot.x(), 30), plot.mapToGlobal(QPointF(spot.x(), 30)),
        Qt.MouseButton.NoButton, Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(plot.viewport(), event)
    assert "text 17" in words(charts) and "temperature 0.17" in words(charts) and sought == []
    assert {card._title.text() for card in charts.findChildren(Card)} >= {"Written, step 18"}
    assert {plot.playhead for plot in plots(charts)} == {40.5}
    QApplication.sendEvent(plot, QEvent(QEvent.Type.Leave))
    assert "text 40" in words(charts)


def test_titles_stay_in_a_small_row(charts, qapp):
    charts.show_series(series(20))
    for size in ((556, 96), (900, 96), (900, 196)):
        charts.resize(*size)
        qapp.processEvents()
        for card in charts.findChildren(Card):
            assert card._title.isVisible() and card._title.width() >= card._title.sizeHint().width()
            assert not card._title.geometry().intersects(card._legend.geometry())


def test_a_canvas_is_always_as_high_as_it_has_cells(charts):
    made = replace(series(4), size=np.full(4, 256.0), accepted=np.array([0, 9, 99, 171.0]), after=np.full(4, 85.0))
    (scale,) = CHARTS[0].scales([made])
    assert (scale.low, scale.high) == (0, 256)
    (scale,) = CHARTS[0].scales([replace(made, size=np.full(4, 64.0))])
    assert scale.high == 64


def test_certainty_has_the_same_axes_in_every_run(charts):
    assert CHARTS[2].scales([series(4)]) == CHARTS[2].scales([replace(series(9), entropy_canvas=np.full(9, 1e-9))])


def test_the_run_before_is_shown_behind_the_new_one(charts, qapp):
    def painted():
        return [
            sum(path.elementCount() for path in plot._ink.paths[len(plot._traces) + 1 : -1])
            for plot in plots(charts)
        ]

    charts.show_series(series(20))
    assert painted() == [0, 0, 0]
    charts.show_series(series(8), series(20))
    assert all(count > 20 for count in painted())
    assert {plot.getViewBox().viewRange()[0][1] for plot in plots(charts)} == {20}


def luminance(colour):
    channels = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in QColor(colour).getRgbF()[:3]]
    return float(np.dot(channels, (0.2126, 0.7152, 0.0722)))


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize(("chart", "pair"), [(0, (0, 1)), (1, (0, 1)), (2, (1, 2))])
def test_what_is_drawn_in_pairs_can_be_told_apart_without_colour(theme, chart, pair):
    dark, light = sorted(luminance(CHARTS[chart].lines[at].trace.of(theme)) for at in pair)
    assert (light + 0.05) / (dark + 0.05) >= 3


def test_the_playhead_keeps_its_step_while_steps_come(charts):
    charts.show_series(series(10))
    charts.set_playhead(4)
    charts.show_series(series(11))
    heads = {plot.playhead for plot in plots(charts)}
    assert heads == {4.5}
    charts.set_playhead(99)  # beyond the end: the last
    heads = {plot.playhead for plot in plots(charts)}
    assert heads == {10.5}


class Paints(QObject):
    """Counts how often a widget is painted."""

    count = 0

    def eventFilter(self, watched, event):
        self.count += event.type() == QEvent.Type.Paint
        return False


def test_what_changes_is_painted_and_nothing_else(charts, qapp):
    charts.show_series(series(10))
    qapp.processEvents()
    paints = Paints()
    plots(charts)[0].viewport().installEventFilter(paints)
    for change in (lambda: charts.set_playhead(4), lambda: charts.show_series(series(11))):
        before = paints.count
        change()
        qapp.processEvents()
        assert paints.count > before
    before = paints.count
    charts.set_playhead(4)  # where it is
    qapp.processEvents()
    assert paints.count == before


def test_a_playhead_that_moves_paints_no_trace_again_and_the_same_picture(charts, qapp, monkeypatch):
    charts.show_series(series(10))
    charts.set_playhead(2)
    picture(charts, qapp)
    paints, render = [], Plot.render
    monkeypatch.setattr(Plot, "render", lambda plot, *rest: paints.append(plot) or render(plot, *rest))
    charts.set_playhead(7)
    moved = picture(charts, qapp)
    assert not paints
    charts.set_theme(DARK)  # all is painted anew
    assert picture(charts, qapp) == moved
    assert len(paints) == len(CHARTS)
    charts.set_playhead(3)
    assert picture(charts, qapp) != moved


@pytest.mark.parametrize("sharp", [1.0, 2.0])
def test_a_line_is_as_wide_on_a_sharp_screen(qapp, sharp):
    image = QImage(40, 40, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(sharp)
    image.fill(0)
    with QPainter(image) as painter:
        painter.scale(3.0, 0.1)  # what a chart does to steps and shares
        painter.setPen(even(QPen(QColor("white"), 2.0), painter))
        painter.drawLine(QLineF(3.0, 0.0, 3.0, 400.0))
    assert sum(image.pixelColor(x, 5).lightness() > 127 for x in range(40)) == 2 * sharp


def test_expected_steps_have_room_before_they_come(charts):
    def right():
        return {plot.getViewBox().viewRange()[0][1] for plot in plots(charts)}

    charts.expect(48)
    charts.show_series(series(3))
    assert right() == {48}
    charts.show_series(series(60))
    assert right() == {60}


def test_labels_of_steps_are_few_and_round():
    assert [pace(steps, 4) for steps in (1, 4, 5, 29, 48, 68, 100, 256)] == [1, 1, 2, 8, 12, 20, 25, 80]
    for steps in range(1, 2000):
        assert steps <= 4 * pace(steps, 4)
        assert float(f"{pace(steps, 4):.1e}") == pace(steps, 4)  # of two figures


def test_a_picture_of_the_charts_is_as_large_whatever_window_they_are_in(qapp):
    images = []
    for steps in (3, 30):
        shown = Charts()
        shown.resize(200, 96)
        shown.show_series(series(steps))
        images.append(poster(QLabel("a heading"), shown))
    assert images[0].size() == images[1].size() == SIZE * SHARP
    assert images[0] != images[1]


def test_stairs_are_flat_and_leave_gaps():
    path = stairs(np.array([2.0, np.nan, 3.0]), None)
    points = [(path.elementAt(i).x, path.elementAt(i).y) for i in range(path.elementCount())]
    assert {(0, 2), (1, 2), (2, 3), (3, 3)} <= set(points)
    assert path.elementAt(points.index((2, 3))).isMoveTo()
    floored = stairs(np.array([2.0, np.nan, 3.0]), 0.5)
    assert floored.boundingRect().getCoords() == (0, 0.5, 3, 3)
    assert not any(floored.elementAt(i).isMoveTo() for i in range(1, floored.elementCount()))


def test_press_and_drag_seek_the_step_under_the_mouse(charts, qtbot, qapp):
    charts.show_series(series(48))
    qapp.processEvents()
    sought = []
    charts.sought.connect(sought.append)
    for plot in plots(charts):
        for step in (0, 17, 47):
            spot = plot.mapFromScene(plot.getViewBox().mapViewToScene(_point(step + 0.5, 0)))
            qtbot.mousePress(plot.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(spot.x(), 30))
            qtbot.mouseRelease(plot.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(spot.x(), 30))
            assert sought[-1] == step
    assert len(sought) == 3 * len(plots(charts))
    plot = plots(charts)[0]
    assert (plot.step_at(-50), plot.step_at(5000)) == (0, 47)


def _point(x, y):
    from PySide6.QtCore import QPointF

    return QPointF(x, y)


def test_nothing_is_sought_in_an_empty_chart(charts, qtbot):
    sought = []
    charts.sought.connect(sought.append)
    qtbot.mouseClick(plots(charts)[0].viewport(), Qt.MouseButton.LeftButton)
    assert sought == []


def test_clear_forgets_the_run(charts, qapp):
    charts.show_series(series(20))
    charts.clear()
    charts.set_playhead(3)
    assert all(hint.isVisible() for hint in hints(charts))
    assert plots(charts)[0].step_at(100) is None


def test_the_theme_reaches_the_plots(charts, qapp):
    charts.show_series(series(8))
    for theme in (DARK, LIGHT):
        charts.set_theme(theme)
        image = picture(plots(charts)[0].viewport(), qapp)
        seen = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}
        assert {theme.panel, CHARTS[0].lines[0].trace.of(theme)} <= seen


@pytest.mark.parametrize("value", [1e-9, 0.03, 1, 7, 51.3, 99.9, 100, 256, 1e7])
def test_round_tops_are_near_and_never_below(value):
    assert value <= nice(value) * (1 + 1e-9) and nice(value) <= 1.7 * value
    scale = linear(nice(value))
    assert scale.low == 0 and scale.high > value * 0.999
    assert all(scale.low <= place <= scale.high for place, _ in scale.ticks)


@pytest.mark.parametrize("value", [0, -1, np.nan, np.inf])
def test_nonsense_has_a_range_too(value):
    assert nice(value) == 1.0


def test_shares_of_the_height():
    plain, power = linear(200.0), decades(-3, 1)
    np.testing.assert_allclose(plain.shares(np.array([0, 100, 200, -5, 1e9])), [0, 0.5, 1, 0, 1.04])
    np.testing.assert_allclose(power.shares(np.array([1e-3, 0.1, 10, 1e-9])), [0, 0.5, 1, 0])
    for scale in (plain, power, Scale(0.0, 1.0, [])):
        assert np.isnan(scale.shares(np.array([np.nan, np.inf]))).all()
    assert np.isnan(power.shares(np.array([0.0]))).all()


def test_bars_and_ticks_stand_where_there_is_something():
    assert bars(np.array([0.5, np.nan, 0.25])).boundingRect().getRect() == pytest.approx((0.1, 0, 2.8, 0.5))
    assert ticks(np.array([0, 3, np.nan, 1.0]), 0).elementCount() == 4
    trace = next(line.trace for line in CHARTS[0].lines if line.trace.form == TICK)
    assert drawn(trace, np.zeros(5)).elementCount() == 0


def test_a_chart_of_which_nothing_is_known_says_so(charts):
    """A server tells nothing of its steps."""
    known = series(3)
    names = ("threshold", "entropy_canvas", "temperature")
    charts.show_series(replace(known, **{name: np.full(3, np.nan) for name in names}))
    shown = {hint.parentWidget().accessibleName(): hint for hint in hints(charts)}
    blank = {name for name, hint in shown.items() if hint.isVisible()}
    assert blank == {"Certainty"}
    assert {shown[name].text() for name in blank} == {"Nothing to draw"}
    charts.clear()
    assert all(hint.isVisible() and hint.text() == "No steps yet" for hint in hints(charts))
