// What was written here and is not with the server yet: kept over reloads, sent one by one, in order.

import { ensure_session, post, wait_ms } from "./stream.js";
import { draw_id } from "./dom.js";
import { language } from "./words.js";

/** Tries after which a person is told, while trying goes on. */
const PATIENT_TRIES = 3;
/** Messages that may wait. */
const MAX_WAITING = 50;

export class Queue {
  #pane;
  #on;
  #items = [];
  #busy = false;
  #attempt = 0;
  #timer = 0;

  /** `on(item, state)` is told `sending`, `waiting`, `failed`, `refused`, `sent`. */
  constructor(pane, on) {
    this.#pane = pane;
    this.#on = on;
    addEventListener("online", () => this.retry());
  }

  /** What an earlier visit left. */
  restore() {
    try {
      const kept = JSON.parse(localStorage.getItem(this.#key()) ?? "[]");
      if (Array.isArray(kept)) this.#items = kept.filter((item) => typeof item?.id === "string").slice(0, MAX_WAITING);
    } catch {
      this.#items = [];
    }
    this.#items.forEach((item) => this.#on(item, "sending"));
    this.#pump();
  }

  /** Whether no more may wait. */
  is_full() {
    return this.#items.length >= MAX_WAITING;
  }

  /**
   * Puts something into the queue: `{text}`, `{press, label}` or `{upload, kind}`, with an `id` of its own or a new one.
   * Returns whether there was room for it.
   */
  push(what) {
    if (this.is_full()) return false;
    const item = { id: draw_id(), ...what, at: Date.now() };
    this.#items.push(item);
    this.#keep();
    this.#on(item, "sending");
    this.#pump();
    return true;
  }

  /** Whether something still waits. */
  has(id) {
    return this.#items.some((item) => item.id === id);
  }

  /** The server has it, as the stream shows. */
  settled(id) {
    if (!this.has(id)) return;
    this.#items = this.#items.filter((item) => item.id !== id);
    this.#keep();
  }

  /** Tries again at once. */
  retry() {
    clearTimeout(this.#timer);
    this.#attempt = 0;
    this.#pump();
  }

  #key() {
    return `warung.unsent.${this.#pane}`;
  }

  #keep() {
    try {
      localStorage.setItem(this.#key(), JSON.stringify(this.#items));
    } catch {
      // Without storage the messages live as long as the page.
    }
  }

  async #pump() {
    if (this.#busy) return;
    this.#busy = true;
    clearTimeout(this.#timer);
    while (this.#items.length > 0) {
      const item = this.#items[0];
      const outcome = await this.#send(item);
      if (outcome.done) {
        this.settled(item.id);
        this.#attempt = 0;
        this.#on(item, outcome.done);
      } else {
        this.#attempt += 1;
        this.#items.forEach((each) => this.#on(each, this.#attempt >= PATIENT_TRIES ? "failed" : "waiting"));
        const wait = Math.max(outcome.wait ?? 0, wait_ms(this.#attempt));
        this.#timer = setTimeout(() => this.#pump(), wait);
        break;
      }
    }
    this.#busy = false;
  }

  async #send(item) {
    const body = { id: item.id, lang: language };
    if (item.press !== undefined) body.press = item.press;
    else if (item.upload !== undefined) body.media = { kind: item.kind, upload: item.upload };
    else body.text = item.text;
    try {
      let response = await post("/chat/messages", this.#pane, body);
      if (response.status === 401) {
        await ensure_session(this.#pane);
        response = await post("/chat/messages", this.#pane, body);
      }
      if (response.ok) return { done: "sent" };
      if ([400, 404, 413, 415].includes(response.status)) return { done: "refused" };
      return { wait: Number(response.headers.get("retry-after") ?? 0) * 1_000 };
    } catch {
      return {};
    }
  }
}
