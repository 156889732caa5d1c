"""The curves are what the frames say, padding left out, and growing equals whole."""

import numpy as np
import pytest

from engine.values.metrics import Meter, Series, series, speeds, summary
from engine.values.recording import Recording
from engine.values.settings import Settings
from samples import LEXICON, frame, recording


def test_a_growing_recording_measures_like_a_finished_one():
    whole = recording(steps=6, canvases=2)
    growing = Recording("p", Settings(), "m", "cpu", LEXICON)
    meter = Meter(growing)
    for index, step in enumerate(whole.frames):
        growing.append(step)
        assert len(meter.series()) == index + 1
    for a, b in zip(vars(meter.series()).values(), vars(series(whole)).values(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_an_empty_recording_has_empty_series_and_no_speeds():
    empty = Recording("p", Settings(), "m", "cpu", LEXICON)
    assert all(len(values) == 0 for values in vars(series(empty)).values())
    assert speeds(empty) is None


def test_padding_is_left_out_but_not_of_what_the_stop_rule_sees():
    guess = np.array([2, 3, 1, 0, 0, 0, 0, 0], np.int32)
    entropy = np.array([1, 3, 0, 0, 0, 0, 0, 0], np.float32)
    run = Recording("p", Settings(), "m", "cpu", LEXICON)
    held = np.array([1, 0, 1, 1, 1, 1, 1, 1], bool)
    run.append(frame(cells=8, ids=guess, guess=guess, entropy=entropy, held=held))
    row = series(run)
    assert row.accepted[0] == 1
    assert row.entropy_text[0] == pytest.approx(2.0)
    assert row.entropy_canvas[0] == pytest.approx(0.5)


def test_changed_and_withdrawn_count_what_marks_say():
    run = Recording("p", Settings(), "m", "cpu", LEXICON)
    held = lambda *cells: np.array(cells, bool)  # noqa: E731
    guess = np.array([2, 3, 4, 5], np.int32)
    run.append(frame(0, 0, cells=4, guess=guess, ids=guess, held=held(1, 1, 1, 0)))
    run.append(frame(0, 1, cells=4, guess=guess, ids=np.array([9, 3, 4, 5], np.int32), held=held(1, 1, 0, 1)))
    run.append(frame(1, 0, cells=4, guess=guess, held=held(0, 0, 0, 0)))
    row = series(run)
    assert row.changed.tolist() == [0, 1, 0] and row.withdrawn.tolist() == [0, 1, 0]
    assert row.accepted.tolist() == [3, 3, 0]


def test_never_stopping_early_has_no_threshold():
    run = Recording("p", Settings(), "m", "cpu", LEXICON)
    run.append(frame(settings=Settings(confidence=0.0)))
    assert np.isnan(series(run).threshold[0])


def test_speeds_count_text_canvas_and_steps():
    run = Recording("p", Settings(), "m", "cpu", LEXICON)
    guess = np.array([2, 3, 4, 1, 0, 0, 0, 0], np.int32)
    for step in range(4):
        stop = "stable" if step == 3 else ""
        run.append(
            frame(0, step, cells=8, guess=guess, seconds=0.5 * (step + 1), forward=0.3, readout=0.1, stop=stop)
        )
    got = speeds(run)
    assert (got.text, got.canvas, got.in_step) == pytest.approx((3 / 2.0, 8 / 2.0, 8 / 0.4))


def test_series_has_a_value_of_every_field_for_every_step():
    assert {len(v) for v in vars(series(recording(steps=7))).values()} == {7}
    assert Series.__dataclass_fields__.keys() == vars(series(recording())).keys()


def growing():
    """Three tokens of text, one more accepted every step; padding is held from the start, the end at last."""
    guess = np.array([2, 3, 4, 1, 0, 0, 0, 0], np.int32)
    run = Recording("p", Settings(), "m", "cpu", LEXICON)
    for step in range(4):
        held = np.arange(8) < step
        held[4:] = True
        stop = "stable" if step == 3 else ""
        run.append(frame(0, step, cells=8, guess=guess, ids=guess, held=held, seconds=0.5 * (step + 1), stop=stop))
    return run


def test_what_is_accepted_of_the_text_rises_and_padding_is_none_of_it():
    row = series(growing())
    assert row.accepted.tolist() == [0, 1, 2, 3]
    assert row.after.tolist() == [4, 4, 4, 5] and row.size.tolist() == [8] * 4
    assert row.written_s.tolist() == pytest.approx([0, 1, 4 / 3, 1.5])


def test_padding_between_sentences_is_no_text():
    guess = np.array([2, 0, 0, 3, 4, 1, 0, 0], np.int32)
    run = Recording("p", Settings(), "m", "cpu", LEXICON)
    for step, stop in enumerate(("", "stable")):
        run.append(
            frame(0, step, cells=8, guess=guess, ids=guess, held=np.ones(8, bool), seconds=1.0 + step, stop=stop)
        )
    row = series(run)
    assert row.accepted.tolist() == [3, 3] and row.after.tolist() == [5, 5] and run.text_tokens() == 3


def test_the_live_speed_ends_as_the_speed_of_the_run():
    """It never tells of tokens that nobody has accepted."""
    whole = growing()
    part = Recording("p", Settings(), "m", "cpu", LEXICON)
    seen = []
    for step in whole.frames:
        part.append(step)
        seen.append(speeds(part).text)
    assert seen == pytest.approx([0, 1, 4 / 3, 1.5]) and summary(whole)["text_tok_s"] == 1.5
    assert summary(whole)["text_tokens"] == whole.text_tokens() == 3


def test_canvases_add_up_and_every_moment_says_what_its_step_brought():
    run = recording(steps=4, canvases=3)
    meter, row = Meter(run), series(run)
    moments = [meter.at(index) for index in range(12)]
    assert [moment.written for moment in moments] == row.written.tolist()
    assert moments[-1].written == run.text_tokens()
    assert sum(moment.gained for moment in moments) == moments[-1].written
    assert all(moment.rate == moment.written / moment.seconds for moment in moments)
