import { type AppFiles, cacheName, ruleFor, staleCaches } from "./cache-rules.ts";

/** Written by the build. */
declare const __SPLITSCOPE_FILES__: AppFiles;

/** The part of the service worker's global scope that is used here; lib.webworker clashes with lib.dom. */
interface ServiceWorkerScope {
  readonly registration: { readonly scope: string };
  readonly clients: { claim(): Promise<void> };
  addEventListener(kind: "install" | "activate", listener: (event: Lasting) => void): void;
  addEventListener(kind: "fetch", listener: (event: Asking) => void): void;
  addEventListener(kind: "message", listener: (event: Lasting & { readonly data: unknown }) => void): void;
}
interface Lasting {
  waitUntil(work: Promise<unknown>): void;
}
interface Asking extends Lasting {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

const worker = globalThis as unknown as ServiceWorkerScope;
const files = __SPLITSCOPE_FILES__;
const scope = worker.registration.scope;
const addressOf = (path: string) => new URL(path, scope).href;
const openCache = () => caches.open(cacheName(files));

/** Milliseconds that the network may take for the page before what is kept is shown. */
const PATIENCE = 3000;

/** Keeps files that are not kept yet; those with a digest in their name come from the browser's own cache if they can. */
async function keep(paths: readonly string[]): Promise<void> {
  const cache = await openCache();
  for (const path of paths) {
    if ((await cache.match(addressOf(path))) !== undefined) continue;
    const isFixed = path.startsWith("assets/");
    await cache.add(new Request(addressOf(path), { cache: isFixed ? "default" : "reload" }));
  }
}

async function forgetOthers(): Promise<void> {
  for (const name of staleCaches(files, await caches.keys())) await caches.delete(name);
}

/** The headers of an answer are kept with it, those that isolate the page among them. */
async function pageAnswer(request: Request): Promise<Response> {
  try {
    return await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
  } catch (reason) {
    const kept = await (await openCache()).match(addressOf("index.html"));
    if (kept !== undefined) return kept;
    throw reason;
  }
}

async function fileAnswer(event: Asking): Promise<Response> {
  const cache = await openCache();
  const kept = await cache.match(event.request, { ignoreSearch: true });
  if (kept !== undefined) return kept;
  const answer = await fetch(event.request);
  // Without room for it the app goes on as it would without a service worker.
  if (answer.status === 200) event.waitUntil(cache.put(event.request, answer.clone()).catch(() => undefined));
  return answer;
}

worker.addEventListener("install", (event) => event.waitUntil(keep(files.first)));
// The page that registered it asks for the rest through it from now on.
worker.addEventListener("activate", (event) => event.waitUntil(forgetOthers().then(() => worker.clients.claim())));
worker.addEventListener("message", (event) => {
  if (event.data === "model-opened") event.waitUntil(keep(files.withModel).catch(() => undefined));
});
worker.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || request.headers.has("range")) return;
  const rule = ruleFor(files, scope, request.url, request.mode === "navigate");
  if (rule === "page") event.respondWith(pageAnswer(request));
  if (rule === "file") event.respondWith(fileAnswer(event));
});
