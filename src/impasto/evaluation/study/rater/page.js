"use strict";

const FORMAT = "study-ratings 1";
const STEP_MS = 100; // how often the videos are brought in step
const APART = 0.08; // seconds that they may drift before

const $ = (id) => document.getElementById(id);
const study = JSON.parse($("study").textContent);
const rater = Number(new URLSearchParams(location.search).get("rater"));
const trials = study.raters[rater - 1];
const steps = trials ? trials.length * study.questions.length : 0;
const place = `study ${study.study} rater ${rater}`;

let ratings = []; // one for each step so far: every question of a pair, then the next pair
let shown = -1; // number of the pair on the screen
let since = null; // when the question was put; null while its pictures load
let videos = []; // of the pair on the screen; the first one leads

// ---- what is kept

function recall() {
  try {
    ratings = JSON.parse(localStorage.getItem(place)) ?? [];
    localStorage.setItem(place, JSON.stringify(ratings));
  } catch {
    $("keeping").textContent = "This browser keeps nothing: please answer all in one go, without closing the page.";
  }
}

function keep() {
  try {
    localStorage.setItem(place, JSON.stringify(ratings));
  } catch {
    // Said at the start; the answers are still here to be saved at the end.
  }
}

function save() {
  const held = { format: FORMAT, study: study.study, rater, ratings };
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(held, null, 1)], { type: "application/json" }));
  link.download = `ratings-${rater}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

// ---- what is shown

function turnTo(id) {
  for (const main of document.querySelectorAll("main")) main.hidden = main.id !== id;
}

function show() {
  if (ratings.length >= steps) {
    videos.forEach((video) => video.pause());
    shown = -1;
    turnTo("end");
    return;
  }
  turnTo("trial");
  const trial = Math.floor(ratings.length / study.questions.length);
  $("question").textContent = study.questions[ratings.length % study.questions.length];
  $("progress").max = trials.length;
  $("progress").value = trial;
  $("count").textContent = `${trial + 1} of ${trials.length}`;
  $("undo").disabled = !ratings.length;
  if (trial !== shown) load(trial);
  else begin();
}

function load(trial) {
  shown = trial;
  answerable(null);
  $("trouble").hidden = true;
  const media = ["left", "right", "source", "style"].flatMap((part) => {
    const file = trials[trial][part];
    $(part).parentElement.hidden = !file;
    const element = file ? picture(file) : null;
    $(part).replaceChildren(...(element ? [element] : []));
    return element ? [element] : [];
  });
  videos = media.filter((element) => element.tagName === "VIDEO");
  $("player").hidden = !videos.length;
  Promise.all(media.map(loaded)).then(
    () => trial === shown && (play(), begin()),
    () => trial === shown && ($("trouble").hidden = false),
  );
}

function picture(file) {
  const element = document.createElement(file.endsWith(".mp4") ? "video" : "img");
  Object.assign(element, { muted: true, playsInline: true, preload: "auto", alt: "", src: file });
  return element;
}

function loaded(element) {
  return new Promise((resolve, reject) => {
    element.onerror = reject;
    element.onload = element.oncanplay = resolve;
    if (element.load) element.load(); // phones wait with loading otherwise
  });
}

function begin() {
  answerable(performance.now());
}

function answerable(time) {
  since = time;
  for (const button of $("answers").children) button.disabled = time === null;
}

// ---- the videos in step

function play() {
  for (const video of videos) video.play().catch(() => {}); // a browser may want a touch first: the button is there
}

function pause() {
  for (const video of videos) video.pause();
}

function seek(time) {
  for (const video of videos) video.currentTime = Math.min(time, video.duration || 0);
}

function keepInStep() {
  const [leader, ...others] = videos;
  if (!leader || $("trial").hidden) return;
  $("play").classList.toggle("playing", !leader.paused);
  $("seek").value = leader.currentTime / (leader.duration || 1);
  if (leader.ended) {
    seek(0);
    play();
  } else {
    for (const video of others) {
      const time = Math.min(leader.currentTime, video.duration || 0);
      if (Math.abs(video.currentTime - time) > APART) video.currentTime = time;
    }
  }
}

// ---- what the rater does

function answer(word) {
  if (since === null || $("trial").hidden) return;
  ratings.push({
    trial: shown,
    question: ratings.length % study.questions.length,
    answer: word,
    seconds: Math.round(performance.now() - since) / 1000,
    at: new Date().toISOString(),
  });
  keep();
  show();
}

function undo() {
  if (!ratings.length) return;
  ratings.pop();
  keep();
  show();
}

function playOrPause() {
  if (videos[0]?.paused) play();
  else pause();
}

const KEYS = {
  ArrowLeft: () => answer("left"),
  ArrowRight: () => answer("right"),
  ArrowDown: () => answer("equal"),
  "=": () => answer("equal"),
  u: undo,
  Backspace: undo,
  " ": playOrPause,
};

document.addEventListener("keydown", (event) => {
  const action = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if ($("trial").hidden || !action || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault(); // the arrows would move the slider, the space bar would press a button
  if (!event.repeat) action();
});
for (const button of $("answers").children) button.onclick = () => answer(button.dataset.answer);
for (const button of document.querySelectorAll(".save")) button.onclick = save;
$("undo").onclick = $("back").onclick = undo;
$("play").onclick = playOrPause;
$("seek").oninput = () => seek($("seek").value * (videos[0]?.duration || 0));
$("begin").onclick = show;

if (trials) {
  recall();
  setInterval(keepInStep, STEP_MS);
  $("amount").textContent = trials.length;
  $("file").textContent = `ratings-${rater}.json`;
  if (ratings.length) $("begin").textContent = "Go on";
  turnTo("start");
} else {
  turnTo("unknown");
}
