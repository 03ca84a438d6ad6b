"use strict";

const $ = (id) => document.getElementById(id);
const { format, set, pairs, notes: given } = JSON.parse($("pairs").textContent);
const place = `pairs ${set}`;

let notes = { ...given }; // by key: { keep, note }; a note alone is no verdict, so keep may be null
let past = []; // what to undo: place in the list, and the notes before
let at = 0;

// ---- what is kept

function recall() {
  try {
    notes = { ...notes, ...JSON.parse(localStorage.getItem(place) ?? "{}") };
    localStorage.setItem(place, JSON.stringify(notes));
  } catch {
    $("keeping").hidden = false;
  }
}

function keepNotes() {
  try {
    localStorage.setItem(place, JSON.stringify(notes));
  } catch {
    // Said at the start.
  }
}

function save() {
  const known = new Set(pairs.map((pair) => pair.key));
  const decided = Object.entries(notes).filter(([key, each]) => known.has(key) && each.keep !== null);
  const text = JSON.stringify({ format, notes: Object.fromEntries(decided) }, null, 1);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = "notes.json";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

// ---- what is shown

const isOpen = (pair) => (notes[pair.key]?.keep ?? null) === null;

function show() {
  const decided = pairs.filter((pair) => !isOpen(pair)).length;
  $("progress").max = Math.max(1, pairs.length);
  $("progress").value = decided;
  $("count").textContent = `${decided} of ${pairs.length} decided`;
  $("undo").disabled = !past.length;
  const pair = pairs[at];
  for (const id of ["keep", "drop", "back", "next", "note"]) $(id).disabled = !pair;
  if (!pair) return;
  const image = `review/${pair.key}.webp`;
  if ($("pair").getAttribute("src") !== image) {
    $("trouble").hidden = true;
    $("pair").src = image;
  }
  $("pair").alt = pair.caption;
  $("caption").textContent = pair.caption_styled || pair.caption;
  const scores = ["csd", "structure", "flicker", "agreement"].map((name) => `${name} ${pair.scores[name].toFixed(2)}`);
  $("facts").textContent = [`${at + 1} of ${pairs.length}`, pair.route, pair.style, ...scores].join(" · ");
  const keep = notes[pair.key]?.keep ?? null;
  $("verdict").textContent = keep === null ? "" : keep ? "Kept" : "Dropped";
  $("verdict").className = keep === null ? "" : keep ? "keep" : "drop";
  $("note").value = notes[pair.key]?.note ?? "";
}

// ---- what the reviewer does

function change(values) {
  const pair = pairs[at];
  if (!pair) return;
  past.push({ at, key: pair.key, before: notes[pair.key] });
  notes[pair.key] = { keep: null, note: "", ...notes[pair.key], ...values };
  keepNotes();
}

function decide(keep) {
  change({ keep });
  move(1);
}

function undo() {
  const last = past.pop();
  if (!last) return;
  if (last.before) notes[last.key] = last.before;
  else delete notes[last.key];
  at = last.at;
  keepNotes();
  show();
}

function move(step) {
  const only = $("open").checked;
  let next = at + step;
  while (only && pairs[next] && !isOpen(pairs[next])) next += step;
  if (pairs[next]) at = next;
  show();
}

const KEYS = {
  k: () => decide(true),
  d: () => decide(false),
  u: undo,
  Backspace: undo,
  ArrowLeft: () => move(-1),
  ArrowRight: () => move(1),
  n: () => $("note").focus(),
  s: save,
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target === $("note")) {
    if (event.key === "Enter" || event.key === "Escape") $("note").blur();
    return;
  }
  const action = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!action) return;
  event.preventDefault();
  if (!event.repeat) action();
});
$("note").onchange = () => {
  change({ note: $("note").value.trim() });
  show();
};
$("pair").onerror = () => ($("trouble").hidden = false);
$("keep").onclick = () => decide(true);
$("drop").onclick = () => decide(false);
$("back").onclick = () => move(-1);
$("next").onclick = () => move(1);
$("undo").onclick = undo;
$("open").onchange = () => (isOpen(pairs[at] ?? {}) || !$("open").checked ? show() : move(1));
$("save").onclick = save;

recall();
at = Math.max(0, pairs.findIndex(isOpen));
show();
