import { LinkError, runOf } from './folder/link.ts';
import { keepingWords, keepOffline, offlineWords } from './folder/offline.ts';
import type { App } from './steps/app.ts';

const page = document.querySelector<HTMLElement>('#page')!;
const input = document.querySelector<HTMLInputElement>('#file')!;
const opening = document.querySelector<HTMLElement>('#opening')!;
const kept = document.querySelector<HTMLElement>('#kept')!;
const WANTS_TABLE = 'The link is of a run for a table of your own: drop it here, and what was chosen is taken over.';
let loaded: Promise<App> | undefined;

/** The steps, and the worker that computes: loaded once the page has been painted, or as soon as someone wants them. */
function app(): Promise<App> {
  loaded ??= Promise.all([import('./session/start.ts'), import('./steps/app.ts')]).then(([{ startSession }]) => {
    const element = page.querySelector<App>('np-app')!;
    element.followed = (flow) => {
      document.documentElement.classList.toggle('has-table', flow.table !== undefined);
      // with a table open, the page itself says what is done
      opening.textContent =
        flow.opening !== undefined ? `${flow.opening} …` : flow.linked === undefined ? '' : WANTS_TABLE;
      kept.hidden = flow.keeping === undefined;
      if (flow.keeping !== undefined) kept.querySelector('span')!.textContent = keepingWords(flow.keeping);
    };
    element.connect(startSession(broken));
    kept.querySelector('button')!.addEventListener('click', () => void element.flow.forget());
    return element;
  });
  loaded.catch(broken);
  return loaded;
}

async function openFile(file: File | undefined): Promise<void> {
  if (file === undefined) return;
  opening.textContent = 'The simulator is loaded …';
  const { flow } = await app();
  await flow.openFile(file);
}

input.addEventListener('change', () => {
  void openFile(input.files?.[0]);
  // the same file again is a change too
  input.value = '';
});
for (const button of page.querySelectorAll<HTMLButtonElement>('[data-example]'))
  button.addEventListener('click', async () => {
    opening.textContent = 'The simulator is loaded …';
    const { flow } = await app();
    const { example, target } = button.dataset;
    await flow.openExample(example!, target === undefined ? {} : { label: target, regression: true });
  });

/** Says that a part of the page could not be had; all of it is asked for again when the page is loaded again. */
function broken(): void {
  const again = document.createElement('button');
  again.className = 'button small';
  again.textContent = 'Load the page again';
  again.addEventListener('click', () => location.reload());
  opening.replaceChildren('A part of the page could not be loaded: its download was interrupted. ', again);
}

/** Goes on with what a link says, or with what the last tab left behind. */
async function begin(): Promise<void> {
  const { flow } = await app();
  try {
    await flow.session.ready();
  } catch {
    return broken();
  }
  try {
    const run = runOf(location.hash.slice(1));
    await (run === undefined ? flow.bringBack() : flow.openLink(run));
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    flow.refuse(error);
  }
}

// a file may be dropped anywhere
const { classList } = document.documentElement;
addEventListener('dragover', (event) => {
  event.preventDefault();
  classList.add('over');
});
addEventListener('dragleave', ({ relatedTarget }) => {
  if (relatedTarget === null) classList.remove('over');
});
addEventListener('drop', (event) => {
  event.preventDefault();
  classList.remove('over');
  void openFile(event.dataTransfer?.files[0]);
});

requestAnimationFrame(() =>
  setTimeout(() => {
    void begin();
    // the tests of use without a network wait for this attribute
    void keepOffline((state) => {
      document.documentElement.dataset.offline = state.kind;
      document.querySelector('#offline')!.textContent = ` · ${offlineWords(state)}`;
    });
  }),
);
