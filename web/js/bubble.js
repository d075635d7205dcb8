// One line of a chat as an element.

import { el, icon } from "./dom.js";
import { language, say, tell, tell_moment, time_of } from "./words.js";

/** Up to this many short choices stand side by side; more, or longer ones, form a list. */
const SIDE_BY_SIDE = 3;
const SHORT_LABEL = 20;
/** Addresses in a text of the shop. */
const ADDRESS = /https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]]/g;

/** A time with the state of a message behind it. */
function meta(moment, state) {
  const time = el("time", { datetime: moment.toISOString() });
  tell_moment(time, moment, time_of);
  return el("span", { class: "meta" }, time, state);
}

/** What the person said, with a small picture of the file that they sent, where there is one. */
export function my_line(line, moment, preview) {
  const { said } = line;
  const text = el("p", { class: "text", dir: "auto" });
  if (said.kind === "location") {
    tell(text, "said-location", { place: said.text });
  } else if (said.text) {
    text.textContent = said.text;
  } else if (said.kind === "press") {
    tell(text, "said-press");
  } else if (preview === null) {
    tell(text, "said-media");
  }
  const state = el("span", { class: "state" });
  const bubble = el("div", { class: "bubble" }, who("from-me"), preview && photo({ url: preview }), text.hasChildNodes() ? text : null, meta(moment, state));
  if (said.kind === "press") bubble.classList.add("press");
  return el("li", { class: "line me", "data-id": line.id }, bubble);
}

/** Shows how far a message of the person has come. */
export function show_state(node, state, actions = {}) {
  node.dataset.state = state;
  const mark = node.querySelector(".state");
  const signs = { sending: "clock", waiting: "clock", sent: "check", failed: "alert", refused: "alert" };
  const words = {
    sending: "state-sending", waiting: "state-waiting", sent: "state-sent", failed: "state-failed", refused: "state-failed",
  };
  mark.replaceChildren(icon(signs[state]), tell(el("span", { class: "unseen" }), words[state]));
  node.querySelector(".rescue")?.remove();
  if (state !== "failed" && state !== "refused") return;
  const rescue = el("div", { class: "rescue", role: "alert" }, tell(el("span"), "state-failed"));
  const offer = (key, action) => rescue.append(tell(el("button", { type: "button", onclick: action }), key));
  if (state === "failed") offer("retry", actions.retry);
  else offer("discard", actions.discard);
  node.append(rescue);
}

/** What the shop said. `press(choice, taps)` is called when a button is pressed. */
export function shop_line(line, moment, press) {
  const bubble = el("div", { class: "bubble" }, who("from-shop"));
  if (line.image?.kind === "qris" || line.image?.kind === "paper") bubble.append(whole(line.image));
  else if (line.image) bubble.append(photo(line.image));
  if (line.runs.length > 0) bubble.append(text_of(line.runs));
  bubble.append(meta(moment, null));
  const node = el("li", { class: "line shop", "data-id": line.id }, bubble);
  if (line.document) node.append(document_link(line.document));
  if (line.link) node.append(link_button(line.link));
  if (line.choices.length > 0) node.append(choices_of(line.choices, press));
  return node;
}

/** Who speaks, for those who do not see the sides. */
function who(key) {
  return tell(el("span", { class: "unseen" }), key);
}

function text_of(runs) {
  const text = el("p", { class: "text", dir: "auto" });
  for (const [raw, bold] of runs) {
    // An amount is not torn apart at the end of a line.
    const words = raw.replace(/\bRp (?=\d)/g, "Rp\u00a0");
    const target = bold ? text.appendChild(el("strong")) : text;
    let at = 0;
    for (const found of words.matchAll(ADDRESS)) {
      target.append(words.slice(at, found.index));
      target.append(el("a", { href: found[0], target: "_blank", rel: "noopener noreferrer" }, found[0]));
      at = found.index + found[0].length;
    }
    target.append(words.slice(at));
  }
  return text;
}

function choices_of(choices, press) {
  const in_row = choices.length <= SIDE_BY_SIDE && choices.every((choice) => Array.from(choice.label).length <= SHORT_LABEL);
  const group = el("div", { class: in_row ? "choices row" : "choices list", role: "group" });
  choices.forEach((choice, index) => {
    const number = in_row ? null : el("span", { class: "number", "aria-hidden": "true" }, String(index + 1));
    const words = el("span", { class: "label", dir: "auto" }, choice.label);
    const button = el("button", { type: "button", "data-press": choice.data, onclick: (event) => press(choice, event.detail) }, number, words);
    group.append(button);
  });
  return group;
}

/** Marks the button that was pressed. It can still be pressed: the shop explains what is past. */
export function mark_pressed(button) {
  if (button.getAttribute("aria-pressed") === "true") return;
  button.setAttribute("aria-pressed", "true");
  button.append(icon("check"), tell(el("span", { class: "unseen" }), "pressed"));
}

/** A file to save. */
function document_link(file) {
  return el("a", { class: "link", href: file.url, download: file.name }, icon("save"), el("span", { dir: "auto" }, file.name));
}

function link_button(link) {
  // The page of the sandbox speaks the language that was chosen here.
  const address = new URL(link.url);
  const is_own = address.origin === location.origin && address.pathname.startsWith("/sandbox/");
  if (is_own) address.searchParams.set("lang", language);
  const hint = tell(el("span", { class: "unseen" }), "new-tab");
  return el("a", { class: "link", href: is_own ? address.href : link.url, target: "_blank", rel: "noopener noreferrer" },
    icon("out"), el("span", { dir: "auto" }, link.label), hint);
}

function photo(image) {
  const picture = el("img", { class: "photo", src: image.url, loading: "lazy", decoding: "async" });
  tell(picture, "photo", {}, "alt");
  const button = el("button", { class: "frame", type: "button", onclick: () => zoom(picture.src, picture.alt) }, picture);
  picture.addEventListener("error", () => button.replaceWith(tell(el("p", { class: "missing" }), "photo-missing")));
  return button;
}

/** A picture of which nothing may be cut off: a code, a receipt. */
function whole(image) {
  const is_code = image.kind === "qris";
  const picture = el("img", { class: is_code ? "qris" : "slip", src: image.url, width: 300, decoding: "async" });
  if (is_code) tell(picture, "qris-alt", { shop: image.title, amount: image.amount }, "alt");
  else tell(picture, "paper-alt", {}, "alt");
  const open = () => zoom(picture.src, picture.alt);
  const zoom_button = el("button", { type: "button", onclick: open }, icon("zoom"), tell(el("span"), "qris-zoom"));
  const save = save_button(picture, image.url, is_code ? "qris.png" : "struk.png");
  const frame = el("button", { class: "frame paper", type: "button", onclick: open }, picture);
  const figure = el("figure", { class: "code" }, frame, el("div", { class: "tools" }, zoom_button, save));
  picture.addEventListener("error", () => frame.replaceWith(tell(el("p", { class: "missing" }), "photo-missing")));
  return figure;
}

/**
 * Saves a picture. A download of a phone often lands where its gallery does not look; what is shared can be kept as a picture or
 * given to another app at once. The file is fetched ahead, because a share must follow its press at once.
 */
function save_button(picture, url, name) {
  const link = el("a", { href: url, download: name }, icon("save"), tell(el("span"), "qris-save"));
  if (!navigator.canShare || !matchMedia("(pointer: coarse)").matches) return link;
  let file = null;
  picture.addEventListener("load", async () => {
    try {
      const blob = await (await fetch(url)).blob();
      file = new File([blob], name, { type: "image/png" });
    } catch {
      // Then it is downloaded.
    }
  }, { once: true });
  link.addEventListener("click", (event) => {
    if (!file || !navigator.canShare({ files: [file] })) return;
    event.preventDefault();
    // Whoever closes the choice has changed their mind.
    navigator.share({ files: [file] }).catch(() => {});
  });
  return link;
}

/** A picture as large as the screen. */
function zoom(source, alt) {
  const close = el("button", { class: "close", type: "button", onclick: () => dialog.close() });
  tell(close, "close");
  const dialog = el("dialog", { class: "zoom", "aria-label": alt || say("photo") }, el("img", { src: source, alt }), close);
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
