/* Before and after: two videos that play as one, under a slider, beside each other, or the result alone. */
"use strict";

function impastoPlayer(beforeAddress, afterAddress, make) {
  const before = make("video.before", { src: beforeAddress, muted: true, playsinline: true, preload: "auto", "aria-label": "Before" });
  const after = make("video.after", { src: afterAddress, playsinline: true, preload: "auto", loop: true, "aria-label": "After" });
  before.muted = true;
  const stage = make("div.stage", {}, after, before, make("span.edge", { "aria-hidden": "true" }));
  const edge = make("input.edge-range", { type: "range", min: 0, max: 100, value: 50, "aria-label": "How much of the frame shows the clip before" });
  const seek = make("input.seek", { type: "range", min: 0, max: 1000, value: 0, "aria-label": "Place in the clip" });
  const play = make("button.quiet.play", { type: "button" }, "Play");
  const sound = make("button.quiet", { type: "button", "aria-pressed": "false" }, "Mute");
  const modes = make("div.modes", { role: "group", "aria-label": "How to compare" });
  const element = make("div.player", { "data-mode": "slider" }, stage, make("div.controls", {}, play, seek, sound), modes);
  stage.append(edge);

  for (const [mode, words] of [["slider", "Slider"], ["beside", "Side by side"], ["result", "Result"]]) {
    const button = make("button.mode", { type: "button", "aria-pressed": String(mode === "slider") }, words);
    button.addEventListener("click", () => {
      element.dataset.mode = mode;
      for (const other of modes.children) other.setAttribute("aria-pressed", String(other === button));
    });
    modes.append(button);
  }

  const cut = () => stage.style.setProperty("--share", edge.value / 100);
  edge.addEventListener("input", cut);
  cut();

  /* The clip before follows the result: it is set right where it is more than a frame or two away. */
  const follow = () => {
    if (Math.abs(before.currentTime - after.currentTime) > 0.08) before.currentTime = after.currentTime;
    if (after.duration) seek.value = Math.round((1000 * after.currentTime) / after.duration);
  };
  after.addEventListener("timeupdate", follow);
  after.addEventListener("seeked", follow);
  after.addEventListener("play", () => { before.play(); play.textContent = "Pause"; });
  after.addEventListener("pause", () => { before.pause(); play.textContent = "Play"; });
  after.addEventListener("loadedmetadata", () => stage.style.setProperty("--aspect", `${after.videoWidth} / ${after.videoHeight}`));
  play.addEventListener("click", () => (after.paused ? after.play() : after.pause()));
  seek.addEventListener("input", () => { if (after.duration) after.currentTime = (seek.value / 1000) * after.duration; });
  sound.addEventListener("click", () => {
    after.muted = !after.muted;
    sound.setAttribute("aria-pressed", String(after.muted));
  });
  return element;
}
