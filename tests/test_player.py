"""The playhead: live is the end of a recording that grows, play follows the clock, pause holds the denoiser."""

import pytest

from app.run import player as module
from app.run.player import Player
from engine.values.handoff import Gate
from engine.values.recording import Recording
from engine.values.settings import Settings
from samples import frame, recording


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test turns."""
    now = [100.0]
    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def player(qapp):
    player = Player()
    player.shown = []
    player.moved.connect(player.shown.append)
    yield player
    player._timer.stop()


def growing(player):
    run = Recording("p", Settings(), "m", "cpu", recording().lexicon)
    gate = Gate(Settings())
    player.begin(run, gate)
    return run, gate


def add(run, count=1):
    for _ in range(count):
        run.append(frame(0, len(run.frames)))


def test_live_shows_the_newest_frame_however_many_came(player):
    run, _ = growing(player)
    add(run, 3)
    player._tick()
    add(run, 5)
    player._tick()
    assert player.shown == [2, 7] and player.live and player.playing


def test_replay_in_real_time_follows_the_recorded_seconds(player, clock):
    run = recording(steps=6)
    player.begin(run, None)
    player.seek(0)
    player.play()
    clock[0] += run.frames[3].seconds - run.frames[0].seconds + 1e-6
    player._tick()
    assert player.index == 3
    clock[0] += 100
    player._tick()
    assert player.index == 5 and not player.playing


@pytest.mark.parametrize("speed", [1.0, 5.0, 20.0])
def test_replay_at_a_speed_counts_steps_by_the_clock_not_by_ticks(player, clock, speed):
    player.begin(recording(steps=30), None)
    player.seek(0)
    player.set_speed(speed)
    player.play()
    for _ in range(7):
        player._tick()
    assert player.index == 0
    clock[0] += 4.5 / speed
    player._tick()
    assert player.index == 4


def test_a_new_speed_goes_on_from_where_it_is(player, clock):
    player.begin(recording(steps=30), None)
    player.seek(10)
    player.set_speed(1.0)
    player.play()
    clock[0] += 2
    player._tick()
    player.set_speed(10.0)
    player._tick()
    assert player.index == 12


def test_play_at_the_end_starts_over(player, clock):
    player.begin(recording(steps=4), None)
    player.seek(3)
    player.play()
    assert player.index == 0 and player.playing


def test_a_run_that_ended_before_its_first_step_has_nothing_to_play(player):
    run, _ = growing(player)
    player.finish()
    for wish in (player.play, player.toggle, player.forward, player.back, player.first, player.go_live):
        wish()
    assert player.shown == [] and not player.playing and not run.frames


def test_pause_at_the_live_end_holds_the_denoiser_and_play_frees_it(player):
    run, gate = growing(player)
    add(run)
    player._tick()
    player.pause()
    assert gate.paused and not player.playing
    player.play()
    assert not gate.paused and player.live


def test_a_step_forward_at_the_live_end_grants_one_step(player):
    run, gate = growing(player)
    add(run)
    player._tick()
    player.step(1)
    assert gate.paused
    assert gate.ask(0, 1) is not None  # granted
    assert gate._wait() is None  # and no more
    add(run)
    player._tick()
    assert player.index == 1


def test_scrubbing_leaves_live_and_does_not_disturb_the_run(player):
    run, gate = growing(player)
    add(run, 5)
    player._tick()
    player.seek(2)
    add(run, 5)
    player._tick()
    assert player.index == 2 and not player.live and not gate.paused
    player.go_live()
    assert player.index == 9 and player.live


def test_playing_up_to_the_newest_frame_goes_live_and_wakes_a_paused_run(player, clock):
    run, gate = growing(player)
    add(run, 5)
    player._tick()
    player.pause()
    player.seek(1)
    player.play()
    clock[0] += 100
    player._tick()
    assert player.live and player.index == 4 and not gate.paused


def test_the_end_of_a_run_shows_its_last_frame(player):
    run, _ = growing(player)
    add(run, 3)
    player.finish()
    assert player.index == 2 and not player.live and not player.playing


def test_seeking_stays_within_the_recording(player):
    player.seek(3)
    assert player.index == -1
    player.begin(recording(steps=4), None)
    player.seek(99)
    assert player.index == 3
    player.seek(-5)
    assert player.index == 0


def test_speed_paces_the_denoiser(player):
    _, gate = growing(player)
    player.set_speed(2.0)
    assert gate.ask(0, 0) is not None
    assert gate._wait() > 0.3
    player.set_speed(0.0)
    assert gate._wait() == 0


def test_the_timer_rests_when_nothing_moves(player):
    player.begin(recording(), None)
    player.seek(0)
    player._timer.start()
    player._tick()
    player._tick()
    assert not player._timer.isActive()
