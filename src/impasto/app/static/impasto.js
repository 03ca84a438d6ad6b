/* The widgets of the page. Each is `impasto.NAME(element, props)`: it fills the element, and sets `props.value` to what
   the visitor chose. All that is sent and fetched goes through the HTTP API (docs/serve.md). Texts that come from
   visitors are only ever set as text, never as HTML. */
"use strict";

const impasto = (() => {
  /* An element: `make("button.quiet", {type: "button"}, "Cancel")`. */
  function make(kind, attributes = {}, ...children) {
    const [tag, ...classes] = kind.split(".");
    const element = document.createElement(tag);
    classes.forEach((name) => element.classList.add(`im-${name}`));
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (value === true) element.setAttribute(name, "");
      else if (value !== false && value != null) element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  }

  async function ask(path, options = {}) {
    const answer = await fetch(path, options);
    if (answer.status === 204) return null;
    const told = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(told.error || "The server could not do this.");
    return told;
  }

  function tell(name, detail) {
    document.dispatchEvent(new CustomEvent(`impasto:${name}`, { detail }));
  }

  const limits = ask("/api/limits");
  const styles = ask("/api/styles");

  /* Seconds as 0:09.6, or as 1:05 from a minute on. */
  function clock(seconds) {
    const parts = seconds < 59.95 ? 10 : 1;
    const count = Math.round(parts * seconds);
    const rest = ((count % (60 * parts)) / parts).toFixed(parts === 10 ? 1 : 0);
    return `${Math.floor(count / (60 * parts))}:${rest.padStart(parts === 10 ? 4 : 2, "0")}`;
  }

  /* The same to the millisecond, never later than it is: the time of a frame. */
  function moment(seconds) {
    const rest = Math.floor(1000 * (seconds % 60)) / 1000;
    return `${Math.floor(seconds / 60)}:${rest.toFixed(3).padStart(6, "0")}`;
  }

  function bytes(count) {
    return count >= 1e9 ? `${(count / 1e9).toFixed(1)} GB` : `${Math.max(0.1, count / 1e6).toFixed(1)} MB`;
  }

  /* Send a file; `progress(share)` is called on the way. Fetch cannot tell how far an upload is. */
  function upload(file, kind, name, progress) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("POST", `/api/uploads?kind=${kind}&name=${encodeURIComponent(name)}`);
      request.responseType = "json";
      request.upload.onprogress = (event) => progress(event.loaded / event.total);
      request.onload = () =>
        request.status === 201
          ? resolve(request.response)
          : reject(new Error(request.response?.error || "The server did not take this file."));
      request.onerror = () => reject(new Error("The server broke off; is the file too large?"));
      request.send(file);
    });
  }

  /* A place to drop files or to choose them; `take(upload)` gets each that the server took. */
  const ACCEPTED = { clip: "video/*,.mkv,.mov", picture: "image/*", either: "image/*,video/*,.mkv,.mov" };

  function dropZone(kind, words, hint, many, take) {
    const status = make("p.status", { role: "status" });
    const input = make("input.file", { type: "file", accept: ACCEPTED[kind], multiple: many });
    const kindOf = (file) => (kind !== "either" ? kind : file.type.startsWith("image/") ? "picture" : "clip");
    const zone = make("label.drop", {}, input, make("span.drop-words", {}, words), make("small", {}, hint));
    async function send(files) {
      for (const file of many ? files : [...files].slice(0, 1)) {
        status.classList.remove("im-error");
        zone.classList.add("im-busy");
        try {
          const limit = await limits;
          if (file.size > limit.upload_megabytes * 1e6) {
            throw new Error(`${file.name} is larger than the ${limit.upload_megabytes} MB that are taken here.`);
          }
          take(
            await upload(file, kindOf(file), file.name || "recording.webm", (share) => {
              status.textContent = share < 1 ? `Sending: ${Math.round(100 * share)}%` : "Looking at it…";
            }),
          );
          status.textContent = "";
        } catch (error) {
          status.textContent = error.message;
          status.classList.add("im-error");
        }
        zone.classList.remove("im-busy");
      }
      input.value = "";
    }
    input.addEventListener("change", () => send([...input.files]));
    zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("im-over"); });
    zone.addEventListener("dragleave", () => zone.classList.remove("im-over"));
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      zone.classList.remove("im-over");
      send([...event.dataTransfer.files]);
    });
    return { zone, status, send };
  }

  function clip(element, props) {
    const chosen = make("div.chosen");
    const { zone, status, send } = dropZone("clip", "Drop a clip here, or choose one", "", false, take);
    const record = make("button.quiet", { type: "button", onclick: () => camera(record, status, send) }, "Record with the camera");
    limits.then((limit) => {
      zone.querySelector("small").textContent =
        `A video of up to ${limit.clip_seconds >= 120 ? `${Math.round(limit.clip_seconds / 60)} minutes` : `${limit.clip_seconds} seconds`}` +
        ` and ${limit.upload_megabytes} MB`;
    });
    function take(told) {
      props.value = told.id;
      const facts = [`${told.width}×${told.height}`, clock(told.seconds), `${told.fps} fps`, told.sound ? "with sound" : "silent"];
      if (told.shots.length > 1) facts.push(`${told.shots.length} shots`);
      chosen.replaceChildren(
        make("img", { src: `/api/uploads/${told.id}/poster`, alt: "First frame of your clip" }),
        make("div", {}, make("strong", {}, told.title), make("p", {}, facts.join(" · ")), ...told.notes.map((note) => make("p", {}, note))),
      );
      zone.classList.add("im-small");
      zone.querySelector("span").textContent = "Drop another, or choose one";
      tell("clip", told);
    }
    element.append(chosen, zone, make("div.beside", {}, record), status);
  }

  /* Record from the camera until the button is pressed again. */
  async function camera(button, status, send) {
    if (button.recorder) {
      button.recorder.stop();
      return;
    }
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: true, audio: true });
    } catch {
      status.textContent = "The camera may not be used by this page; allow it in the browser.";
      return;
    }
    const parts = [];
    const view = make("video.camera", { muted: true, autoplay: true, playsinline: true, "aria-label": "Camera" });
    view.srcObject = stream;
    button.before(view);
    button.recorder = new MediaRecorder(stream);
    button.recorder.ondataavailable = (event) => parts.push(event.data);
    button.recorder.onstop = () => {
      stream.getTracks().forEach((track) => track.stop());
      view.remove();
      button.recorder = null;
      button.textContent = "Record with the camera";
      send([new File(parts, "recording.webm")]);
    };
    button.recorder.start();
    button.textContent = "Stop recording";
  }

  async function gallery(element, props) {
    const chosen = new Set();
    const list = make("div.gallery");
    const said = make("p.status", { role: "status" }, "Choose one, or several to mix them.");
    const filter = make("input.filter", {
      type: "search",
      placeholder: "Find a painter or a picture",
      "aria-label": "Find a painter or a picture",
      oninput: () => {
        const words = filter.value.toLowerCase().split(/\s+/);
        for (const item of list.children) item.hidden = !words.every((word) => item.dataset.words.includes(word));
      },
    });
    element.append(filter, make("fieldset.plain", {}, make("legend.hidden", {}, "Paintings"), list), said);
    const all = await styles;
    const titles = Object.fromEntries(all.map((style) => [style.name, style.title]));
    for (const style of all) {
      const box = make("input", {
        type: "checkbox",
        value: style.name,
        onchange: () => {
          if (box.checked) chosen.add(style.name);
          else chosen.delete(style.name);
          props.value = [...chosen];
          const names = [...chosen].map((name) => titles[name]);
          said.textContent = names.length ? names.join(" + ") : "Choose one, or several to mix them.";
        },
      });
      const picture = make("img", { src: style.preview, alt: "", loading: "lazy", width: 240, height: 135 });
      const words = make("span.caption", {}, make("b", {}, style.title), make("i", {}, style.artist));
      const item = make("label.style", { "data-words": `${style.title} ${style.artist} ${style.name}`.toLowerCase(), title: style.licence }, box, picture, words);
      list.append(item);
    }
  }

  /* Uploaded pictures with a button to take each away; the value is the list of ids, or the one id. */
  function pictureList(element, props, kind, words, hint, many) {
    const shown = make("ul.pictures");
    const { zone, status } = dropZone(kind, words, hint, many, (told) => {
      if (!many) shown.replaceChildren();
      const remove = make("button.quiet", { type: "button", "aria-label": `Take ${told.title} away`, onclick: () => { item.remove(); keep(); } }, "×");
      const item = make("li", { "data-id": told.id }, make("img", { src: `/api/uploads/${told.id}/poster`, alt: told.title }), remove);
      shown.append(item);
      keep();
    });
    function keep() {
      const ids = [...shown.children].map((item) => item.dataset.id);
      props.value = many ? ids : ids[0] || null;
    }
    if (!many) zone.classList.add("im-low");
    element.append(shown, zone, status);
  }

  function pictures(element, props) {
    pictureList(element, props, "picture", "Drop style pictures here, or choose some", "A painting, a photo, a drawing; several are mixed", true);
  }

  function mask(element, props) {
    pictureList(element, props, "either", "Mask: drop a picture or a video, or choose one", "White is repainted, black stays; a video goes frame by frame with the clip", false);
  }

  /* Painted frames that were kept or dropped here, each with the time of its frame. */
  function paintings(element, props, watch) {
    const shown = make("ul.pictures");
    const { zone, status } = dropZone("picture", "Painted elsewhere? Drop frames here, or choose some", "Each repaints the frame at its time", true, (told) => add("0:00", told.id));
    zone.classList.add("im-low");
    function add(time, picture) {
      props.value = [...(props.value || []), { time, picture }];
      show();
    }
    function show() {
      const kept = props.value || [];
      shown.replaceChildren(...kept.map((each, number) => {
        const set = (changed) => { props.value = kept.flatMap((other) => (other === each ? changed : [other])); show(); };
        const name = `painted frame ${number + 1}`;
        const time = make("input.time", { value: each.time, maxlength: 20, "aria-label": `Time of ${name}`, onchange: () => set([{ ...each, time: time.value.trim() }]) });
        const remove = make("button.quiet", { type: "button", "aria-label": `Take ${name} away`, onclick: () => set([]) }, "×");
        return make("li", {}, make("img", { src: `/api/uploads/${each.picture}/poster`, alt: `Painted frame for ${each.time}` }), remove, time);
      }));
    }
    document.addEventListener("impasto:clip", () => { props.value = []; show(); });
    document.addEventListener("impasto:painted", ({ detail }) => add(detail.time, detail.picture));
    watch("value", show);
    element.append(shown, zone, status);
  }

  /* Shots of the clip with a style, words and a painted first frame for each; not there where the clip has one shot only. */
  function shots(element, props) {
    document.addEventListener("impasto:clip", async ({ detail }) => {
      props.value = [];
      element.replaceChildren();
      if (detail.shots.length < 2) return;
      const all = await styles;
      const rows = detail.shots.map((shot, number) => {
        const choice = make("select", { "aria-label": `Style of shot ${number + 1}` }, make("option", { value: "" }, "as above"));
        for (const style of all) choice.append(make("option", { value: style.name }, `${style.title}, ${style.artist}`));
        choice.addEventListener("change", keep);
        const words = make("input.words", { "aria-label": `Words for shot ${number + 1}`, placeholder: "in words", maxlength: 500, onchange: keep });
        const time = `${clock(shot.start_time)} – ${clock(shot.stop_time)}`;
        const { zone, status } = dropZone("picture", "Painted…", "", false, (told) => {
          tell("painted", { time: moment(shot.start_time), picture: told.id });
          status.textContent = "Kept under Brush.";
        });
        zone.classList.add("im-small");
        zone.querySelector("input").setAttribute("aria-label", `Painted first frame of shot ${number + 1}`);
        const cells = [[time], [choice, words]].map((cell) => make("td", {}, ...cell));
        return { shot, choice, words, row: make("tr", {}, make("th", { scope: "row" }, `${number + 1}`), ...cells, make("td", {}, zone, status)) };
      });
      function keep() {
        const said = rows.map(({ shot, choice, words }) => ({
          start: shot.start, stop: shot.stop, style: choice.value || null, prompt: words.value.trim() || null,
        }));
        props.value = said.some((shot) => shot.style || shot.prompt) ? said : [];
      }
      const head = make("thead", {}, make("tr", {}, ...["Shot", "Time", "Style or words", "First frame"].map((name) => make("th", { scope: "col" }, name))));
      const table = make("table.shots", {}, head, make("tbody", {}, ...rows.map(({ row }) => row)));
      element.append(make("h3", {}, `${rows.length} shots, each with a look of its own if you like`), table);
    });
  }

  const SAYS = { waiting: "waiting", running: "painting", done: "done", failed: "failed", cancelled: "cancelled" };

  /* The visitor's runs: polled while one is open, each shown as a card that is made anew when its state changes. */
  function jobs(element) {
    const cards = new Map();
    const list = make("div.jobs");
    const empty = make("p.empty", {}, "Nothing yet. What you start is shown here, and stays when you come back.");
    const status = make("p.status", { role: "status" });
    element.append(empty, list, status);
    let timer = 0;
    async function look() {
      clearTimeout(timer);
      let pause = 4000;
      try {
        const told = await ask("/api/jobs");
        status.textContent = "";
        show(told);
        if (told.some((job) => job.state === "waiting" || job.state === "running")) pause = 1000;
      } catch {
        status.textContent = "The server does not answer; trying again…";
      }
      timer = setTimeout(look, pause);
    }
    function show(told) {
      empty.hidden = told.length > 0;
      const known = new Set(told.map((job) => job.id));
      for (const [id, card] of cards) if (!known.has(id)) { card.element.remove(); cards.delete(id); }
      told.forEach((job, place) => {
        let card = cards.get(job.id);
        if (!card || card.state !== job.state) {
          const fresh = makeCard(job);
          card?.element.replaceWith(fresh.element);
          cards.set(job.id, (card = fresh));
        }
        card.update(job);
        if (list.children[place] !== card.element) list.insertBefore(card.element, list.children[place] || null);
      });
    }
    document.addEventListener("impasto:changed", look);
    look();
  }

  function makeCard(job) {
    const act = (method, path) => async () => { await ask(path, { method }).catch(() => {}); changed(); };
    const detail = make("p.detail");
    const badge = make("span.badge", {}, SAYS[job.state]);
    const buttons = make("div.buttons");
    const element = make(`article.job.${job.state}`, { "data-id": job.id, "aria-label": `${job.title}, ${SAYS[job.state]}` },
      make("div.job-head", {}, make("h3", {}, job.title), badge), make("p.summary", {}, job.summary));
    const path = `/api/jobs/${job.id}`;
    let update = () => {};
    if (job.state === "running") {
      const preview = make("img.preview", { alt: "The frame that was painted last", hidden: true });
      const bar = make("progress", { max: 1, value: 0, "aria-label": `Progress of ${job.title}` });
      element.append(preview, bar, detail);
      update = (now) => {
        bar.value = now.fraction;
        detail.textContent = [now.task, now.detail].filter(Boolean).join(": ");
        if (now.preview) {
          const next = new Image();
          next.onload = () => { preview.src = next.src; preview.hidden = false; };
          next.src = `${path}/preview?t=${Date.now()}`;
        }
      };
    } else if (job.state === "waiting") {
      element.append(detail);
      update = (now) => { detail.textContent = now.before ? `${now.before} before it` : "It is the next."; };
    } else if (job.state === "failed") {
      element.append(make("p.detail.error", {}, job.reason));
    } else if (job.state === "done") {
      element.append(impastoPlayer(`${path}/before`, `${path}/result`, make));
      element.append(make("p.detail", {}, `${job.frames} frames in ${clock(job.seconds)} · ${bytes(job.bytes)}`));
      for (const note of job.notes) element.append(make("p.detail", {}, note));
      buttons.append(make("a.button", { href: `${path}/result?download=true`, download: true }, "Download"));
    }
    if (job.state === "waiting" || job.state === "running") {
      buttons.append(make("button.quiet", { type: "button", onclick: act("POST", `${path}/cancel`) }, "Cancel"));
    } else {
      buttons.append(make("button.quiet", { type: "button", onclick: act("DELETE", path) }, "Remove"));
    }
    element.append(buttons);
    return { element, state: job.state, update };
  }

  function changed() {
    tell("changed");
  }

  return { clip, gallery, pictures, paintings, mask, shots, jobs, changed };
})();
