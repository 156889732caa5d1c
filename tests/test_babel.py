"""The load of the paint bench: noise of every script, in a vocabulary as large as that of the real model."""

import unicodedata

from app.babel import PIECES, babel


def test_a_run_of_every_script():
    run = babel(3, cells=32)
    assert len(run.lexicon.pieces) == PIECES and len(run.frames) == 3
    text = "".join(run.lexicon.piece(token) for token in range(2, PIECES, 50))
    scripts = {unicodedata.name(sign, "NONE").split()[0] for sign in text}
    assert {"LATIN", "ARABIC", "CJK", "DEVANAGARI", "HANGUL"} <= scripts and len(scripts) > 100
    assert not (run.frames[0].ids == run.frames[1].ids).all()  # every step has noise of its own
