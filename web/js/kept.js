// The last lines of a chat, kept in the browser: a page that is loaded without a connection shows them until there is one.

/** Lines that are kept. */
const MAX_LINES = 60;
/** Lines that come together are written together. */
const WRITE_AFTER_MS = 300;

export class Kept {
  #key;
  #lines = null;
  #timer = 0;

  constructor(pane) {
    this.#key = `warung.lines.${pane}`;
    addEventListener("pagehide", () => this.#write());
  }

  /** What an earlier visit left, oldest first. */
  lines() {
    try {
      const lines = JSON.parse(localStorage.getItem(this.#key) ?? "[]");
      return Array.isArray(lines) ? lines.filter((line) => typeof line?.id === "string" && line.at) : [];
    } catch {
      return [];
    }
  }

  /** Keeps a line that the server told. The first one of a visit takes the place of what earlier visits left. */
  add(line) {
    this.#lines = [...(this.#lines ?? []), line].slice(-MAX_LINES);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#write(), WRITE_AFTER_MS);
  }

  /** The server has no lines for this browser any more. */
  clear() {
    this.#lines = [];
    this.#write();
  }

  #write() {
    clearTimeout(this.#timer);
    if (this.#lines === null) return;
    try {
      localStorage.setItem(this.#key, JSON.stringify(this.#lines));
    } catch {
      // Without room or storage a reload without a connection shows an empty chat.
    }
  }
}
