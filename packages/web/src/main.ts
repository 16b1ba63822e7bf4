import { keepOffline, offlineWords } from './folder/offline.ts';
import type { App } from './steps/app.ts';

const page = document.querySelector<HTMLElement>('#page')!;
const input = document.querySelector<HTMLInputElement>('#file')!;
const opening = document.querySelector<HTMLElement>('#opening')!;
let loaded: Promise<App> | undefined;

/** The steps, and the worker that computes: loaded once the page has been painted, or as soon as someone wants them. */
function app(): Promise<App> {
  loaded ??= Promise.all([import('./session/start.ts'), import('./steps/app.ts')]).then(([{ startSession }]) => {
    const element = page.querySelector<App>('np-app')!;
    element.connect(startSession());
    element.followed = ({ table, opening: words }) => {
      document.documentElement.classList.toggle('has-table', table !== undefined);
      opening.textContent = words === undefined ? '' : `${words} …`;
    };
    return element;
  });
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
    void app();
    // the tests of use without a network wait for this attribute
    void keepOffline((state) => {
      document.documentElement.dataset.offline = state.kind;
      document.querySelector('#offline')!.textContent = ` · ${offlineWords(state)}`;
    });
  }),
);
