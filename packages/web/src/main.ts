import type { Session } from './session/session.ts';

/** The names of the steps, in order. */
const STEPS: readonly Parameters<Session['run']>[0][] = ['train', 'compile', 'verify'];

document.querySelector('#page')!.textContent = STEPS.join(' → ');
