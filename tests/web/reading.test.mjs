// Where the chat page scrolls to when the shop has said something, at the views of a phone and of a laptop.

import assert from "node:assert/strict";
import { test } from "node:test";

import { ABOVE_PX, top_to_read } from "../../web/js/reading.js";

/** What is left of 390×844 and 1280×800 for the lines, below the head and above the composer. */
const VIEWS_PX = [690, 610];

/** Lines one below the other: `[height_px, moment_ms, what]`, `what` one of "me", "code", "". */
function chat(...lines) {
  let top_px = 0;
  return lines.map(([height_px, moment_ms, what = ""]) => {
    const line = { top_px, height_px, moment_ms, is_mine: what === "me", has_code: what === "code" };
    top_px += height_px;
    return line;
  });
}

for (const view_px of VIEWS_PX) {
  test(`a code and what is said with it are read from the top of the code, at ${view_px} px`, () => {
    const lines = chat([400, 0], [60, 1_000, "me"], [120, 2_000], [560, 2_100, "code"], [150, 2_200]);
    assert.equal(top_to_read(lines, view_px), 400 + 60 + 120 - ABOVE_PX);
  });

  test(`a message that is taller than the view begins at its top, at ${view_px} px`, () => {
    const lines = chat([300, 0], [60, 1_000, "me"], [view_px + 1, 2_000], [80, 2_050]);
    assert.equal(top_to_read(lines, view_px), 360 - ABOVE_PX);
  });

  test(`what fits the view is read at the end, at ${view_px} px`, () => {
    assert.equal(top_to_read(chat([900, 0, "code"], [60, 1_000, "me"], [view_px, 2_000]), view_px), Infinity);
    assert.equal(top_to_read([], view_px), Infinity);
  });
}

test("a code of earlier does not hold what is said later", () => {
  assert.equal(top_to_read(chat([560, 0, "code"], [80, 10_000]), 690), Infinity);
});

test("who has answered since has seen the code", () => {
  assert.equal(top_to_read(chat([560, 1_000, "code"], [60, 1_500, "me"], [80, 2_000]), 690), Infinity);
});

test("the first message of a chat is shown from the very beginning", () => {
  assert.equal(top_to_read(chat([900, 0, "code"]), 690), 0);
});
