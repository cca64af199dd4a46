// What the page does beyond showing itself: times in the reader's zone, search as one types, and
// what changes as it changes. Without it everything is there, as of the moment it was loaded.
"use strict";
(() => {
  const kind = document.body.dataset.page;
  const find = (id) => document.getElementById(id);
  const short = {month: "short", day: "numeric", hour: "numeric", minute: "2-digit"};
  const moment = new Intl.DateTimeFormat(undefined, short);
  const older = new Intl.DateTimeFormat(undefined, {...short, year: "numeric"});
  const exact = new Intl.DateTimeFormat(undefined, {dateStyle: "full", timeStyle: "long"});

  function span(seconds) {
    for (const [size, unit] of [[86400, "d"], [3600, "h"], [60, "min"]])
      if (seconds >= size) return `${Math.floor(seconds / size)} ${unit}`;
    return `${Math.max(Math.floor(seconds), 0)} s`;
  }

  function tellTimes(root) {
    for (const one of root.querySelectorAll("time[data-show]")) {
      const at = new Date(one.dateTime);
      const ago = span((Date.now() - at) / 1000);
      const thisYear = at.getFullYear() === new Date().getFullYear();
      const shown = {at: (thisYear ? moment : older).format(at), ago: `${ago} ago`, for: ago}[one.dataset.show];
      if (one.textContent !== shown) one.textContent = shown;
      if (!one.title) one.title = exact.format(at);
    }
  }

  // The same page again, as it is now.
  let asked = 0;
  async function load(href) {
    const mine = ++asked;
    let fresh;
    try {
      const response = await fetch(href, {headers: {Accept: "text/html"}, signal: AbortSignal.timeout(15000)});
      if (!response.ok && response.status !== 404) return;
      fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    } catch {
      return;
    }
    if (mine !== asked) return;
    const parts = kind === "claim" ? ["asof", "main"] : ["asof", "answer", "results"];
    const shut = new Set([...document.querySelectorAll("details:not([open])")].map((one) => one.id));
    const open = new Set([...document.querySelectorAll("details[open]")].map((one) => one.id));
    const focused = document.activeElement && document.activeElement.closest("a[href]");
    for (const id of parts) {
      const before = find(id), after = fresh.getElementById(id);
      if (!before || !after) continue;
      for (const one of after.querySelectorAll("details"))
        one.open = open.has(one.id) || (one.open && !shut.has(one.id));
      before.replaceWith(document.adoptNode(after));
    }
    document.title = fresh.title;
    document.body.dataset.mark = fresh.body.dataset.mark;
    if (focused && !focused.isConnected) {
      const again = document.querySelector(`main a[href="${CSS.escape(focused.getAttribute("href"))}"]`);
      if (again) again.focus({preventScroll: true});
    }
    tellTimes(document);
    const results = find("results");
    if (results && "partial" in results.dataset) soon(2000);
    // It was made a moment too soon.
    if (newest && newest !== document.body.dataset.mark) soon(1500);
  }

  // `newest` is the mark of how everything looks, as last told.
  let timer = 0, lost = false, newest = "";
  function soon(most) {
    // Not all open pages at one time.
    clearTimeout(timer);
    timer = setTimeout(() => load(location.href), most * (0.5 + Math.random() / 2));
  }

  const form = find("search");
  if (form) {
    let typing = 0;
    const show = () => {
      const query = new URLSearchParams(new FormData(form));
      for (const [name, value] of [...query]) if (!value) query.delete(name);
      const text = query.toString();
      history.replaceState(null, "", text ? `/?${text}` : "/");
      load(location.href);
    };
    form.addEventListener("submit", (event) => { event.preventDefault(); show(); });
    form.addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(show, 200); });
  }

  function parsed(html) {
    return new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
  }

  function take(told) {
    newest = told.mark;
    if (!("ids" in told)) {
      // The greeting: what happened between the page and it would otherwise be missed.
      if (newest !== document.body.dataset.mark) soon(lost ? 3000 : 300);
      lost = false;
      return;
    }
    document.body.dataset.mark = newest;
    if (kind === "claim") {
      if (told.all || told.ids.includes(document.body.dataset.claim)) soon(300);
      return;
    }
    const answer = find("answer"), fresh = parsed(told.answer);
    if (answer && fresh) answer.replaceWith(fresh);
    document.title = told.title;
    if (told.said) find("said").textContent = told.said;
    for (const [id, html] of Object.entries(told.rows)) {
      const before = document.querySelector(`#results [data-claim="${CSS.escape(id)}"]`);
      const row = before && parsed(`<ul>${html}</ul>`).firstElementChild;
      if (!row) continue;
      const focused = before.contains(document.activeElement);
      row.classList.add("fresh");
      before.replaceWith(row);
      if (focused) row.querySelector("a").focus({preventScroll: true});
    }
    const asOf = document.querySelector("#asof time");
    asOf.dateTime = told.now;
    asOf.title = "";
    tellTimes(document);
    if (told.all || location.search) soon(3000);
  }

  if (kind) {
    const live = find("live");
    const events = new EventSource("/events");
    events.onopen = () => {
      live.hidden = false;
      live.className = "";
      live.textContent = "live";
    };
    events.onerror = () => {
      lost = true;
      live.hidden = false;
      live.className = "off";
      live.textContent = "not connected: this may be old";
    };
    events.onmessage = (event) => take(JSON.parse(event.data));
    setInterval(() => { if (!document.hidden && !lost) soon(10000); }, 60000);
  }
  setInterval(() => tellTimes(document), 1000);
  tellTimes(document);
  if (find("results") && "partial" in find("results").dataset) soon(2000);
})();
