// After the first visit all files come from the cache, so the page works offline. A new build has
// another version, fills its own cache, and is used once no page of the old build is open.

const VERSION = "{{version}}", FILES = {{files}};

// Large files are stored inflated, so that later visits need not do it, and the browser keeps what it compiles of them.
const TYPES = { wasm: "application/wasm", js: "text/javascript" };

async function store(cache, file) {
  const answer = await fetch(file, { cache: "no-cache" });
  if (!answer.ok) throw new Error(`${file}: status ${answer.status}`);
  if (!file.endsWith(".z")) return cache.put(file, answer);
  const type = TYPES[file.split(".").at(-2)] ?? "application/octet-stream";
  return cache.put(file, new Response(answer.body.pipeThrough(new DecompressionStream("deflate")), { headers: { "Content-Type": type, "X-Inflated": "yes" } }));
}

self.addEventListener("install", (event) =>
  event.waitUntil(caches.open(VERSION).then((cache) => Promise.all(FILES.map((file) => store(cache, file))))));

self.addEventListener("activate", (event) =>
  event.waitUntil(caches.keys().then((names) => Promise.all(names.filter((name) => name.startsWith("playground-") && name !== VERSION).map((name) => caches.delete(name))))));

self.addEventListener("fetch", (event) => {
  if (event.request.method !== "GET" || new URL(event.request.url).origin !== location.origin) return;
  event.respondWith(caches.open(VERSION).then(async (cache) => (await cache.match(event.request, { ignoreSearch: true })) ?? fetch(event.request)));
});
