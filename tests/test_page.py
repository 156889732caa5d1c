"""A page plays its run by itself in a real browser, asks nobody for anything, and shows text as text."""

import asyncio
import base64
import hashlib
import json
import re
import time
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from browser import PROGRAM, Browser

from app.keep.export import Order, export
from app.keep.formats import page
from engine.values import frame as frames
from engine.values.frame import Lexicon
from engine.values.picture import Picture
from engine.values.quality import LABEL, Quality
from engine.values.recording import Recording
from engine.values.turns import Conversation
from samples import CHANNELS, THINKING, WORDS, frame, recording
from widgets import cells

pytestmark = pytest.mark.usefixtures("qapp")
SAMPLE = Path(__file__).parents[1] / "assets" / "sample.unnoise"
NASTY = '</script><script>alert(1)</script><img src=x onerror="alert(2)">&lt;'
in_a_browser = pytest.mark.skipif(PROGRAM is None, reason="there is no Chromium here")


def run_of(steps=6, prompt="a fox"):
    return replace(recording(steps=steps, cells=64), prompt=prompt)


def nasty_run():
    """A prompt and tokens that a page must not obey."""
    pieces = {token: (NASTY if token > 1 else word).encode() for token, word in enumerate(WORDS)}
    run = run_of(prompt=NASTY)
    return replace(run, lexicon=Lexicon(pieces, run.lexicon.ends, run.lexicon.special), model=NASTY)


def written(run, folder, name="a.html", **options):
    asyncio.run(export(run, folder / name, Order(**options)))
    return folder / name


def steps_of(text):
    packed = re.search(r'id="steps">([^<]*)<', text)[1]
    return json.loads(zlib.decompress(base64.b64decode(packed), -15))


def test_what_is_played_is_what_was_recorded(tmp_path):
    run = run_of()
    told = steps_of(written(run, tmp_path).read_text("utf-8"))
    assert len(told["frames"]) == 6
    for told_frame, frame_ in zip(told["frames"], run.frames, strict=True):
        assert told_frame["seconds"] == pytest.approx(frame_.seconds, abs=1e-4)
        texts = [told["texts"][at].strip() for at in told_frame["texts"]]
        assert [text in {word.strip() for word in WORDS} | {"⏎", "·"} for text in texts] == [True] * 64
        noise = [int(flag) & 1 for flag in told_frame["flags"]]
        assert noise == (~frame_.settled).astype(int).tolist()
        top = [told["texts"][at] for at in told_frame["top"][:5]]
        assert top == [page.short(run.lexicon.piece(token)) for token in frame_.top_ids[0, :5]]


def test_a_page_counts_the_looks_of_cells_as_we_do():
    names = re.search(r"const \[(.*)\] = Array\((\d+)\)", page.script_of())
    ours = vars(frames) | vars(cells)
    assert [ours[name] for name in names[1].split(", ")] == list(range(int(names[2])))


def test_a_page_carries_its_run_unless_it_is_bare(tmp_path):
    run = run_of(prompt="a secret fox")
    full, bare = written(run, tmp_path), written(run, tmp_path, "b.html", bare=True)
    assert Recording.load(full).id == run.id
    text, secrets = bare.read_text("utf-8"), ("secret", run.model, "temperature", "x-unnoise-recording")
    assert [secret in full.read_text("utf-8") for secret in secrets] == [True] * 4
    assert [secret in text for secret in secrets] == [False] * 4 and run.text().strip() in text


def test_a_page_has_the_conversation_before_it(tmp_path):
    said = Conversation(system="be kind").answered("a cat", run_of().reply())
    run = replace(run_of(), before=said)
    full, bare = (written(run, tmp_path, f"{bare}.html", bare=bare).read_text("utf-8") for bare in (False, True))
    assert "be kind" in full and "a cat" in full and "be kind" not in bare and "a cat" not in bare


def test_nothing_in_a_page_is_obeyed_but_its_own_script(tmp_path):
    text = written(nasty_run(), tmp_path).read_text("utf-8")
    assert text.count("</script>") == 3 and NASTY not in text and "alert(1)&lt;/script&gt;" in text
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
    assert policy.startswith("default-src 'none'; ") and "unsafe" not in policy
    script = text[text.rindex("<script>") + 8 : text.rindex("</script>")]
    style = text[text.index("<style>") + 7 : text.index("</style>")]
    for part in (script, style):
        assert base64.b64encode(hashlib.sha256(part.encode()).digest()).decode() in policy
    assert not re.search(r"https?:(?!//www\.w3\.org/2000/svg)", re.sub(r"<script type=[^>]*>[^<]*", "", text))
    assert " style=" not in text and " onclick=" not in text


def test_a_page_of_a_usual_run_is_small(tmp_path):
    """That of the README: 48 steps of 256 cells, of the embedded model."""
    run = Recording.load(SAMPLE)
    few = run.frames
    frames = [replace(few[min(at, len(few) - 1)], step=at, stop="") for at in range(47)] + [few[-1]]
    assert len(frames[0].ids) == 256
    assert written(replace(run, frames=frames), tmp_path).stat().st_size < 1_500_000


def test_a_run_that_is_too_long_for_a_page_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(page, "CELLS", 100)
    with pytest.raises(page.ExportError, match="too long for a page"):
        written(run_of(), tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


def said(browser, name):
    return browser.run(f"document.getElementById('{name}').textContent")


@in_a_browser
def test_a_page_plays_its_run_in_a_browser(browser, tmp_path):
    run = run_of(8)
    browser.prefer(prefers_reduced_motion="no-preference")
    browser.resize(1000, 800)
    browser.asked.clear()
    path = written(run, tmp_path)
    browser.open(path)
    browser.until("document.getElementById('scrub').value === '7'")
    browser.until("document.getElementById('play').textContent === 'Play'")
    assert said(browser, "seconds") == "0.8" and said(browser, "state").startswith("Stable and confident: 8 steps")
    shown = browser.run("document.querySelector('#stage .prose > div').innerText")
    assert shown.split("\n")[0].strip() == run.text().split("\n")[0].strip()
    assert browser.asked == [path.as_uri()] and not browser.wrong


@in_a_browser
def test_keys_step_and_cells_tell_what_was_likely(browser, tmp_path):
    run = run_of()
    browser.prefer(prefers_reduced_motion="reduce")
    browser.open(written(run, tmp_path))
    browser.until("!document.getElementById('player').hidden")
    assert browser.run("document.getElementById('scrub').value") == "0"  # nothing moves by itself
    assert said(browser, "play") == "Play"
    browser.press("ArrowRight")
    browser.press("ArrowRight")
    assert "step 3 of at most" in said(browser, "state") and said(browser, "said").startswith("Step 3 of 6")
    cells = browser.run("document.querySelectorAll('#stage [data-at]').length")
    assert cells == steps_of((tmp_path / "a.html").read_text("utf-8"))["frames"][2]["alive"]
    browser.run("document.querySelector('#stage [data-at=\"0\"]').click()")
    assert "cell 1: " in said(browser, "cell") and "%" in said(browser, "cell")
    browser.press("g", "g")
    assert browser.run("document.getElementById('view').value") == "grid"
    browser.press("End")
    assert browser.run("document.querySelector('#stage').firstChild.className").startswith("board")
    browser.press("Home")
    browser.press(" ", " ")
    assert said(browser, "play") == "Pause" and not browser.wrong


@in_a_browser
def test_a_page_gives_its_recording_away(browser, tmp_path):
    run = run_of()
    browser.prefer(prefers_reduced_motion="reduce")
    browser.keep(tmp_path)
    browser.open(written(run, tmp_path))
    browser.until("!document.getElementById('player').hidden")
    browser.run("document.getElementById('save').click()")
    end = time.monotonic() + 20
    while not list(tmp_path.glob("*.unnoise")) and time.monotonic() < end:
        time.sleep(0.05)
    assert [Recording.load(path).id for path in tmp_path.glob("*.unnoise")] == [run.id] and not browser.wrong


@in_a_browser
def test_what_people_and_models_write_stays_text(browser, tmp_path):
    browser.prefer(prefers_reduced_motion="reduce")
    browser.open(written(nasty_run(), tmp_path), "#3")
    browser.until("document.querySelectorAll('#stage [data-at]').length > 0")
    assert browser.run("document.querySelector('h1').textContent") == NASTY
    assert browser.run("document.querySelectorAll('img').length") == 0
    assert browser.run("document.querySelectorAll('script').length") == 3 and not browser.wrong


@in_a_browser
def test_several_canvases_and_a_thought_are_one_text(browser, tmp_path):
    run = Recording("p", recording().settings, "m", "cpu", CHANNELS, outcome="finished")
    for canvas, ids in enumerate((THINKING[:5], THINKING[5:])):
        run.append(frame(canvas, cells=5, ids=ids, guess=ids, held=(ids == ids), stop="stable"))
    browser.open(written(run, tmp_path), "#2")
    browser.until("document.querySelectorAll('#stage .w').length > 1")
    assert "Hello there" in browser.run("document.querySelector('#stage').innerText")
    assert "user Hello model." in browser.run("document.querySelector('.thought').textContent")
    assert browser.run("document.querySelectorAll('#stage .t').length") >= 2 and not browser.wrong


@in_a_browser
def test_a_thought_is_folded_and_unfolded(browser, tmp_path):
    run = Recording("p", recording().settings, "m", "cpu", CHANNELS, outcome="finished")
    run.append(frame(cells=10, ids=THINKING, guess=THINKING, held=(THINKING == THINKING), stop="stable"))
    browser.prefer(prefers_reduced_motion="reduce")
    browser.open(written(run, tmp_path), "#1")
    stage = "document.querySelector('#stage').innerText"
    browser.until("document.querySelectorAll('#stage .w').length > 1")
    assert "Hello model" in browser.run(stage)
    browser.press("t", "t")
    assert "Hello model" not in browser.run(stage) and "Hello there" in browser.run(stage)
    assert "tokens" in browser.run("document.querySelector('#stage .fold').textContent")
    browser.run("document.querySelector('#stage .fold').click()")
    assert "Hello model" in browser.run(stage)
    assert browser.run("document.querySelector('details.thought > summary').textContent") == "Thought"
    assert not browser.wrong


def pictured(agreed):
    small = np.full((20, 30, 3), 200, np.uint8)
    return replace(run_of(), pictures=(Picture(300, 200, small=small),), thumbnails=agreed)


@in_a_browser
def test_small_pictures_are_in_a_page_if_somebody_agreed(browser, tmp_path):
    size = "document.querySelector('.pictures img')?.naturalWidth ?? 0"
    for agreed, bare, wide in ((True, False, 30), (False, False, 0), (True, True, 0)):
        path = written(pictured(agreed), tmp_path, f"{agreed}{bare}.html", bare=bare)
        browser.asked.clear()
        browser.open(path)
        browser.until(f"({size}) === {wide}")
        assert ("img-src data:" in path.read_text("utf-8")) == bool(wide)
        assert all(asked == path.as_uri() or asked.startswith(("data:", "about:")) for asked in browser.asked)
    assert not browser.wrong


@in_a_browser
def test_a_cell_tells_how_surprising_it_is_where_that_was_read(browser, tmp_path):
    run = run_of()
    nats = np.where(np.arange(64) == 2, np.nan, 1.25).astype(np.float32)
    browser.prefer(prefers_reduced_motion="reduce")
    browser.open(written(replace(run, quality=Quality(nats)), tmp_path), "#6")
    browser.until("document.querySelectorAll('#stage [data-at]').length > 2")
    told = []
    for at in (0, 2):
        browser.run(f"document.querySelector('#stage [data-at=\"{at}\"]').click()")
        told.append("read from left to right: 1.25 nats" in said(browser, "cell"))
    browser.press("Home")
    assert told == [True, False] and "left to right" not in said(browser, "cell") and not browser.wrong


@in_a_browser
def test_words_have_the_colour_of_their_surprise_where_that_is_wished(browser, tmp_path):
    run = run_of()
    nats = np.where(np.arange(64) == 3, 9.0, np.where(np.arange(64) < 2, 5.0, 0.1)).astype(np.float32)
    run = replace(run, quality=Quality(nats))
    browser.prefer(prefers_reduced_motion="reduce")
    shades, seams = 'document.querySelectorAll(\'[class*=" s"][data-at]:not([class$=" s"])\').length', ".seam"
    for wished in (False, True):
        path = written(run, tmp_path, f"{wished}.html", surprise=wished)
        browser.open(path, "#6")
        browser.until("document.querySelectorAll('#stage [data-at]').length > 2")
        assert (browser.run(shades) > 0) == wished
        assert browser.run(f"document.querySelectorAll('{seams}').length") == int(wished)
        assert (LABEL in said(browser, "legend")) == wished
        browser.press("Home")
        assert browser.run(f"document.querySelectorAll('{seams}').length") == 0, "that is another text"
    assert not browser.wrong


@in_a_browser
def test_words_leave_and_glide_unless_less_motion_is_asked_for(browser, tmp_path):
    run, ghosts = run_of(), "document.querySelectorAll('.ghost').length"
    frames_ = [replace(each, held=np.ones(64, bool)) for each in run.frames]  # so that words are there to glide
    run = replace(run, frames=frames_)
    for wish, many in (("no-preference", True), ("reduce", False)):
        browser.prefer(prefers_reduced_motion=wish)
        browser.open(written(run, tmp_path), "#5")
        browser.until("document.querySelectorAll('#stage [data-at]').length > 2")
        browser.press("ArrowRight")
        assert (browser.run(ghosts) > 0) == many
        browser.until(f"{ghosts} === 0")
    assert not browser.wrong


@in_a_browser
def test_without_scripts_the_text_is_there(browser, tmp_path):
    run = run_of()
    path = written(run, tmp_path)
    browser("Emulation.setScriptExecutionDisabled", value=True)
    browser.open(path)
    browser("Emulation.setScriptExecutionDisabled", value=False)
    shown = browser.run("document.body.innerText")
    assert run.text().split("\n")[0].strip() in shown and "allow this page to run its script" in shown
    assert browser.run("document.getElementById('player').hidden")


@in_a_browser
def test_a_phone_has_nothing_to_scroll_sideways(browser, tmp_path):
    browser.resize(360, 740, phone=True)
    for at in ("#2", "#6"):
        browser.open(written(run_of(prompt="w" * 300), tmp_path), at)
        browser.until("document.querySelectorAll('#stage [data-at]').length > 0")
        assert browser.run("document.documentElement.scrollWidth") <= 360
        assert browser.run("(stage => stage.scrollWidth <= stage.clientWidth)(document.getElementById('stage'))")
    assert not browser.wrong


@in_a_browser
def test_light_and_dark_follow_the_system(browser, tmp_path):
    path, grounds = written(run_of(), tmp_path), []
    for scheme in ("light", "dark"):
        browser.prefer(prefers_color_scheme=scheme)
        browser.open(path)
        grounds.append(browser.run("getComputedStyle(document.body).backgroundColor"))
    assert grounds == ["rgb(243, 244, 247)", "rgb(14, 17, 23)"]
