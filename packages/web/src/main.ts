import { keepOffline, offlineWords } from './folder/offline.ts';
import type { Session } from './session/session.ts';

/** The names of the steps, in order. */
const STEPS: readonly Parameters<Session['run']>[0][] = ['train', 'compile', 'verify'];

document.querySelector('#page')!.textContent = STEPS.join(' → ');
// the tests of use without a network wait for this attribute
void keepOffline((state) => {
  document.documentElement.dataset.offline = state.kind;
  document.documentElement.title = offlineWords(state);
});
