// Small pictures of what was sent here. The server keeps a file only where the shop asked for one, so the browser remembers
// how it looked for as long as its tab is open.

import { draw_picture } from "./dom.js";

const KEY = "warung.sent";
const LONGEST_SIDE_PX = 480;
const QUALITY = 0.7;
const MAX_KEPT = 12;

function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
  } catch {
    return [];
  }
}

/** Remembers how a file looks, under the id of the message that sends it. A file that is no picture has no looks. */
export async function keep_preview(id, file) {
  try {
    const canvas = await draw_picture(file, LONGEST_SIDE_PX);
    const entries = [...kept(), [id, canvas.toDataURL("image/jpeg", QUALITY)]].slice(-MAX_KEPT);
    sessionStorage.setItem(KEY, JSON.stringify(entries));
  } catch {
    // Without a picture, or without room for it, the line says that a file was sent.
  }
}

/** The small picture of a message, as the address of an image; nothing when there is none. */
export function find_preview(id) {
  return kept().find(([of]) => of === id)?.[1] ?? null;
}
