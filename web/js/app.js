// The page: one pane, or in the demo two, side by side on wide screens and as tabs on narrow ones.

import { el } from "./dom.js";
import { Pane } from "./pane.js";
import { config, language, switch_language, tell } from "./words.js";

const app = document.getElementById("app");
const panes = config.panes.map((name) => new Pane(name, () => count()));

function language_button() {
  const button = el("button", { class: "language", type: "button", onclick: () => switch_language() });
  tell(button, "language", {}, "aria-label");
  tell(button, "language", {}, "title");
  button.append(tell(el("span", { "aria-hidden": "true" }), "language-short"));
  return button;
}

function tab_of(pane, index) {
  const name = pane.name === "owner" ? tell(el("span"), "tab-owner") : tell(el("span"), "tab-customer");
  pane.badge = el("span", { class: "badge", hidden: true });
  pane.tab = el("button", {
    role: "tab", type: "button", id: `tab-${pane.name}`, "aria-controls": pane.root.id, onclick: () => choose(index),
    onkeydown: (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = (index + step + panes.length) % panes.length;
      choose(next);
      panes[next].tab.focus();
    },
  }, name, pane.badge);
  return pane.tab;
}

function choose(chosen) {
  panes.forEach((pane, index) => {
    pane.tab?.setAttribute("aria-selected", String(index === chosen));
    pane.tab?.setAttribute("tabindex", index === chosen ? "0" : "-1");
    pane.root.classList.toggle("front", index === chosen);
  });
  panes[chosen].seen();
  try {
    sessionStorage.setItem("warung.pane", String(chosen));
  } catch {
    // Then the first pane is in front after a reload.
  }
}

function kept_pane() {
  try {
    const kept = Number(sessionStorage.getItem("warung.pane") ?? 0);
    return panes[kept] ? kept : 0;
  } catch {
    return 0;
  }
}

/** Unread lines, on the tabs and in the title. */
function count() {
  let all = 0;
  for (const pane of panes) {
    all += pane.unread;
    if (!pane.badge) continue;
    pane.badge.hidden = pane.unread === 0;
    pane.badge.textContent = String(pane.unread);
  }
  document.title = all > 0 ? `(${all}) ${config.shop}` : config.shop;
}

app.classList.toggle("two", panes.length > 1);
if (panes.length > 1) {
  const tabs = el("nav", { class: "tabs" }, el("div", { role: "tablist" }, ...panes.map(tab_of)));
  app.append(tabs);
}
for (const pane of panes) {
  pane.head.querySelector(".tools").append(language_button());
  app.append(pane.root);
}
choose(kept_pane());
panes.forEach((pane) => pane.start());
document.addEventListener("visibilitychange", () => panes.forEach((pane) => pane.is_seen() && pane.seen()));
addEventListener("resize", () => panes.forEach((pane) => pane.is_seen() && pane.seen()));
if (matchMedia("(pointer: fine)").matches) panes[0].composer.focus();
document.documentElement.lang = language;
// Browsers keep pages only for addresses that nobody on the way can forge; elsewhere a reload needs a connection.
navigator.serviceWorker?.register("/chat/worker.js", { scope: "/" }).catch(() => {});
