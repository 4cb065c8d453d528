"use strict";
// What only a browser knows: its zone, its clipboard, its keys. Every page works without this.
(() => {
  const lang = document.documentElement.lang;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const word = (name) => document.body.dataset[name] ?? "";

  const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  document.cookie = `kabar_zone=${encodeURIComponent(zone)}; Path=/ui; SameSite=Lax; Max-Age=31536000`;

  // relative times
  const units = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
  const spans = {
    en: { second: "s", minute: "min", hour: "h" },
    id: { second: "dtk", minute: "mnt", hour: "jam" },
  };
  const relative = (at) => {
    const away = (at - Date.now()) / 1000;
    const size = Math.abs(away);
    if (size >= 172800) return undefined;
    if (size < 1) return lang === "id" ? "baru saja" : "just now";
    const unit = size < 60 ? "second" : size < 6000 ? "minute" : "hour";
    const per = units.find(([name]) => name === unit)[1];
    const text = `${Math.round(size / per)} ${spans[lang][unit]}`;
    if (lang === "id") return away < 0 ? `${text} lalu` : `${text} lagi`;
    return away < 0 ? `${text} ago` : `in ${text}`;
  };
  const tick = () => {
    if (document.hidden) return;
    for (const time of all("time[data-ago]")) {
      const text = relative(Date.parse(time.dateTime));
      if (text !== undefined && time.textContent !== text) time.textContent = text;
    }
  };
  setInterval(tick, 30000);

  // countdowns
  const count = () => {
    for (const node of all("[data-until]")) {
      const left = Math.max(0, Math.ceil((Number(node.dataset.until) - Date.now()) / 1000));
      node.textContent = node.dataset.pattern.replace("#", String(left));
      const bar = node.closest("[data-count]")?.querySelector("progress");
      if (bar) bar.value = left;
    }
  };
  setInterval(count, 1000);

  // copy
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
  };
  const toast = (text) => {
    document.querySelector(".toast")?.remove();
    const box = document.createElement("div");
    box.className = "toast";
    box.setAttribute("role", "status");
    box.textContent = text;
    document.body.append(box);
    leave(box);
  };
  const leave = (box) => {
    const go = () => {
      if (box.matches(":hover, :focus-within")) return void setTimeout(go, 2000);
      box.classList.add("going");
      setTimeout(() => box.remove(), 300);
    };
    setTimeout(go, 6000);
  };
  all(".toast").forEach(leave);

  addEventListener("click", (event) => {
    const at = event.target.closest("[data-copy], [data-reveal], [data-close]");
    for (const open of all("details.menu[open]")) if (!open.contains(event.target)) open.open = false;
    if (at === null) return;
    if (at.dataset.copy !== undefined) {
      const from = at.dataset.copy;
      const node = from.startsWith("#") ? document.getElementById(from.slice(1)) : null;
      copy(node === null ? from : node.value ?? node.textContent).then(() => toast(word("copied")));
    } else if (at.dataset.reveal !== undefined) {
      const field = document.getElementById(at.dataset.reveal);
      field.type = field.type === "password" ? "text" : "password";
      at.setAttribute("aria-pressed", String(field.type === "text"));
    } else at.closest("dialog")?.close();
  });

  // forms: once only; a select that narrows a list sends its form
  addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sent !== undefined) return void event.preventDefault();
    form.dataset.sent = "";
    setTimeout(() => delete form.dataset.sent, 4000);
  });
  addEventListener("change", (event) => {
    const { target } = event;
    if (target.dataset.send !== undefined) target.form.requestSubmit();
    const attach = target.closest(".attach");
    if (attach !== null) {
      attach.querySelector("span")?.remove();
      const [file] = target.files;
      attach.toggleAttribute("data-chosen", file !== undefined);
      if (file === undefined) return;
      const name = document.createElement("span");
      name.textContent = file.name;
      attach.append(name);
    }
    if (target.dataset.all !== undefined) {
      for (const box of all(`input[data-of="${CSS.escape(target.dataset.all)}"]`)) {
        box.checked = target.checked;
      }
      counted();
    } else if (target.dataset.of !== undefined) counted();
  });
  addEventListener("input", (event) => {
    const { target } = event;
    const wanted = target.dataset.must;
    if (wanted !== undefined) {
      target.form.querySelector("[data-needs]").disabled = target.value.trim() !== wanted;
    }
  });
  for (const field of all("[data-must]")) {
    field.form.querySelector("[data-needs]").disabled = field.value.trim() !== field.dataset.must;
  }

  // a template, as it reads
  const GAP = /\{\{([^{}]*)\}\}/g;
  const drawFilled = (area) => {
    const into = document.querySelector(area.dataset.fills);
    const values = new Map(all("[data-gap]").map((field) => [field.dataset.gap, field.value]));
    const parts = [];
    let from = 0;
    for (const match of area.value.matchAll(GAP)) {
      const mark = document.createElement("mark");
      mark.textContent = values.get(match[1].trim().replace(/\s+/g, " ").normalize("NFC")) || match[0];
      parts.push(area.value.slice(from, match.index), mark);
      from = match.index + match[0].length;
    }
    into.replaceChildren(...parts, area.value.slice(from));
  };
  addEventListener("input", ({ target }) => {
    if (target.dataset.gap === undefined && target.dataset.fills === undefined) return;
    for (const area of all("[data-fills]")) drawFilled(area);
  });

  const reveal = () => all("[data-script]").forEach((row) => row.hidden = false);
  reveal();

  // the chooser of events: groups, presets, counts
  const counted = () => {
    for (const group of all("input[data-all]")) {
      const own = all(`input[data-of="${CSS.escape(group.dataset.all)}"]`);
      const on = own.filter((box) => box.checked).length;
      group.checked = on === own.length;
      group.indeterminate = on > 0 && on < own.length;
      const shown = group.closest("[data-group]")?.querySelector("[data-count-of]");
      if (shown) shown.textContent = shown.dataset.countOf.replace("#", String(on));
    }
  };
  addEventListener("click", (event) => {
    const preset = event.target.closest("[data-preset]");
    if (preset === null) return;
    event.preventDefault();
    const wanted = preset.dataset.preset.split(" ");
    for (const box of all("input[data-of]")) {
      box.checked = wanted.some((name) =>
        name === "*" || name === box.value || name.endsWith(".*") && box.value.startsWith(name.slice(0, -1))
      );
    }
    counted();
  });
  counted();

  // the stream: its state, new rows
  const clock = new Intl.DateTimeFormat(lang, { timeStyle: "medium", hourCycle: "h23" });
  const stream = { lost: false, over: false, held: false, newsAt: Date.now(), connection: undefined };
  const showStream = () => {
    const isAway = stream.lost || stream.over;
    const state = isAway ? "lost" : stream.held ? "held" : "live";
    for (const light of all(".live")) {
      light.dataset.state = state;
      light.textContent = word(state);
    }
    const banner = document.getElementById("stream-lost");
    if (banner === null) return;
    banner.hidden = !isAway;
    banner.querySelector("a").hidden = !stream.over;
    const says = stream.over ? word("over") : word("lostAt").replace("#", clock.format(stream.newsAt));
    banner.querySelector("span").textContent = isAway ? says : "";
  };
  let away;
  const isOver = () => {
    stream.over = true;
    showStream();
  };
  addEventListener("htmx:sse:error", ({ detail }) => {
    stream.connection = detail.connection ?? stream.connection;
    if (detail.status === 401) return isOver();
    away ??= setTimeout(() => {
      stream.lost = true;
      showStream();
    }, 5000);
  });
  addEventListener("signed-out", isOver);
  // forms of a page that outlived its session send the new one's token
  const renewTokens = async () => {
    try {
      const html = await (await fetch(location.href)).text();
      const page = new DOMParser().parseFromString(html, "text/html");
      const token = page.querySelector("input[name=csrf]")?.value;
      if (token !== undefined) { for (const field of all("input[name=csrf]")) field.value = token; }
    } catch { /* the stream is lost as well then, and says so */ }
  };
  addEventListener("htmx:sse:after:connection", ({ detail }) => {
    clearTimeout(away);
    away = undefined;
    if (stream.over) renewTokens();
    Object.assign(stream, { lost: false, over: false, newsAt: Date.now(), connection: detail.connection });
    showStream();
  });
  addEventListener("htmx:sse:before:message", ({ detail }) => {
    stream.newsAt = Date.now();
    if (stream.held && detail.message.event !== "signed-out") detail.cancelled = true;
  });
  addEventListener("focus", () => {
    if (stream.lost || stream.over) stream.connection?.delayCanceller?.();
  });
  const hold = () => {
    stream.held = !stream.held;
    // a new connection begins with everything that was missed
    if (!stream.held) stream.connection?.reader?.cancel();
    showStream();
  };
  addEventListener("htmx:after:swap", () => {
    reveal();
    tick();
    count();
  });
  // a page whose thing has become something else
  addEventListener("moved", () => location.reload());

  // keys
  const places = {
    h: "",
    d: "/devices",
    c: "/chats",
    w: "/webhooks",
    l: "/deliveries",
    e: "/events",
    b: "/blasts",
  };
  let going = false;
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      for (const open of all("details.menu[open]")) {
        open.open = false;
        open.querySelector("summary").focus();
      }
      return;
    }
    if (document.body.dataset.keys === "off" || event.target.closest("input, select, textarea, dialog")) {
      return;
    }
    const rows = all(".goes-to");
    const at = rows.indexOf(document.activeElement);
    if (going) {
      going = false;
      if (Object.hasOwn(places, event.key)) location.href = `/ui${places[event.key]}`;
    } else if (event.key === "/") {
      event.preventDefault();
      document.querySelector(".find input")?.focus();
    } else if (event.key === "g") going = true;
    else if (event.key === "j") rows[Math.min(at + 1, rows.length - 1)]?.focus();
    else if (event.key === "k") rows[Math.max(at - 1, 0)]?.focus();
    else if (event.key === "c" && rows[at]?.dataset.id !== undefined) {
      copy(rows[at].dataset.id).then(() => toast(word("copied")));
    } else if (event.key === "." && all(".live").length > 0) hold();
    else if (event.key === "?") document.getElementById("keys")?.showModal();
    else if (event.key === "r") document.querySelector("[data-key=r]")?.click();
  });
})();
