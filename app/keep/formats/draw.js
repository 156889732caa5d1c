"use strict";
// Draws a step of a run on a stage, as prose or as a board. Knows no time and no control.
const drawing = ({ texts, frames, seam }, stage) => {
  const [OPEN, KEPT, ACCEPTED, CHANGED, WITHDRAWN, PINNED, AFTER, END, CONTROL] = Array(9).keys();
  const LEGIBLE = 8, WORD = 3.7, TYPE = 0.6, WIDEST = 3.6, last = frames.length - 1;
  const make = (kind, look, text) => {
    const made = document.createElement(kind);
    if (look) made.className = look;
    if (text !== undefined) made.textContent = text;
    return made;
  };

  // A frame's cells. Each is one letter in `looks`, `levels` and `flags`: 1 is noise, 2 is part of a thought.
  const look = (frame, at) => frame.looks.charCodeAt(at) - 97;
  const level = (frame, at) => parseInt(frame.levels[at], 32);
  const noise = (frame, at) => (frame.flags.charCodeAt(at) & 1) === 1;
  const thought = (frame, at) => (frame.flags.charCodeAt(at) & 2) === 2;
  // How surprising a word is, where that is to be seen: its shade, and a frame around a seam.
  const odd = (frame, at) => {
    const shade = frame.odd && frame.odd[at] !== " " ? ` s${parseInt(frame.odd[at], 32)}` : "";
    return shade + (frame.odd && frame.read[at] > seam ? " seam" : "");
  };
  const word = (frame, at) => texts[frame.texts[at]];
  // Whether a control token says nothing, such as the padding between two sentences.
  const silent = (frame, at) => look(frame, at) === CONTROL && /^[\s\u200b]*$/.test(word(frame, at));

  // Prose

  const ROOM = 5.6, TIGHT = 0.75; // letters of noise that fit in a block; beyond, it is set smaller, then cut
  const block = (frame, at, kind) => {
    const signs = [...word(frame, at)], most = Math.floor(ROOM / TIGHT), made = make("span", kind);
    const cut = signs.length > most ? [...signs.slice(0, most - 1), "\u2026"] : signs;
    const inner = make("span", "", cut.join(""));
    inner.style.fontSize = `${0.5 * Math.max(TIGHT, Math.min(1, ROOM / signs.length))}em`;
    made.append(inner);
    made.dataset.at = at;
    return made;
  };
  const prose = (frame, into) => {
    let before = null, hidden = 0;
    const fold = () => {
      if (hidden) into.append(folded_up(hidden));
      hidden = 0;
    };
    for (let at = 0; at < frame.alive; at++) {
      const kind = look(frame, at);
      if (folded && thought(frame, at) && !noise(frame, at)) {
        hidden++;
        continue;
      }
      fold();
      if (!noise(frame, at) && silent(frame, at)) continue;
      const marked = kind >= ACCEPTED && kind <= PINNED ? ` m${kind}` : "";
      let made;
      if (noise(frame, at)) made = block(frame, at, `n l${level(frame, at)}${marked}`);
      else if (kind === AFTER) made = make("span", "pad");
      else if (kind === END) made = pill(frame.rest);
      else if (kind === CONTROL) made = pill(word(frame, at));
      else {
        const text = word(frame, at), joins = marked && before === kind;
        const lead = joins ? "" : text.match(/^\s*/)[0];
        if (lead) into.append(lead);
        made = make("span", `w${marked}${joins ? " a" : ""}${thought(frame, at) ? " t" : ""}${odd(frame, at)}`);
        made.append(make("span", "", text.slice(lead.length)));
        made.dataset.at = at;
      }
      made.style.setProperty("--at", at / Math.max(1, frame.alive));
      into.append(made);
      before = noise(frame, at) ? null : kind;
    }
    fold();
    if (frame.rest && look(frame, frame.alive - 1) !== END) into.append(pill(frame.rest));
  };
  const pill = (text) => {
    const made = make("span", "pill");
    made.append(make("span", "", text));
    return made;
  };
  // A thought that is folded away: how long it is, and a way to it.
  let folded = false;
  const folded_up = (count) => {
    const made = pill(`thought \u00b7 ${count} tokens`);
    made.classList.add("fold");
    return made;
  };
  // The text of a canvas that is over, and that another follows.
  const settled = (frame, into) => {
    let run = null, hidden = 0;
    const fold = () => {
      if (hidden) into.append(folded_up(hidden));
      if (hidden) run = null;
      hidden = 0;
    };
    for (let at = 0; at < frame.alive; at++) {
      const kind = look(frame, at), muted = thought(frame, at);
      if (folded && muted) {
        hidden++;
        continue;
      }
      fold();
      if (kind === END || kind === AFTER || silent(frame, at)) continue;
      if (kind === CONTROL) into.append(pill(word(frame, at)));
      else if (odd(frame, at)) {
        const text = word(frame, at), lead = text.match(/^\s*/)[0];
        into.append(lead, run = make("span", (muted ? "t" : "") + odd(frame, at), text.slice(lead.length)));
      } else if (run && run.nextSibling === null && (run.className === "t") === muted) run.append(word(frame, at));
      else into.append(run = make("span", muted ? "t" : "", word(frame, at)));
    }
    fold();
  };
  const ends = new Map(); // the last frame of every canvas
  frames.forEach((frame, index) => ends.set(frame.canvas, index));
  const written = (index, pixels) => {
    const frame = frames[index], page = make("div", frame.stop && !frame.canvas ? "prose over" : "prose");
    page.style.fontSize = `${pixels}px`;
    const column = make("div");
    column.dir = "auto";
    for (let canvas = 0; canvas < frame.canvas; canvas++) settled(frames[ends.get(canvas)], column);
    prose(frame, column);
    page.append(column);
    return page;
  };

  // The type is the largest in which what is measured fits the stage: a text that is over by itself, others as the
  // first step of their run, which needs most.
  const sizes = new Map();
  const size = (index) => {
    const key = frames[index].stop && frames[index].canvas === frames[last].canvas ? last : 0;
    const told = sizes.get(key);
    if (told) return told;
    let low = 14, high = 52;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      const page = written(key, middle);
      page.className = "prose";
      stage.replaceChildren(page);
      if (page.offsetHeight <= stage.clientHeight) low = middle;
      else high = middle - 1;
    }
    sizes.set(key, low);
    return low;
  };

  // The board

  const shape = (count, wide, high, foot) => {
    let best = null;
    for (let columns = 1; columns <= count; columns++) {
      const rows = Math.ceil(count / columns) + foot, tall = Math.min(high / rows, 100);
      const broad = Math.min(wide / columns, WIDEST * tall), type = Math.min(TYPE * tall, broad / WORD);
      if (!best || type > best.type) best = { columns, tall, broad, type };
    }
    if (best.type >= LEGIBLE) return best;
    const columns = Math.max(1, Math.floor(wide / (WORD * LEGIBLE)));
    return { columns, tall: LEGIBLE / TYPE, broad: wide / columns, type: LEGIBLE };
  };
  const board = (index) => {
    const frame = frames[index], count = Math.min(Math.max(frame.board, frame.alive), frame.looks.length);
    const rest = frame.looks.length - count, made = make("div", "board"), room = stage.clientWidth - 18;
    const form = shape(count, room, stage.clientHeight - 18, rest ? 1 : 0), gap = form.tall < 20 ? 2 : 3;
    made.style.gridTemplateColumns = `repeat(${form.columns}, ${form.broad - gap}px)`;
    made.style.gridAutoRows = `${form.tall - gap}px`;
    made.style.gap = `${gap}px`;
    for (let at = 0; at < count; at++) made.append(cell(frame, at, form));
    if (rest) {
      const foot = make("div", "c pill", frame.rest);
      foot.style.fontSize = `${0.8 * form.type}px`;
      made.append(foot);
    }
    return made;
  };
  const cell = (frame, at, form) => {
    const kind = look(frame, at), open = noise(frame, at);
    if (at >= frame.alive || kind === AFTER) return make("div", "c after");
    const marked = kind >= ACCEPTED && kind <= PINNED ? ` m${kind}` : "";
    const end = kind === END, text = end ? "end" : word(frame, at).trim() || signs(word(frame, at));
    const kinds = `l${level(frame, at)}${open ? " n" : ""}${marked}${thought(frame, at) ? " t" : ""}`;
    const made = make("div", end ? "c pill" : `c ${kinds}${frame.odd && frame.read[at] > seam ? " seam" : ""}`);
    made.append(make("span", "", text));
    const room = form.broad - 8, wide = Math.max(1, [...text].length) * (open ? 0.6 : 0.58);
    made.style.fontSize = `${Math.max(5, Math.min(form.type * (open ? 0.92 : 1), room / wide))}px`;
    if (end) made.style.gridColumn = "auto";
    made.style.setProperty("--at", at / Math.max(1, frame.alive));
    made.dataset.at = at;
    return made;
  };
  const SIGNS = { "\n": "\u23ce", "\t": "\u21e5", " ": "\u2423" };
  const signs = (text) => [...text].map((sign) => SIGNS[sign] || "").join("") || "\u00b7";

  const draw = (index, view) => {
    const made = view === "grid" ? board(index) : written(index, size(index));
    stage.replaceChildren(made);
    return made;
  };
  const fold_all = (on) => {
    folded = on;
    sizes.clear();
  };
  const thinks = frames.some((frame) => /[23]/.test(frame.flags));
  return { draw, fold: fold_all, thinks, forget: () => sizes.clear(), make, look, noise, word, signs };
};
