// One chat: its head, its lines, its composer, and what ties them to the stream and the queue.

import { mark_pressed, my_line, shop_line, show_state } from "./bubble.js";
import { make_composer } from "./composer.js";
import { draw_id, el, icon } from "./dom.js";
import { send_file } from "./files.js";
import { Kept } from "./kept.js";
import { find_preview, keep_preview } from "./previews.js";
import { Queue } from "./queue.js";
import { top_to_read } from "./reading.js";
import { Stream, earlier_lines, post } from "./stream.js";
import { can_say, config, day_key, day_of, say, tell, tell_moment } from "./words.js";

/** This near to the end counts as being there. */
const NEAR_PX = 90;
/** Lines of one person within this time stand close together. */
const CLOSE_MS = 180_000;
/** A second press of one button within this time is the same press. */
const DOUBLE_TAP_MS = 700;
/** What the starters say; words of the shop's own language are understood in both. */
const STARTERS = {
  customer: [["starter-menu", null], ["starter-order", null], ["starter-help", null]],
  owner: [["owner-orders", "/orders"], ["owner-today", "/today"], ["owner-help", "/help"]],
};

export class Pane {
  constructor(name, changed) {
    this.name = name;
    this.unread = 0;
    this.changed = changed;
    this.shown = new Map();
    this.earlier = null;
    this.ready = false;
    this.stuck = true;
    /** Where the last move to the news ended. */
    this.held_top = null;
    this.kept = new Kept(name);
    /** Whether the lines are those that were kept, because the server cannot be reached. */
    this.is_kept = false;
    this.queue = new Queue(name, (item, state) => this.#progress(item, state));
    this.stream = new Stream(name, {
      line: (line) => this.#line(line),
      ready: (news) => this.#ready(news),
      typing: (typing) => this.#typing(typing),
      state: (state) => this.#state(state),
      unreachable: () => this.#show_kept(),
    });
    this.#build();
  }

  start() {
    this.queue.restore();
    this.stream.open();
  }

  /** Whether its lines can be seen now. */
  is_seen() {
    return !document.hidden && this.root.offsetParent !== null;
  }

  /** The pane has come to the front. */
  seen() {
    if (this.stuck) this.#to_end();
    this.#count();
  }

  #build() {
    const is_owner = this.name === "owner";
    const avatar = el("span", { class: "avatar", "aria-hidden": "true" }, icon(is_owner ? "person" : "shop"));
    this.status = el("span", { class: "status" });
    const title = el("h1", {}, is_owner ? tell(el("span"), "tab-owner") : config.shop);
    this.head = el("header", { class: "head" }, avatar, el("div", { class: "names" }, title, this.status), el("div", { class: "tools" }));
    this.banner = tell(el("p", { class: "banner", role: "status", hidden: true }), "offline");
    // A list whose marks are taken away is none for some readers of screens, unless it says that it is one.
    this.list = el("ol", { class: "lines", role: "list" });
    this.log = el("div", { role: "log", "aria-live": "off" }, this.list);
    tell(this.log, is_owner ? "role-owner" : "role-customer", {}, "aria-label");
    this.more = tell(el("button", { class: "more", type: "button", hidden: true, onclick: () => this.#load_earlier() }), "earlier");
    this.dots = el("div", { class: "line shop typing", hidden: true },
      el("div", { class: "bubble" }, el("i"), el("i"), el("i")));
    this.empty = this.#empty(is_owner);
    this.inner = el("div", { class: "inner" }, this.more, this.log, this.dots);
    this.scroll = el("div", { class: "scroll", tabindex: "0" }, this.empty, this.inner);
    tell(this.scroll, is_owner ? "role-owner" : "role-customer", {}, "aria-label");
    this.jump = el("button", { class: "jump", type: "button", hidden: true, onclick: () => this.#to_end(true, true) }, icon("down"), el("span"));
    tell(this.jump, "to-end", {}, "aria-label");
    const send = (text) => this.say(text);
    const menu = () => this.say(is_owner ? "/orders" : "/menu");
    this.composer = make_composer(this.name, send, menu, (file) => this.#attach(file));
    this.quick = is_owner ? this.#starters("quick") : null;
    this.root = el("section", { class: `pane ${this.name}`, id: `pane-${this.name}` },
      this.head, this.banner, this.scroll, this.jump, el("footer", {}, this.quick, this.composer.form));
    tell(this.root, is_owner ? "role-owner" : "role-customer", {}, "aria-label");
    this.scroll.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    // Pictures that load and keyboards that open move the end; who was there stays there.
    const watch = new ResizeObserver(() => this.stuck && this.#to_end());
    watch.observe(this.inner);
    watch.observe(this.scroll);
    this.#state("connecting");
  }

  #starters(kind) {
    const buttons = STARTERS[this.name].filter(([key]) => can_say(key)).map(([key, command]) =>
      tell(el("button", { type: "button", onclick: () => this.say(command ?? say(key)) }), key));
    return el("div", { class: kind }, ...buttons);
  }

  #empty(is_owner) {
    const title = tell(el("h2"), is_owner ? "empty-owner-title" : "empty-title", { shop: config.shop });
    const text = tell(el("p"), is_owner ? "empty-owner-text" : "empty-text");
    const sign = el("span", { class: "sign", "aria-hidden": "true" }, icon(is_owner ? "person" : "shop"));
    const below = is_owner
      ? tell(el("button", { class: "primary", type: "button", hidden: true, onclick: () => this.#link_owner() }), "link-owner")
      : this.#starters("starters");
    return el("div", { class: "empty", hidden: true }, sign, title, text, below);
  }

  /** Says something as the person. Returns whether it will be sent. */
  say(text) {
    const taken = this.#push({ text });
    if (matchMedia("(pointer: fine)").matches) this.composer.focus();
    return taken;
  }

  /** Gives something to the queue, and says so where no more may wait. */
  #push(what) {
    const taken = this.queue.push(what);
    if (taken) this.#to_end();
    else this.composer.warn("queue-full");
    return taken;
  }

  /** Sends a file ahead and then the message that names it. Returns what to tell when it did not work. */
  async #attach(file) {
    if (this.queue.is_full()) return "queue-full";
    const sent = await send_file(this.name, file);
    if (sent.problem) return sent.problem;
    const id = draw_id();
    await keep_preview(id, file);
    return this.#push({ ...sent, id }) ? null : "queue-full";
  }

  /** Presses a button; `taps` counts those that the browser takes for one double tap. */
  #press(choice, taps) {
    const now = Date.now();
    const again = this.pressed?.data === choice.data && now - this.pressed.at < DOUBLE_TAP_MS;
    this.pressed = { data: choice.data, at: now };
    // The second half of a double tap may hit another button that has moved there meanwhile.
    if (again || taps > 1) return;
    this.#push({ press: choice.data, label: choice.label });
  }

  // What came from the stream.

  #line(line) {
    if (this.is_kept) this.#drop_kept();
    this.kept.add(line);
    this.#show(line);
  }

  #show(line) {
    if (line.from === "none" || this.shown.has(line.id)) return;
    const moment = new Date(line.at);
    this.empty.hidden = true;
    if (line.from === "me") {
      // What was written here stands here already; it only moves to its place.
      this.list.querySelector(`[data-client="${CSS.escape(line.client)}"]`)?.remove();
      this.queue.settled(line.client);
    }
    const node = this.#node(line, moment);
    this.list.insertBefore(node, this.list.querySelector(".line[data-pending]"));
    this.#join(node);
    if (line.from === "shop" && this.ready) this.#news();
    if (line.from === "me") this.#age(node);
    if (this.stuck) this.#to_end();
  }

  /** What was said before, while nothing newer can be had. */
  #show_kept() {
    this.#warn();
    if (this.ready || this.is_kept || this.shown.size > 0) return;
    this.kept.lines().forEach((line) => this.#show(line));
    this.is_kept = this.shown.size > 0;
    this.#age_by_last();
    this.#to_end();
  }

  /** The server tells now: what it says stands in the place of what was kept. */
  #drop_kept() {
    this.is_kept = false;
    this.shown.clear();
    this.list.querySelectorAll(".line:not([data-pending]), .day").forEach((node) => node.remove());
    this.list.querySelectorAll(".line").forEach((node) => this.#join(node));
  }

  #node(line, moment) {
    const node = line.from === "me" ? my_line(line, moment, find_preview(line.client)) : shop_line(line, moment, (choice, taps) => this.#press(choice, taps));
    node.moment_ms = moment.getTime();
    this.shown.set(line.id, node);
    if (line.from === "me") {
      show_state(node, "sent");
      if (line.said.kind === "press") this.#mark(line.said, node);
    }
    return node;
  }

  /** Marks the button of a press, and takes its words where the server no longer knew them. */
  #mark(said, node = null) {
    const button = this.list.querySelector(`[data-press="${CSS.escape(said.data)}"]`);
    if (!button) return;
    mark_pressed(button);
    if (node && !said.text) tell(node.querySelector(".text"), null).textContent = button.querySelector(".label").textContent;
  }

  /** Choices above what the person said are past; they fade and still work. */
  #age(node) {
    for (const group of this.list.querySelectorAll(".choices:not(.past)")) {
      if (group.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING) group.classList.add("past");
    }
  }

  /** Day dividers, and the closeness of lines of one person. */
  #join(node) {
    let before = node.previousElementSibling;
    const moment = new Date(node.moment_ms);
    if (!before || day_key(new Date(before.moment_ms)) !== day_key(moment)) {
      const label = tell_moment(el("span"), moment, day_of);
      const divider = el("li", { class: "day" }, label);
      divider.moment_ms = node.moment_ms;
      node.before(divider);
      before = divider;
    }
    const same = before.classList.contains(node.classList.contains("me") ? "me" : "shop");
    const close = same && node.moment_ms - before.moment_ms < CLOSE_MS && !before.querySelector(".choices");
    node.classList.toggle("follows", close);
  }

  #ready({ earlier }) {
    if (this.is_kept) this.#drop_kept();
    if (!this.ready) {
      this.earlier = earlier;
      this.more.hidden = earlier === null;
    }
    const first = !this.ready;
    this.ready = true;
    this.log.setAttribute("aria-live", "polite");
    const nothing = this.shown.size === 0 && !this.list.querySelector(".line");
    if (this.shown.size === 0) this.kept.clear();
    this.empty.hidden = !nothing;
    if (first) {
      this.#age(this.dots);
      this.#age_by_last();
      this.#to_end();
    }
    if (nothing && this.name === "owner" && config.demo) this.#link_owner();
  }

  /** After a reload the choices of the last message are still the present ones. */
  #age_by_last() {
    const groups = this.list.querySelectorAll(".choices");
    const mine = Array.from(this.list.querySelectorAll(".line.me")).pop();
    const last = groups[groups.length - 1];
    if (!last) return;
    const answered = mine && last.compareDocumentPosition(mine) & Node.DOCUMENT_POSITION_FOLLOWING;
    if (!answered) last.classList.remove("past");
  }

  async #link_owner() {
    const button = this.empty.querySelector("button.primary");
    const text = this.empty.querySelector("p");
    try {
      const response = await post("/chat/demo/owner-code", this.name, {});
      if (!response.ok) throw new Error(String(response.status));
      // By itself the page writes without taking the focus from whoever writes in the other chat.
      this.#push({ text: (await response.json()).code });
    } catch {
      tell(text, "link-failed");
      button.hidden = false;
    }
  }

  #typing(typing) {
    this.dots.hidden = !typing;
    this.#status();
    if (this.stuck) this.#to_end();
  }

  #state(state) {
    const online = state === "online";
    if (online === this.online) return;
    this.online = online;
    // What waits for a connection need not wait longer.
    if (online) this.queue.retry();
    // A short break is nobody's business.
    clearTimeout(this.banner_timer);
    if (this.online) this.banner.hidden = true;
    else if (this.ready) this.#warn();
    this.#status();
  }

  #warn() {
    clearTimeout(this.banner_timer);
    this.banner_timer = setTimeout(() => (this.banner.hidden = this.online), 1_500);
  }

  #status() {
    const idle = this.name === "owner" ? "status-owner" : "status-online";
    const key = this.online ? (this.dots.hidden ? idle : "status-typing") : "status-connecting";
    tell(this.status, key);
    this.root.classList.toggle("away", !this.online);
  }

  // What was written here.

  #progress(item, state) {
    let node = this.list.querySelector(`[data-client="${CSS.escape(item.id)}"]`);
    if (!node) {
      if (state === "sent") return;
      const said = item.upload !== undefined ? { kind: "media", media: item.kind }
        : item.press === undefined ? { kind: "text", text: item.text }
          : { kind: "press", data: item.press, text: item.label };
      node = my_line({ id: `c${item.id}`, said }, new Date(item.at ?? Date.now()), find_preview(item.id));
      node.moment_ms = item.at ?? Date.now();
      node.dataset.client = item.id;
      node.dataset.pending = "";
      this.empty.hidden = true;
      this.list.append(node);
      this.#join(node);
      if (said.kind === "press") this.#mark(said);
      this.#age(node);
    }
    show_state(node, state, { retry: () => this.queue.retry(), discard: () => node.remove() });
    if (this.stuck) this.#to_end();
  }

  // Place and count.

  #scrolled() {
    const left = this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight;
    // Who was brought to the top of a message and has not moved follows what comes next.
    const is_held = this.held_top !== null && Math.abs(this.scroll.scrollTop - this.held_top) < 4;
    this.stuck = left < NEAR_PX || is_held;
    if (this.scroll.scrollTop < 60 && this.earlier && this.ready) this.#load_earlier();
    this.#count();
  }

  /** To the end; `past` also where the last message is not seen whole then. */
  #to_end(smooth = false, past = false) {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const end = this.scroll.scrollHeight;
    const top = past ? end : Math.min(end, this.#top_to_read());
    this.scroll.scrollTo({ top, behavior: smooth && !still ? "smooth" : "instant" });
    this.stuck = true;
    this.held_top = past ? null : this.scroll.scrollTop;
  }

  #top_to_read() {
    const view = this.scroll.getBoundingClientRect();
    const lines = Array.from(this.list.querySelectorAll(".line"), (node) => ({
      top_px: node.getBoundingClientRect().top - view.top + this.scroll.scrollTop,
      height_px: node.offsetHeight,
      moment_ms: node.moment_ms,
      is_mine: node.classList.contains("me"),
      has_code: node.querySelector(".code") !== null,
    }));
    return top_to_read(lines, view.height);
  }

  #news() {
    if (!this.stuck || !this.is_seen()) this.unread += 1;
    this.#count();
  }

  #count() {
    if (this.stuck && this.is_seen()) this.unread = 0;
    this.jump.hidden = this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < NEAR_PX;
    const label = this.jump.querySelector("span");
    tell(this.jump, this.unread ? "new-messages" : "to-end", { count: this.unread }, "aria-label");
    label.textContent = this.unread ? String(this.unread) : "";
    this.changed();
  }

  async #load_earlier() {
    if (!this.earlier || this.loading) return;
    this.loading = true;
    try {
      const page = await earlier_lines(this.name, this.earlier);
      this.earlier = page.before;
      this.more.hidden = this.earlier === null;
      const height = this.scroll.scrollHeight;
      const top = this.scroll.scrollTop;
      const nodes = page.lines
        .filter((line) => line.from !== "none" && !this.shown.has(line.id))
        .map((line) => this.#node(line, new Date(line.at)));
      this.list.prepend(...nodes);
      this.list.querySelectorAll(".day").forEach((day) => day.remove());
      this.list.querySelectorAll(".line").forEach((node) => this.#join(node));
      const groups = this.list.querySelectorAll(".choices");
      nodes.forEach((node) => node.querySelector(".choices")?.classList.toggle("past", groups[groups.length - 1]?.parentNode !== node));
      this.scroll.scrollTop = top + this.scroll.scrollHeight - height;
    } catch {
      // The button stays; the next scroll or press tries again.
    } finally {
      this.loading = false;
    }
  }
}
