/**
 * Keeps the page for use without a network: every file of one version, each checked against its hash, or none. A new version waits until
 * no tab shows the old one, so that files of two versions never meet.
 *
 * The build puts in front of it FILES (the hash of every file by its path) and VERSION; it imports nothing.
 */
declare const FILES: Readonly<Record<string, string>>;
declare const VERSION: string;

interface WorkerEvent extends Event {
  readonly request: Request;
  waitUntil(work: Promise<unknown>): void;
  respondWith(response: Promise<Response>): void;
}

interface WorkerScope {
  readonly location: Location;
  readonly registration: { readonly scope: string };
  readonly clients: { claim(): Promise<void> };
  addEventListener(type: 'install' | 'activate' | 'fetch', listener: (event: WorkerEvent) => void): void;
}

const scope = self as unknown as WorkerScope;
const PREFIX = 'neuroprint ';
const CACHE = `${PREFIX}${VERSION}`;
/** Files whose name changes with their bytes. */
const HASHED = /^assets\//;

scope.addEventListener('install', (event) => event.waitUntil(fill()));
scope.addEventListener('activate', (event) => event.waitUntil(takeOver()));
scope.addEventListener('fetch', (event) => {
  const path = pathOf(event.request);
  if (path !== undefined) event.respondWith(answer(path, event.request));
});

async function fill(): Promise<void> {
  const cache = await caches.open(CACHE);
  try {
    await Promise.all(
      Object.entries(FILES).map(async ([path, integrity]) => {
        const url = new URL(path, scope.registration.scope).href;
        const had = HASHED.test(path) ? await caches.match(url) : undefined;
        await cache.put(url, had ?? asItIs(await fetch(url, { integrity, cache: 'no-cache' })));
      }),
    );
  } catch (error) {
    await caches.delete(CACHE);
    throw error;
  }
}

async function takeOver(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(
    names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)),
  );
  await scope.clients.claim();
}

/** The path of a request in this version of the page; undefined for what is none of its files. */
function pathOf(request: Request): string | undefined {
  if (request.method !== 'GET' || !request.url.startsWith(scope.registration.scope)) return undefined;
  const path = request.url.slice(scope.registration.scope.length).replace(/[?#].*$/, '') || 'index.html';
  return path in FILES ? path : undefined;
}

async function answer(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  // a browser that needs room may have thrown it away
  return (await cache.match(new URL(path, scope.registration.scope).href)) ?? fetch(request);
}

/** Servers that move `index.html` to `/` make an answer that a browser takes for no page. */
function asItIs(response: Response): Response {
  const { body, status, headers } = response;
  return response.redirected ? new Response(body, { status, headers }) : response;
}
