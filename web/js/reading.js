// From where the news is read. Nothing here touches the page, so that tests/web can hold it against any view.

/** What the shop says within this time belongs together. */
export const TOGETHER_MS = 3_000;
/** Room above a message that is shown from its top. */
export const ABOVE_PX = 8;

/**
 * The place to scroll to so that the news is read from its beginning: a message that is taller than the view begins at its
 * top, and a code stays in sight with what is said together with it. Infinity where the end of the chat will do.
 * Each line has `top_px` and `height_px` on the whole length of the chat, `moment_ms`, `is_mine` and `has_code`.
 */
export function top_to_read(lines, view_height_px) {
  const mine = lines.findLastIndex((line) => line.is_mine);
  const since = (lines.at(-1)?.moment_ms ?? 0) - TOGETHER_MS;
  const news = lines.slice(mine + 1).filter((line) => line.moment_ms >= since);
  const first = news.findLast((line) => line.has_code || line.height_px > view_height_px);
  return first ? Math.max(0, first.top_px - ABOVE_PX) : Infinity;
}
