import type { Keeping } from '../session/folder-view.ts';

/** Whether the page can be used without a network. */
export type OfflineState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready' }
  /** A new version waits until every tab of this one is closed. */
  | { readonly kind: 'newer' }
  | { readonly kind: 'impossible'; readonly why: string };

/** Registers the service worker, and tells what becomes of it. To be called after the first paint: it fetches every file. */
export async function keepOffline(onState: (state: OfflineState) => void): Promise<void> {
  if (!('serviceWorker' in navigator)) {
    const why = isSecureContext ? 'this browser cannot' : 'the page did not come by https or from this machine';
    onState({ kind: 'impossible', why });
    return;
  }
  onState({ kind: 'loading' });
  try {
    const registration = await navigator.serviceWorker.register('service-worker.js', { scope: './' });
    const follow = (worker: ServiceWorker | null): void => {
      if (worker === null) return;
      const tell = (): void => {
        // a version that could not be had whole goes; the one before it stays
        if (worker.state === 'redundant' && registration.active === null)
          onState({
            kind: 'impossible',
            why: 'the download was interrupted; it is tried again when the page is loaded again',
          });
        else if (worker.state === 'installed' && registration.active !== null) onState({ kind: 'newer' });
        else if (worker.state === 'activated') onState({ kind: 'ready' });
      };
      worker.addEventListener('statechange', tell);
      tell();
    };
    follow(registration.active);
    follow(registration.waiting);
    follow(registration.installing);
    registration.addEventListener('updatefound', () => follow(registration.installing));
  } catch (error) {
    onState({ kind: 'impossible', why: error instanceof Error ? error.message : String(error) });
  }
}

/** The state in one sentence. */
export function offlineWords(state: OfflineState): string {
  switch (state.kind) {
    case 'loading':
      return 'Being kept for use without a network …';
    case 'ready':
      return 'Works without a network from now on.';
    case 'newer':
      return 'A newer version is there: it starts once every tab of this page is closed.';
    case 'impossible':
      return `Needs the network: ${state.why}.`;
  }
}

/** In one sentence, whether what is done in this tab outlives it. */
export function keepingWords(keeping: Keeping): string {
  switch (keeping.kind) {
    case 'kept':
      return 'This browser keeps your table and its circuit until you open others: a tab that was closed goes on.';
    case 'elsewhere':
      return 'Another tab of this page is open: what is done in this one ends with it.';
    case 'impossible':
      return `What is done here ends with this tab: ${keeping.why}.`;
  }
}
