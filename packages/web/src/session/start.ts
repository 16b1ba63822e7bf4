import { type Remote, wrap } from 'comlink';
import type { Session } from './session.ts';

declare global {
  /** The session of the page, for whoever works with it from the console. */
  var neuroprint: Remote<Session> | undefined;
}

/** Starts the worker of the page, which loads everything that computes. */
export function startSession(): Remote<Session> {
  const session = wrap<Session>(new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' }));
  globalThis.neuroprint = session;
  return session;
}
