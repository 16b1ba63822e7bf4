import { startWorker } from '@neuroprint/core/page';
import { type Endpoint, type Remote, wrap } from 'comlink';
import type { Session } from './session.ts';

declare global {
  /** The session of the page, for whoever works with it from the console. */
  var neuroprint: Remote<Session> | undefined;
}

/** Starts the worker of the page, which loads everything that computes. `onBroken` is called where its code cannot be had. */
export function startSession(onBroken: () => void): Remote<Session> {
  const worker = startWorker(new URL('./worker.ts', import.meta.url));
  worker.addEventListener('error', onBroken);
  const session = wrap<Session>(worker as unknown as Endpoint);
  globalThis.neuroprint = session;
  return session;
}
