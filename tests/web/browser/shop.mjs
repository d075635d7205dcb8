// The shop as its operator starts it, and a browser in front of it.

import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

/** A phone that is held in the hand, and a laptop. */
export const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
export const LAPTOP = { viewport: { width: 1280, height: 800 } };

const free_port = () =>
  new Promise((resolve, reject) => {
    const server = createServer().once("error", reject).listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** Runs a command of the program to its end and gives what it printed. */
export const warung = (args, settings = {}) =>
  execFileSync(process.env.WARUNG, args, { env: { ...process.env, RUST_LOG: "off", ...settings }, encoding: "utf8" });

/** Starts `warung demo` or `warung serve` and waits until it says that the shop is open. */
export async function open(command, settings = {}) {
  const port = await free_port();
  const dir = mkdtempSync(join(tmpdir(), "warung-browser-"));
  const env = { ...process.env, WARUNG_BIND: `127.0.0.1:${port}`, WARUNG_DATA_DIR: dir, ...settings };
  const program = spawn(process.env.WARUNG, [command], { env, cwd: dir });
  const ended = new Promise((resolve) => program.once("exit", resolve));
  await new Promise((resolve, reject) => {
    let said = "";
    const hear = (words) => {
      said += words;
      if (/the shop is open|is open/.test(said)) resolve();
    };
    program.stdout.on("data", hear);
    program.stderr.on("data", hear);
    ended.then((code) => reject(new Error(`${command} ended with ${code}: ${said}`)));
  });
  const close = async () => {
    program.kill("SIGTERM");
    await ended;
    rmSync(dir, { recursive: true, force: true });
  };
  return { url: `http://127.0.0.1:${port}`, close };
}

/** A browser that asks nobody but the shop. */
export const browser = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync"],
  });

/** The chat of the page's customer. */
export class Chat {
  constructor(page) {
    this.page = page;
    this.pane = page.locator("#pane-customer");
    this.scroll = this.pane.locator(".scroll");
  }

  /** Writes words and sends them. */
  async say(words) {
    await this.pane.getByRole("textbox").fill(words);
    await this.pane.locator("button.send").click();
  }

  /** Waits for a line of the shop that says something. */
  async says(words) {
    const line = this.pane.locator(".line.shop", { hasText: words }).last();
    await line.waitFor();
    return line;
  }

  /** Presses the newest button of that name, when it is there. */
  async press(label) {
    await this.pane.locator(".choices button", { hasText: label }).last().click();
  }

  /** Orders down to the code. */
  async orders() {
    await this.say("pesan 1 teh hijau organik");
    await this.says("Teh Hijau Organik");
    await this.press("Checkout");
    await this.says("Ambil");
    await this.press("Ambil");
    await this.says("nama");
    await this.say("Budi Santoso");
    await this.says("HP");
    await this.say("081234567899");
    await this.says("Total");
    await this.press("Ya, pesan");
    const code = this.pane.locator("figure.code img.qris").last();
    await code.waitFor();
    return code;
  }
}
