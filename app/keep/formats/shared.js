// What every page with a player does: unpacks what is in it, and hears keys, choices and a change of its size.
const find = (id) => document.getElementById(id);
const bytes = (text) => Uint8Array.from(atob(text.trim()), (sign) => sign.charCodeAt(0));
const unpacked = async (id) => {
  const stream = new Blob([bytes(find(id).textContent)]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return JSON.parse(await new Response(stream).text());
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
