// What people see and can do on the chat page.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { Chat, LAPTOP, PHONE, browser, open, warung } from "./shop.mjs";

let demo, chromium;

before(async () => {
  demo = await open("demo");
  chromium = await browser();
});

after(async () => {
  await chromium?.close();
  await demo?.close();
});

/** Opens the page as a new visitor, acts, and leaves. */
async function visit(device, act, url = demo.url, locale = "id-ID") {
  const context = await chromium.newContext({ ...device, locale });
  context.setDefaultTimeout(30_000);
  try {
    const page = await context.newPage();
    await page.goto(url);
    await act(new Chat(page), context);
  } finally {
    await context.close();
  }
}

for (const [name, device] of [["a phone", PHONE], ["a laptop", LAPTOP]]) {
  test(`on ${name} the whole code is in sight when it comes, and can be saved`, () =>
    visit(device, async (chat) => {
      await chat.orders();
      await chat.page.waitForFunction(() => document.querySelector("figure.code img.qris").complete);
      const inside = () => {
        const view = document.querySelector("#pane-customer .scroll").getBoundingClientRect();
        const picture = document.querySelector("figure.code img.qris").getBoundingClientRect();
        return picture.height > 200 && picture.top >= view.top && picture.bottom <= view.bottom;
      };
      await chat.page.waitForFunction(inside);
      const save = chat.pane.locator("figure.code a", { hasText: "Simpan" });
      await save.waitFor();
      assert.match(await save.getAttribute("href"), /qris/);
      assert.equal(await save.getAttribute("download"), "qris.png");
      const message = await chat.pane.locator(".line", { has: chat.page.locator("figure.code") }).last().innerText();
      assert.match(message, /galeri/i, "how to pay with one device");
    }));
}

test("on a phone what is saved is given to the gallery as a picture", () =>
  visit(PHONE, async (chat) => {
    await chat.page.addInitScript(() => {
      navigator.canShare = () => true;
      navigator.share = async ({ files }) => {
        window.shared = [files[0].name, files[0].type, files[0].size];
      };
    });
    await chat.page.reload();
    const code = await chat.orders();
    await code.evaluate((picture) => picture.decode());
    const save = chat.pane.locator("figure.code a", { hasText: "Simpan" });
    // The file is fetched ahead of the press; until it is there the press would download.
    await chat.page.waitForFunction((link) => {
      if (!window.shared) link.click();
      return window.shared;
    }, await save.elementHandle());
    const [file, kind, bytes] = await chat.page.evaluate(() => window.shared);
    assert.deepEqual([file, kind], ["qris.png", "image/png"]);
    assert.ok(bytes > 500, `${bytes} bytes`);
  }));

test("the owner's chat, which links itself, takes nobody's words", () =>
  visit(LAPTOP, async (chat) => {
    const field = chat.pane.getByRole("textbox");
    await field.focus();
    await chat.page.locator("#pane-owner li.line.shop").last().waitFor();
    await chat.page.keyboard.type("teh putih");
    assert.equal(await field.inputValue(), "teh putih");
  }));

test("a double tap is one press, also where its second half hits what has moved there", () =>
  visit(PHONE, async (chat) => {
    await chat.say("pesan 1 teh hijau organik");
    await chat.says("Teh Hijau Organik");
    await chat.pane.locator(".choices button", { hasText: "Checkout" }).last().dblclick();
    await chat.says("Ambil");
    await chat.say("keranjang");
    await chat.says("Subtotal");
    assert.equal(await chat.pane.locator(".line.me .bubble.press").count(), 1);
    assert.equal(await chat.pane.getByText("sudah lama").count(), 0);
  }));

test("a reload without a connection shows what was said, and says that there is none", () =>
  visit(LAPTOP, async (chat, context) => {
    await chat.say("ada teh apa saja?");
    await chat.says("Teh");
    await chat.page.evaluate(() => navigator.serviceWorker.ready);
    await chat.page.reload();
    await chat.says("Teh");
    await context.setOffline(true);
    await chat.page.reload();
    await chat.says("Teh");
    await chat.pane.getByText("Koneksi terputus").waitFor();
    await chat.say("nanti dikirim");
    await context.setOffline(false);
    await chat.pane.locator(".line.me[data-state=sent]", { hasText: "nanti dikirim" }).waitFor();
  }));

test("those who hear the page are told of a log with a list of lines", () =>
  visit(LAPTOP, async (chat) => {
    await chat.say("menu");
    await chat.says("Teh");
    const log = chat.page.getByRole("log", { name: "Obrolan pembeli" });
    assert.ok((await log.getByRole("list").getByRole("listitem").count()) >= 2);
  }));

test("after the payment the sandbox leads back to the chat and offers to pay no second time", () =>
  visit(PHONE, async (chat, context) => {
    await chat.orders();
    const [paying] = await Promise.all([
      context.waitForEvent("page"),
      chat.pane.locator("a.link[target=_blank]").last().click(),
    ]);
    await paying.locator("button.main").click();
    await paying.locator("h1.state.paid").waitFor();
    const again = paying.locator("button", { hasText: "sekali lagi" });
    assert.equal(await again.first().isVisible(), false, "folded up, below");
    const back = paying.locator("a.main");
    assert.ok(await back.isVisible());
    await back.click();
    await new Chat(paying).says("sudah masuk");
    await chat.says("sudah masuk");
  }));

test("the starter orders what stands on this shop's own shelf, in both languages", async () => {
  warung(["store", "create", "kopi-senja", "--name", "Kopi Senja", "--phone", "081234567890", "--owner", "Sari", "--email", "s@example.com"]);
  const sheet = join(mkdtempSync(join(tmpdir(), "warung-browser-")), "goods.csv");
  writeFileSync(sheet, "sku,name,price,stock\nK1,Kopi Susu,18000,9\n");
  warung(["product", "import", sheet, "--store", "kopi-senja"]);
  rmSync(dirname(sheet), { recursive: true });
  const shop = await open("serve", { WARUNG_STORE: "kopi-senja" });
  try {
    for (const [locale, label, added] of [["id-ID", "Pesan 2 Kopi Susu", "Kopi Susu"], ["en-GB", "Order 2 Kopi Susu", "Kopi Susu"]]) {
      await visit(PHONE, async (chat) => {
        await chat.page.getByRole("button", { name: label }).click();
        const answer = await chat.says(added);
        assert.match(await answer.innerText(), /2/);
        assert.doesNotMatch(await chat.pane.innerText(), /teh hijau|green tea/i);
      }, shop.url, locale);
    }
  } finally {
    await shop.close();
  }
});
