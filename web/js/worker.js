// Keeps the files of the page in the browser, so that it opens without a connection too. Messages and answers never pass here.

const KEPT = "warung-{{version}}";
const FILES = {{files}};
/** The pages that open without a connection. */
const PAGES = ["/", "/owner"];

addEventListener("install", (event) => event.waitUntil(keep_files()));
addEventListener("activate", (event) => event.waitUntil(take_over()));
addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate" && PAGES.includes(pathname)) event.respondWith(page(request, pathname));
  else if (pathname.startsWith("/chat/assets/")) event.respondWith(file(request));
});

async function keep_files() {
  const kept = await caches.open(KEPT);
  await kept.addAll([...FILES, "/"]);
  await skipWaiting();
}

/** The files of other versions go. */
async function take_over() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("warung-") && name !== KEPT).map((name) => caches.delete(name)));
  await clients.claim();
}

/** The page as the server gives it; as it was, where the server cannot be reached. */
async function page(request, path) {
  const kept = await caches.open(KEPT);
  try {
    const fresh = await fetch(request);
    if (fresh.ok) await kept.put(path, fresh.clone());
    if (fresh.status < 500) return fresh;
    return (await kept.match(path)) ?? fresh;
  } catch {
    return (await kept.match(path)) ?? Response.error();
  }
}

/** A file never changes under its address. */
async function file(request) {
  const kept = await caches.open(KEPT);
  const known = await kept.match(request);
  if (known) return known;
  const fresh = await fetch(request);
  if (fresh.ok) await kept.put(request, fresh.clone());
  return fresh;
}
