// What every page with a player does: unpacks what is in it, plays it, and hears keys, choices and a change of its size.
const SKIPPED = 4; // steps at most that are seen to move
const find = (id) => document.getElementById(id);
const bytes = (text) => Uint8Array.from(atob(text.trim()), (sign) => sign.charCodeAt(0));
const unpacked = async (id) => {
  const stream = new Blob([bytes(find(id).textContent)]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return JSON.parse(await new Response(stream).text());
};
const number = (value) => value === null ? "\u2013" : value.toLocaleString("en", value >= 99.5 ?
  { maximumFractionDigits: 0 } : { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const view = (frame) => {
  const chosen = find("view").value;
  return chosen === "auto" ? (frame.stop ? "prose" : "grid") : chosen;
};
const next = (choice, by, round) => {
  const box = find(choice), count = box.options.length, at = box.selectedIndex + by;
  box.selectedIndex = round ? at % count : Math.max(0, Math.min(count - 1, at));
  box.dispatchEvent(new Event("change"));
};
const obey = (keys, redraw) => {
  document.addEventListener("keydown", (event) => {
    const button = event.key === " " && event.target.closest?.("button");
    const own = button || event.target.closest?.("select, input, summary, a");
    if (own || event.ctrlKey || event.altKey || event.metaKey || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
  let waits = 0;
  addEventListener("resize", () => {
    clearTimeout(waits);
    waits = setTimeout(redraw, 100);
  });
};
// Plays by a clock, never by counted ticks, so that every frame is on show for as long as it took. Moments are numbered:
// `now` is the one that is shown, `step` the one that a step leads to, `when` the second at which one is due.
const playing = ({ view, speed }, { now, last, when, step, show, redraw, keys }) => {
  let since = null, from = 0;
  const pace = () => find("speed").disabled ? 0 : Number(find("speed").value);
  const due = (clock) => {
    const until = from + (clock - since) / 1000 * (pace() || 1);
    if (pace()) return Math.floor(until);
    let index = now();
    while (index < last() && when(index + 1) <= until) index++;
    return index;
  };
  const tick = (clock) => {
    if (since === null) return;
    show(due(clock));
    if (now() >= last()) pause();
    else requestAnimationFrame(tick);
  };
  const begin = () => {
    from = pace() ? now() : when(now());
    since = performance.now();
  };
  const label = () => { find("play").textContent = since === null ? "Play" : "Pause"; };
  const play = () => {
    if (now() >= last()) show(0);
    begin();
    label();
    requestAnimationFrame(tick);
  };
  const pause = () => {
    since = null;
    label();
  };
  const go = (index) => {
    pause();
    show(index, true);
  };
  const again = () => since !== null && begin();
  const all = {
    " ": () => since === null ? play() : pause(),
    ArrowLeft: () => go(step(-1)),
    ArrowRight: () => go(step(1)),
    Home: () => go(0),
    End: () => go(last()),
    "+": () => next("speed", 1),
    "-": () => next("speed", -1),
    g: () => next("view", 1, true),
    ...keys,
  };
  const buttons = { play: " ", first: "Home", back: "ArrowLeft", on: "ArrowRight", last: "End" };
  Object.entries(buttons).forEach(([id, key]) => find(id).addEventListener("click", all[key]));
  find("scrub").addEventListener("input", (event) => go(Number(event.target.value)));
  find("speed").addEventListener("change", again);
  find("view").addEventListener("change", redraw);
  obey(all, redraw);
  find("final").open = false;
  find("player").hidden = false;
  find("view").value = view;
  find("speed").value = String(speed);
  if (find("speed").selectedIndex < 0) find("speed").value = "0";
  return { play, pause, go, again };
};
