// Staying in touch with the server: the session, the stream of events, and coming back after every kind of break.

/** A page in the background gives its connection back after this time, and asks now and then instead. */
const HIDDEN_AFTER_MS = 60_000;
const HIDDEN_POLL_MS = 20_000;
/** Waits before the first, second … try to come back. */
const WAITS_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000];

/** Sends a file ahead of the message that will name it. */
export function post_file(pane, file) {
  return fetch(`/chat/uploads?pane=${pane}`, {
    method: "POST",
    credentials: "same-origin",
    headers: { "content-type": file.type },
    body: file,
  });
}

/** Posts JSON of a pane. */
export function post(path, pane, body) {
  return fetch(`${path}?pane=${pane}`, {
    method: "POST",
    credentials: "same-origin",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

/** The wait before a try, longer each time. */
export function wait_ms(attempt) {
  const wait = WAITS_MS[Math.min(attempt, WAITS_MS.length - 1)];
  return wait * (0.8 + 0.4 * Math.random());
}

/** Makes sure that this browser has a session for a pane. */
export async function ensure_session(pane) {
  const response = await post("/chat/session", pane, {});
  if (!response.ok) throw new Error(`session: ${response.status}`);
}

/** The stream of one pane. `on` has `line`, `ready`, `typing`, `state` (`online`, `connecting`) and `unreachable`. */
export class Stream {
  #pane;
  #on;
  #source = null;
  #after = null;
  #attempt = 0;
  #timer = 0;
  #hidden = 0;

  constructor(pane, on) {
    this.#pane = pane;
    this.#on = on;
    addEventListener("online", () => this.#again(0));
    document.addEventListener("visibilitychange", () => this.#look());
  }

  /** Begins, or begins anew. */
  async open() {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
    try {
      await ensure_session(this.#pane);
    } catch {
      this.#on.unreachable();
      this.#again();
      return;
    }
    this.#source?.close();
    const after = this.#after === null ? "" : `&after=${this.#after}`;
    const source = new EventSource(`/chat/events?pane=${this.#pane}${after}`);
    this.#source = source;
    source.addEventListener("line", (event) => {
      this.#after = event.lastEventId;
      this.#on.line(JSON.parse(event.data));
    });
    source.addEventListener("ready", (event) => {
      this.#attempt = 0;
      this.#on.state("online");
      this.#on.ready(JSON.parse(event.data));
    });
    source.addEventListener("typing", (event) => this.#on.typing(JSON.parse(event.data).typing));
    source.addEventListener("open", () => this.#on.state("online"));
    source.addEventListener("error", () => {
      if (source !== this.#source) return;
      this.#on.typing(false);
      // The browser comes back by itself from a break, but gives up on a refusal (a server that is just starting).
      if (source.readyState === EventSource.CLOSED) this.#again();
      else this.#on.state("connecting");
    });
  }

  #again(wait = wait_ms(this.#attempt++)) {
    if (document.hidden && this.#hidden) return;
    this.#on.state("connecting");
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.open(), wait);
  }

  #look() {
    clearTimeout(this.#hidden);
    if (document.hidden) {
      this.#hidden = setTimeout(() => this.#doze(), HIDDEN_AFTER_MS);
    } else {
      this.#hidden = 0;
      if (this.#source === null || this.#source.readyState === EventSource.CLOSED) this.open();
    }
  }

  /** In the background: no connection, a look now and then. Browsers allow only a few connections to one place. */
  async #doze() {
    this.#source?.close();
    this.#source = null;
    clearTimeout(this.#timer);
    if (!document.hidden) return this.open();
    try {
      const response = await fetch(`/chat/lines?pane=${this.#pane}&after=${this.#after ?? "0-0"}`);
      if (response.ok) {
        const page = await response.json();
        this.#after = page.after;
        page.lines.forEach((line) => this.#on.line(line));
      }
    } catch {
      // The next look, or the way back to the front, will tell.
    }
    if (document.hidden) this.#hidden = setTimeout(() => this.#doze(), HIDDEN_POLL_MS);
    else this.open();
  }
}

/** Lines before a place. */
export async function earlier_lines(pane, before) {
  const response = await fetch(`/chat/lines?pane=${pane}&before=${encodeURIComponent(before)}`);
  if (!response.ok) throw new Error(`lines: ${response.status}`);
  return response.json();
}
