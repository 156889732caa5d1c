// Plays the steps that are in this page. Knows no network: what it needs is in two script elements, packed.
(async () => {
  const STATES = ["open: a random token", "kept", "accepted", "changed its mind", "withdrawn", "pinned by hand",
    "after the end", "the end", "a control token"];

  let run;
  try {
    run = await unpacked("steps");
  } catch {
    find("old").hidden = false;
    return;
  }
  const { texts, frames } = run, stage = find("stage"), last = frames.length - 1;
  const { draw: drawn, fold, thinks, forget, make, look, noise, word, signs } = drawing(run, stage);

  // What is on screen

  let shown = -1, pinned = null;
  const draw = (moves) => {
    const frame = frames[shown], top = stage.scrollTop, still = moves && lively.matches ? places() : null;
    const made = drawn(shown, view(frame));
    if (moves) made.classList.add(frame.stop ? "ends" : "moves");
    if (still) move(still, made);
    const follows = view(frame) === "prose" && frame.canvas && moves !== null;
    stage.scrollTop = follows ? stage.scrollHeight : top;
    mark();
  };
  // What moves: a word that gives way leaves, one that is withdrawn crumbles; when the text is done its words glide
  // from the board to their lines. Only words that stood there are seen, and nobody is shown more than they asked for.
  const lively = matchMedia("(prefers-reduced-motion: no-preference)");
  const GLIDE = { duration: 420, easing: "ease-out" };
  const places = () => {
    const room = stage.getBoundingClientRect(), cells = new Map();
    stage.querySelectorAll("[data-at]").forEach((each) => {
      const inner = each.firstElementChild ?? each, box = inner.getBoundingClientRect();
      const left = box.left - room.left + stage.scrollLeft, top = box.top - room.top + stage.scrollTop;
      const type = getComputedStyle(inner).fontSize, noise = each.classList.contains("n");
      cells.set(each.dataset.at, { left, top, type, noise, text: each.textContent });
    });
    return { cells, board: stage.querySelector(".board") !== null };
  };
  const ghost = (old, kind) => {
    const made = make("span", kind, old.text);
    Object.assign(made.style, { left: `${old.left}px`, top: `${old.top}px`, fontSize: old.type });
    stage.append(made);
    return made;
  };
  const glide = (old, place) => {
    const made = ghost(old, "ghost still"), by = `translate(${place.left - old.left}px, ${place.top - old.top}px)`;
    const moved = made.animate([{ transform: "none" }, { transform: by, opacity: .4 }], GLIDE);
    moved.onfinish = () => made.remove();
  };
  const move = (before, made) => {
    const now = places(), over = frames[shown].stop, glides = over && before.board && !now.board;
    if (glides) made.animate([{ opacity: 0 }, { opacity: 0, offset: .6 }, { opacity: 1 }], GLIDE);
    stage.querySelectorAll("[data-at]").forEach((each) => {
      const old = before.cells.get(each.dataset.at);
      if (!old || old.noise) return;
      const lost = each.classList.contains("m4");
      if (glides) glide(old, now.cells.get(each.dataset.at));
      else if (!over && (lost || each.classList.contains("m3"))) {
        const gone = ghost(old, lost ? "ghost lost" : "ghost");
        gone.addEventListener("animationend", () => gone.remove());
      }
    });
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
    const now = `Step ${index + 1} of ${frames.length}: ${frame.written} tokens of the text accepted.`;
    if (said) find("said").textContent = now;
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
    const text = word(frame, at), title = make("h2", "mono", noise(frame, at) ? text : text.trim() || signs(text));
    const nats = frame.nats ? `, ${(frame.nats[at] / 100).toFixed(2)} nats` : "";
    const parts = [title, make("p", "quiet", `cell ${at + 1}: ${STATES[look(frame, at)] ?? ""}${nats}`)];
    const read = frame.read?.[at] ?? null;
    if (read !== null) {
      parts.push(make("p", "quiet", `surprise, read from left to right: ${(read / 100).toFixed(2)} nats`));
    }
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
    if (event.target.closest?.(".fold")) return turn_over();
    const at = cell_of(event);
    pinned = at === undefined || Number(at) === pinned ? null : Number(at);
    mark();
  });

  // A thought, folded away or not

  let folds = false;
  const turn_over = () => {
    if (!thinks) return;
    fold(folds = !folds);
    draw(null);
  };

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
    const point = (value, index) => `${x(index).toFixed(2)},${(97 - 94 * value / most).toFixed(2)}`;
    line.setAttribute("points", values.map((value, index) => value === null ? "" : point(value, index)).join(" "));
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

  const redraw = () => {
    forget();
    if (shown >= 0) draw(null);
  };
  const { play, pause, go } = playing(run, {
    now: () => shown,
    last: () => last,
    when: (index) => frames[index].seconds,
    step: (by) => shown + by,
    show,
    redraw,
    keys: { t: turn_over },
  });

  // The recording, for Unnoise

  if (find("recording")) {
    const link = find("save");
    link.download = run.name;
    link.href = "#";
    link.addEventListener("click", () => {
      const data = new Blob([bytes(find("recording").textContent)], { type: "application/octet-stream" });
      const made = URL.createObjectURL(data);
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
  const named = () => /^#\d+$/.test(location.hash) ? Number(location.hash.slice(1)) - 1 : null;
  addEventListener("hashchange", () => named() !== null && go(named()));
  if (named() !== null) show(named());
  else {
    show(0);
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches) play();
  }
})();
