"use strict";
// Plays the steps that are in this page. Knows no network: what it needs is in two script elements, packed.
(async () => {
  const find = (id) => document.getElementById(id);
  const [OPEN, KEPT, ACCEPTED, CHANGED, WITHDRAWN, PINNED, AFTER, END, CONTROL] = Array(9).keys();
  const STATES = ["open: a random token", "kept", "accepted", "changed its mind", "withdrawn", "pinned by hand",
    "after the end", "the end", "a control token"];
  const LEGIBLE = 8, WORD = 3.7, TYPE = 0.6, WIDEST = 3.6, SKIPPED = 4;

  const bytes = (text) => Uint8Array.from(atob(text.trim()), (sign) => sign.charCodeAt(0));
  const unpacked = async (data) => {
    const stream = new Blob([data]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    return JSON.parse(await new Response(stream).text());
  };
  let run;
  try {
    run = await unpacked(bytes(find("steps").textContent));
  } catch {
    find("old").hidden = false;
    return;
  }
  const { texts, frames } = run, stage = find("stage"), last = frames.length - 1;
  const make = (kind, look, text) => {
    const made = document.createElement(kind);
    if (look) made.className = look;
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const number = (value) => value === null ? "\u2013" : value.toLocaleString("en", value >= 99.5 ?
    { maximumFractionDigits: 0 } : { minimumFractionDigits: 1, maximumFractionDigits: 1 });

  // A frame's cells. Each is one letter in `looks`, `levels` and `flags`: 1 is noise, 2 is part of a thought.
  const look = (frame, at) => frame.looks.charCodeAt(at) - 97;
  const level = (frame, at) => parseInt(frame.levels[at], 32);
  const noise = (frame, at) => (frame.flags.charCodeAt(at) & 1) === 1;
  const thought = (frame, at) => (frame.flags.charCodeAt(at) & 2) === 2;
  const word = (frame, at) => texts[frame.texts[at]];

  // Prose

  const ROOM = 5.6, TIGHT = 0.75; // letters of noise that fit in a block; beyond, it is set smaller, then cut
  const block = (frame, at, kind) => {
    const signs = [...word(frame, at)], most = Math.floor(ROOM / TIGHT);
    const made = make("span", kind), inner = make("span", "", signs.length > most ? `${signs.slice(0, most - 1).join("")}\u2026` : signs.join(""));
    inner.style.fontSize = `${0.5 * Math.max(TIGHT, Math.min(1, ROOM / signs.length))}em`;
    made.append(inner);
    made.dataset.at = at;
    return made;
  };
  const prose = (frame, into, own) => {
    let before = null;
    for (let at = 0; at < frame.alive; at++) {
      const kind = look(frame, at);
      const marked = kind >= ACCEPTED && kind <= PINNED ? ` m${kind}` : "";
      let made;
      if (noise(frame, at)) made = block(frame, at, `n l${level(frame, at)}${marked}`);
      else if (kind === AFTER) made = make("span", "pad");
      else if (kind === END) made = own ? pill(frame.rest) : null;
      else if (kind === CONTROL) made = pill(word(frame, at));
      else {
        const text = word(frame, at), joins = marked && before === kind;
        const lead = joins ? "" : text.match(/^\s*/)[0];
        if (lead) into.append(lead);
        made = make("span", `w${marked}${joins ? " a" : ""}${thought(frame, at) ? " t" : ""}`);
        made.append(make("span", "", text.slice(lead.length)));
        made.dataset.at = at;
      }
      if (made) {
        made.style.setProperty("--at", at / Math.max(1, frame.alive));
        into.append(made);
      }
      before = noise(frame, at) ? null : kind;
    }
    if (own && frame.rest && look(frame, frame.alive - 1) !== END) into.append(pill(frame.rest));
  };
  const pill = (text) => {
    const made = make("span", "pill");
    made.append(make("span", "", text));
    return made;
  };
  const ends = new Map(); // the last frame of every canvas
  frames.forEach((frame, index) => ends.set(frame.canvas, index));
  const written = (index, pixels) => {
    const frame = frames[index], page = make("div", frame.stop && !frame.canvas ? "prose over" : "prose");
    page.style.fontSize = `${pixels}px`;
    const column = make("div");
    column.dir = "auto";
    for (let canvas = 0; canvas < frame.canvas; canvas++) prose(frames[ends.get(canvas)], column, false);
    prose(frame, column, true);
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
    const made = make("div", end ? "c pill one" : `c l${level(frame, at)}${open ? " n" : ""}${marked}${thought(frame, at) ? " t" : ""}`);
    made.append(make("span", "", text));
    const room = form.broad - 8, wide = Math.max(1, [...text].length) * (open ? 0.6 : 0.58);
    made.style.fontSize = `${Math.max(5, Math.min(form.type * (open ? 0.92 : 1), room / wide))}px`;
    if (end) made.style.gridColumn = "auto";
    made.style.setProperty("--at", at / Math.max(1, frame.alive));
    made.dataset.at = at;
    return made;
  };
  const signs = (text) => [...text].map((sign) => ({ "\n": "\u23ce", "\t": "\u21e5", " ": "\u2423" })[sign] || "").join("") || "\u00b7";

  // What is on screen

  let shown = -1, pinned = null;
  const view = () => {
    const chosen = find("view").value;
    return chosen === "auto" ? (frames[shown].stop ? "prose" : "grid") : chosen;
  };
  const draw = (moves) => {
    const frame = frames[shown], top = stage.scrollTop;
    const made = view() === "grid" ? board(shown) : written(shown, size(shown));
    if (moves) made.classList.add(frame.stop ? "ends" : "moves");
    stage.replaceChildren(made);
    stage.scrollTop = view() === "prose" && frame.canvas && moves !== null ? Math.max(top, stage.scrollHeight) : top;
    mark();
  };
  const show = (index, said) => {
    index = Math.max(0, Math.min(last, index));
    if (index === shown) return;
    const steps = index - shown;
    const moves = shown >= 0 && steps > 0 && steps <= SKIPPED && frames[index].canvas === frames[shown].canvas;
    shown = index;
    const frame = frames[index];
    find("written").textContent = frame.written.toLocaleString("en");
    find("unit").textContent = frame.written === 1 ? "token" : "tokens";
    find("rate").textContent = number(frame.rate);
    find("seconds").textContent = number(frame.seconds);
    find("state").textContent = frame.state;
    find("bar").firstElementChild.style.width = `${100 * frame.share}%`;
    find("scrub").value = index;
    find("scrub").setAttribute("aria-valuetext", `step ${index + 1} of ${frames.length}`);
    if (said) find("said").textContent = `Step ${index + 1} of ${frames.length}: ${frame.written} tokens of the text accepted.`;
    draw(moves);
    playheads.forEach((move) => move(index));
  };

  // A cell that is pointed at

  const mark = () => {
    stage.querySelector(".on")?.classList.remove("on");
    if (pinned !== null) stage.querySelector(`[data-at="${pinned}"]`)?.classList.add("on");
    tell(pinned);
  };
  const tell = (at) => {
    const box = find("cell"), frame = frames[shown];
    if (at === null || at >= frame.looks.length) return;
    const title = make("h2", "mono", noise(frame, at) ? word(frame, at) : word(frame, at).trim() || signs(word(frame, at)));
    const nats = frame.nats ? `, ${(frame.nats[at] / 100).toFixed(2)} nats` : "";
    const parts = [title, make("p", "quiet", `cell ${at + 1}: ${STATES[look(frame, at)] ?? ""}${nats}`)];
    if (frame.top) {
      const count = frame.top.length / frame.looks.length, odds = make("div", "odds");
      for (let k = at * count; k < (at + 1) * count; k++) {
        const bar = make("i");
        bar.style.width = `${frame.odds[k] / 10}%`;
        const share = frame.odds[k] >= 1 ? `${(frame.odds[k] / 10).toFixed(1)} %` : "< 0.1 %";
        odds.append(make("span", "mono", texts[frame.top[k]]), bar, make("span", "", share));
      }
      parts.push(odds);
    }
    box.replaceChildren(...parts);
  };
  const cell_of = (event) => event.target.closest?.("[data-at]")?.dataset.at;
  stage.addEventListener("pointerover", (event) => {
    if (pinned === null && cell_of(event) !== undefined) tell(Number(cell_of(event)));
  });
  stage.addEventListener("click", (event) => {
    const at = cell_of(event);
    pinned = at === undefined || Number(at) === pinned ? null : Number(at);
    mark();
  });

  // Charts

  const SVG = "http://www.w3.org/2000/svg", playheads = [];
  const chart = (label, values, form) => {
    const known = values.filter((value) => value !== null), most = Math.max(...known, 1e-9);
    if (!known.length) return;
    const box = make("div"), title = make("p", "quiet"), picture = document.createElementNS(SVG, "svg");
    picture.setAttribute("viewBox", "0 0 100 100");
    picture.setAttribute("preserveAspectRatio", "none");
    const line = document.createElementNS(SVG, "polyline"), head = document.createElementNS(SVG, "line");
    const x = (index) => last ? 100 * index / last : 50;
    line.setAttribute("points", values.map((value, index) => value === null ? "" : `${x(index).toFixed(2)},${(97 - 94 * value / most).toFixed(2)}`).join(" "));
    head.setAttribute("y1", "0");
    head.setAttribute("y2", "100");
    picture.append(line, head);
    picture.addEventListener("click", (event) => {
      const room = picture.getBoundingClientRect();
      pause();
      show(Math.round(last * (event.clientX - room.left) / room.width), true);
    });
    box.append(title, picture);
    find("charts").append(box);
    playheads.push((index) => {
      title.textContent = `${label}: ${values[index] === null ? "\u2013" : form(values[index])}`;
      head.setAttribute("x1", x(index));
      head.setAttribute("x2", x(index));
    });
  };
  chart("tokens accepted", frames.map((frame) => frame.written), String);
  chart("mean entropy, nats", frames.map((frame) => frame.entropy), (value) => value.toFixed(3));
  chart("ms a step", frames.map((frame) => frame.took), (value) => value.toFixed(0));

  // Playing: by a clock, never by counted ticks, so that every frame is on show for as long as it took

  let since = null, from = 0;
  const speed = () => Number(find("speed").value);
  const due = (now) => {
    const passed = (now - since) / 1000;
    if (speed()) return Math.floor(from + passed * speed());
    const at = frames[0].seconds + from + passed;
    let index = shown;
    while (index < last && frames[index + 1].seconds <= at) index++;
    return index;
  };
  const place = () => { from = speed() ? shown : frames[shown].seconds - frames[0].seconds; };
  const tick = (now) => {
    if (since === null) return;
    show(due(now));
    if (shown >= last) pause();
    else requestAnimationFrame(tick);
  };
  const told = () => {
    find("play").textContent = since === null ? "Play" : "Pause";
  };
  const play = () => {
    if (shown >= last) show(0);
    place();
    since = performance.now();
    told();
    requestAnimationFrame(tick);
  };
  const pause = () => {
    since = null;
    told();
  };
  const go = (index) => {
    pause();
    show(index, true);
  };
  const again = () => {
    if (since === null) return;
    place();
    since = performance.now();
  };
  const redraw = () => {
    sizes.clear();
    if (shown >= 0) draw(null);
  };

  find("play").addEventListener("click", () => since === null ? play() : pause());
  find("first").addEventListener("click", () => go(0));
  find("back").addEventListener("click", () => go(shown - 1));
  find("on").addEventListener("click", () => go(shown + 1));
  find("last").addEventListener("click", () => go(last));
  find("scrub").addEventListener("input", (event) => go(Number(event.target.value)));
  find("speed").addEventListener("change", again);
  find("view").addEventListener("change", redraw);
  const next = (choice, by) => {
    const box = find(choice), count = box.options.length;
    box.selectedIndex = choice === "view" ? (box.selectedIndex + by) % count : Math.max(0, Math.min(count - 1, box.selectedIndex + by));
    box.dispatchEvent(new Event("change"));
  };
  const KEYS = {
    " ": () => since === null ? play() : pause(),
    ArrowLeft: () => go(shown - 1),
    ArrowRight: () => go(shown + 1),
    Home: () => go(0),
    End: () => go(last),
    "+": () => next("speed", 1),
    "-": () => next("speed", -1),
    g: () => next("view", 1),
  };
  document.addEventListener("keydown", (event) => {
    const own = event.target.closest?.("select, input, summary, a") || (event.key === " " && event.target.closest?.("button"));
    if (own || event.ctrlKey || event.altKey || event.metaKey || !KEYS[event.key]) return;
    event.preventDefault();
    KEYS[event.key]();
  });
  let waits = 0;
  addEventListener("resize", () => {
    clearTimeout(waits);
    waits = setTimeout(redraw, 100);
  });

  // The recording, for Unnoise

  if (find("recording")) {
    const link = find("save");
    link.hidden = false;
    link.download = run.name;
    link.href = "#";
    link.addEventListener("click", () => {
      const made = URL.createObjectURL(new Blob([bytes(find("recording").textContent)], { type: "application/octet-stream" }));
      link.href = made;
      setTimeout(() => {
        URL.revokeObjectURL(made);
        link.href = "#";
      }, 1000);
    });
  }

  // A step may be named at the end of the address: page.html#5

  const ramp = find("ramp");
  for (let step = 0; step < 8; step++) ramp.append(make("i", `l${Math.round(step * 31 / 7)}`));
  find("scrub").max = last;
  find("final").open = false;
  find("player").hidden = false;
  find("speed").value = String(run.speed);
  if (find("speed").selectedIndex < 0) find("speed").value = "0";
  find("view").value = run.view;
  const named = () => /^#\d+$/.test(location.hash) ? Number(location.hash.slice(1)) - 1 : null;
  addEventListener("hashchange", () => named() !== null && go(named()));
  if (named() !== null) show(named());
  else {
    show(0);
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches) play();
  }
})();
