"use strict";
// Search, state and order live in the address (#q=...&state=FAIL&sort=hosts.2&desc=1), so that a view can be sent on;
// a host is #h and its number. packed.py says how the hosts are kept.
(() => {
  const search = document.getElementById("search");
  const shown = document.getElementById("shown");
  const states = [...document.querySelectorAll("[data-state]")];
  const tables = [...document.querySelectorAll("table[id]")];
  const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
  const rows = (table) => [...table.tBodies[0].rows];
  const all = tables.map((table) => rows(table).map((row) => {
    const more = row.dataset.find || "";
    return { row, text: `${row.textContent} ${more}`.toLowerCase(), state: row.dataset.is || "" };
  }));
  let view = new URLSearchParams();

  const filter = () => {
    const words = (view.get("q") || "").toLowerCase().split(/\s+/).filter(Boolean);
    const state = view.get("state") || "";
    for (const entries of all) {
      for (const { row, text, state: is } of entries) {
        row.hidden = !words.every((word) => text.includes(word)) || Boolean(state && is && is !== state);
      }
    }
    const hosts = all[tables.findIndex((table) => table.id === "hosts")];
    const count = hosts.filter(({ row }) => !row.hidden).length;
    shown.textContent = shown.dataset.words.replace("SHOWN", count).replace("ALL", hosts.length);
    for (const button of states) button.setAttribute("aria-pressed", String(button.dataset.state === state));
  };

  const sort = () => {
    const [id, column] = (view.get("sort") || "").split(".");
    const table = tables.find((one) => one.id === id);
    for (const head of document.querySelectorAll("th[aria-sort]")) head.removeAttribute("aria-sort");
    if (!table || !table.tHead.rows[0].cells[column]) return;
    const down = view.get("desc") === "1" ? -1 : 1;
    const value = (row) => row.cells[column].dataset.value ?? row.cells[column].textContent;
    const sorted = rows(table).map((row) => [value(row), row]).sort((a, b) => down * collator.compare(a[0], b[0]));
    table.tBodies[0].append(...sorted.map(([, row]) => row));
    table.tHead.rows[0].cells[column].setAttribute("aria-sort", down > 0 ? "ascending" : "descending");
  };

  const overview = document.querySelector(".all");
  const host = document.getElementById("host");
  const packed = [...document.querySelectorAll("#packed p")];
  let place = 0;
  const unpack = async (part) => {
    const bytes = Uint8Array.from(atob(packed[part].textContent), (letter) => letter.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).json();
  };
  const parts = async (number) => {
    const size = Number(host.dataset.size);
    if (!packed[Math.floor(number / size)]) return host.dataset.none;
    if (!window.DecompressionStream) return host.dataset.old;
    const { texts, hosts } = await unpack(Math.floor(number / size));
    return hosts[number % size]?.map((index) => texts[index]) ?? host.dataset.none;
  };
  const open = async (number) => {
    const found = await parts(number);
    if (location.hash !== `#h${number}`) return;
    if (host.hidden) place = window.scrollY;
    host.innerHTML = found instanceof Array ? found.join("") : '<p><a class="back" href="#">&#8592;</a></p><p class="WARN"></p>';
    if (!(found instanceof Array)) host.querySelector(".WARN").textContent = found;
    overview.hidden = true;
    host.hidden = false;
    window.scrollTo(0, 0);
  };

  const read = () => {
    const wanted = /^#h(\d+)$/.exec(location.hash);
    if (wanted) {
      open(Number(wanted[1]));
      return;
    }
    if (!host.hidden) {
      host.hidden = true;
      overview.hidden = false;
      window.scrollTo(0, place);
    }
    view = new URLSearchParams(location.hash.slice(1));
    search.value = view.get("q") || "";
    sort();
    filter();
  };
  const change = (values) => {
    for (const [name, value] of Object.entries(values)) value ? view.set(name, value) : view.delete(name);
    history.replaceState(null, "", `#${view}`);
  };

  search.addEventListener("input", () => { change({ q: search.value }); filter(); });
  for (const button of states) {
    button.addEventListener("click", () => { change({ state: button.dataset.state }); filter(); });
  }
  for (const table of tables) {
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const same = head.getAttribute("aria-sort") === "ascending";
        change({ sort: `${table.id}.${column}`, desc: same ? "1" : "" });
        sort();
      });
    });
  }
  host.addEventListener("click", (event) => {
    if (!event.target.closest("a.back")) return;
    event.preventDefault();
    location.hash = `#${view}`;
  });
  document.querySelector(".tools").hidden = false;
  window.addEventListener("hashchange", read);
  read();
  filter();
})();
