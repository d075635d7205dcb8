// What the chat page keeps of a visit, and shows when the next one has no connection.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

const store = new Map();
const hidden = [];
globalThis.localStorage = {
  getItem: (key) => store.get(key) ?? null,
  setItem: (key, value) => {
    if (store.full) throw new Error("QuotaExceededError");
    store.set(key, value);
  },
};
globalThis.addEventListener = (name, act) => name === "pagehide" && hidden.push(act);
const { Kept } = await import("../../web/js/kept.js");

/** The page goes away: what waits to be written is written. */
const leave = () => hidden.splice(0).forEach((act) => act());
const line = (number) => ({ id: `l${number}`, at: "2026-11-23T02:00:00Z", text: `line ${number}` });

beforeEach(() => {
  leave();
  store.clear();
  store.full = false;
});

test("a page without a connection shows the last lines of the visit before", () => {
  const visit = new Kept("customer");
  for (let number = 0; number < 100; number += 1) visit.add(line(number));
  leave();
  const lines = new Kept("customer").lines();
  assert.equal(lines.length, 60);
  assert.deepEqual([lines[0].id, lines[59].id], ["l40", "l99"]);
  assert.deepEqual(new Kept("owner").lines(), [], "the other chat keeps its own");
});

test("a chat that the server has forgotten is forgotten here", () => {
  const visit = new Kept("customer");
  visit.add(line(1));
  visit.clear();
  assert.deepEqual(new Kept("customer").lines(), []);
});

test("what somebody else wrote into the storage is no line", () => {
  for (const words of ["", "{", "7", "{}", "[null, 7, {}, { \"id\": 7 }]"]) {
    store.set("warung.lines.customer", words);
    assert.deepEqual(new Kept("customer").lines(), [], words);
  }
});

test("a full storage breaks nothing", () => {
  const visit = new Kept("customer");
  store.full = true;
  visit.add(line(1));
  leave();
  assert.deepEqual(new Kept("customer").lines(), []);
});
