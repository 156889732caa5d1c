// Plays two runs side by side. Knows no network: what it needs is in script elements, packed.
(async () => {
  let runs, told;
  try {
    runs = [await unpacked("steps-a"), await unpacked("steps-b")];
    told = await unpacked("both");
  } catch {
    find("old").hidden = false;
    return;
  }
  const TICKS = 100, counts = runs.map((run) => run.frames.length);
  const sides = runs.map((run, at) => {
    const box = find(`side-${"ab"[at]}`), stage = box.querySelector(".stage");
    return { run, box, stage, shown: -1, ...drawing(run, stage) };
  });

  // What holds both together: how many moments there are, when each is, and which frames stand there

  const seconds = (run, index) => run.frames[Math.min(index, run.frames.length - 1)].seconds;
  const paced = (at) => ({ paced: true, count: Math.max(...counts), at,
    when: (index) => Math.max(...runs.map((run) => seconds(run, index))) });
  const until = (frames, moment) => {
    let low = 0, high = frames.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (frames[middle].seconds <= moment) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  };
  const ends = Math.max(...runs.map((run, at) => seconds(run, counts[at] - 1)));
  const LINES = {
    step: paced((index) => counts.map((count) => Math.min(index, count - 1))),
    share: paced((index) => counts.map((count) => Math.round(index / Math.max(1, Math.max(...counts) - 1) *
      (count - 1)))),
    clock: { paced: false, count: Math.floor(ends * TICKS) + 2, when: (index) => index / TICKS,
      at: (index) => runs.map((run) => until(run.frames, index / TICKS)) },
  };
  const line = () => LINES[find("lock").value];

  // What is on screen

  let now = -1;
  const draw = (side, index, moves) => {
    const frame = side.run.frames[index];
    side.shown = index;
    if (!frame) {
      side.stage.replaceChildren(side.make("p", "quiet", "Reading the prompt\u2026"));
      side.box.querySelector(".measured").textContent = "";
      return;
    }
    const made = side.draw(index, view(frame));
    if (moves) made.classList.add(frame.stop ? "ends" : "moves");
    const numbers = [frame.state, `${frame.seconds.toFixed(2)} s`, `${number(frame.rate)} tok/s`];
    side.box.querySelector(".measured").textContent = numbers.join("  \u00b7  ");
  };
  const differ = () => {
    const frames = sides.map((side) => side.run.frames[side.shown]);
    if (frames.some((frame) => !frame)) return;
    const over = sides.every((side, at) => side.shown === counts[at] - 1);
    const settled = (side, frame, at) => at < frame.alive && !side.noise(frame, at);
    sides.forEach((side, me) => side.stage.querySelectorAll("[data-at]").forEach((cell) => {
      const at = Number(cell.dataset.at), other = 1 - me;
      const there = frames[0].canvas === frames[1].canvas && sides.every((each, i) => settled(each, frames[i], at));
      const apart = over ? told.marks[me].includes(at) :
        there && side.word(frames[me], at).trim() !== sides[other].word(frames[other], at).trim();
      cell.classList.toggle("d", apart);
    }));
    find("note").textContent = over ? told.note : "Dotted: cells in which both have settled on something else.";
  };
  const show = (index, said) => {
    index = Math.max(0, Math.min(line().count - 1, index));
    const at = line().at(index);
    now = index;
    sides.forEach((side, i) => {
      if (side.shown === at[i] && side.stage.firstChild) return;
      const steps = at[i] - side.shown, before = side.run.frames[side.shown], frame = side.run.frames[at[i]];
      draw(side, at[i], before && frame && steps > 0 && steps <= SKIPPED && before.canvas === frame.canvas);
    });
    differ();
    find("scrub").value = index;
    const where = at.map((each, i) => `${"AB"[i]}: step ${each + 1} of ${counts[i]}`).join(", ");
    find("scrub").setAttribute("aria-valuetext", where);
    if (said) find("said").textContent = where;
  };
  const redraw = () => {
    sides.forEach((side) => {
      side.forget();
      side.shown = -2;
    });
    show(now);
  };

  // Playing

  const step = (by) => {
    let index = now;
    const at = () => line().at(index).join();
    const here = at();
    do index += by; while (index > 0 && index < line().count - 1 && at() === here);
    return index;
  };
  const relock = () => {
    const at = sides.map((side) => side.shown), most = counts[0] >= counts[1] ? 0 : 1;
    const ended = sides.every((side, i) => side.shown === counts[i] - 1);
    let index = 0;
    while (index < line().count - 1 && line().at(index)[most] < at[most]) index++;
    find("scrub").max = line().count - 1;
    find("speed").disabled = !line().paced;
    show(ended ? line().count - 1 : index);
    again();
  };
  const swap = () => find("two").append(find("two").firstElementChild);
  const { play, again } = playing(runs[0], {
    now: () => now,
    last: () => line().count - 1,
    when: (index) => line().when(index),
    step,
    show,
    redraw,
    keys: { h: () => next("lock", 1, true), x: swap },
  });

  find("lock").addEventListener("change", relock);
  find("swap").addEventListener("click", swap);
  find("lock").value = told.lock;
  if (told.swapped) swap();
  relock();
  if (!matchMedia("(prefers-reduced-motion: reduce)").matches) play();
})();
