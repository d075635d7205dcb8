// Files that a person attaches: made small enough, and sent ahead of the message that names them.

import { draw_picture } from "./dom.js";
import { ensure_session, post_file } from "./stream.js";

/** Bytes that the server takes. */
const MAX_BYTES = 5_000_000;
/** Photographs that are larger are drawn anew with this longest side: enough to read a code and a receipt. */
const SHRINK_FROM_BYTES = 1_500_000;
const LONGEST_SIDE_PX = 2_000;
const QUALITY = 0.85;

/** What the chooser offers. */
export const ACCEPT = "image/*,application/pdf";

/** Sends a file. Returns `{upload, kind}`, or `{problem}` with the key of what to tell. */
export async function send_file(pane, file) {
  const small = file.type.startsWith("image/") ? await shrunk(file) : file;
  if (!small || small.size === 0 || small.size > MAX_BYTES) return { problem: "upload-refused" };
  try {
    let response = await post_file(pane, small);
    if (response.status === 401) {
      await ensure_session(pane);
      response = await post_file(pane, small);
    }
    if (response.status === 413 || response.status === 415) return { problem: "upload-refused" };
    if (response.status === 429) return { problem: "upload-later" };
    if (!response.ok) return { problem: "upload-failed" };
    const { upload } = await response.json();
    return { upload, kind: small.type === "application/pdf" ? "document" : "image" };
  } catch {
    return { problem: "upload-failed" };
  }
}

/** A picture that the server takes: as it is where it can be, else drawn anew as a JPEG; nothing when it is none. */
async function shrunk(file) {
  const is_known = ["image/jpeg", "image/png", "image/webp"].includes(file.type);
  if (is_known && file.size <= SHRINK_FROM_BYTES) return file;
  try {
    const canvas = await draw_picture(file, LONGEST_SIDE_PX);
    return await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  } catch {
    return is_known ? file : null;
  }
}
