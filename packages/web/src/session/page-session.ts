import { hasSolverKernel } from '@neuroprint/circuit';
import { fetchBundled, memoryFiles } from '@neuroprint/core/page';
// for its kernel, which has to be there before a thread starts
import '@neuroprint/training';
import { EXAMPLES, InterruptedError, type Refusal, run, SURROGATES, TEMPLATES, VERSION } from 'neuroprint/page';
import { decisionsOf } from './decisions.ts';
import { fetchFiles } from './fetch-files.ts';
import { FolderDesk } from './folder/desk.ts';
import type { Listener, Session, Step, StepResult, TableOptions, TableView } from './session.ts';
import { describeTable } from './table.ts';
import { technologiesIn } from './technologies.ts';

/** The session itself, in its worker: the commands of the command line on the folder in memory, and what the page wants to see of it. */
export class PageSession extends FolderDesk implements Session {
  readonly #ready = Promise.all([fetchFiles(), fetchBundled()]).then(() => this.bringBack());
  #table: string | undefined;
  #running: AbortController | undefined;

  constructor() {
    super(TEMPLATES, [TEMPLATES, SURROGATES, EXAMPLES]);
    // whoever calls ready hears of it
    this.#ready.catch(() => undefined);
  }

  async ready() {
    await this.#ready;
    return { simd: hasSolverKernel(), version: VERSION };
  }

  async technologies() {
    await this.#ready;
    return technologiesIn(TEMPLATES);
  }

  async examples() {
    await this.#ready;
    return memoryFiles.list(EXAMPLES).filter((name) => name.endsWith('.csv'));
  }

  async openTable(name: string, file: Blob): Promise<TableView> {
    await this.#ready;
    const bytes = new Uint8Array(await file.arrayBuffer());
    // a name only: a table lies in the root of the folder
    const path = name.replace(/^.*[\\/]/, '') || 'table.csv';
    memoryFiles.write(path, bytes);
    return this.reopenTable(path);
  }

  async reopenTable(path: string): Promise<TableView> {
    await this.#ready;
    this.#table = path;
    return describeTable(path, {});
  }

  async openExample(name: string): Promise<TableView> {
    await this.#ready;
    return this.openTable(name, new Blob([memoryFiles.read(`${EXAMPLES}/${name}`)]));
  }

  async describeTable(options: TableOptions): Promise<TableView> {
    if (this.#table === undefined) throw new Error('no table is open');
    return describeTable(this.#table, options);
  }

  async run(step: Step, args: readonly string[], listener?: Listener): Promise<StepResult> {
    await this.#ready;
    if (this.#running !== undefined) throw new Error('another step runs; wait for it, or cancel it');
    const controller = new AbortController();
    this.#running = controller;
    const [stdout, stderr] = [new Written(), new Written()];
    let problem: Refusal | undefined;
    const began = performance.now();
    try {
      const exitCode = await run([step, ...args, '--json'], {
        stdout,
        stderr,
        colours: false,
        signal: controller.signal,
        tell: (event) => void listener?.(event),
        refuse: (refusal) => {
          problem = refusal;
        },
      });
      return {
        exitCode,
        result: stdout.text.trimStart().startsWith('{') ? (JSON.parse(stdout.text) as object) : undefined,
        remarks: problem === undefined ? stderr.text.split('\n').filter((line) => line !== '') : [],
        problem,
        commandLine: ['neuroprint', step, ...args].map(quoted).join(' '),
        seconds: (performance.now() - began) / 1000,
      };
    } finally {
      this.#running = undefined;
    }
  }

  async cancel(): Promise<void> {
    this.#running?.abort(new InterruptedError());
  }

  async files(folder: string): Promise<ReadonlyMap<string, Uint8Array>> {
    return memoryFiles.below(folder);
  }

  async decisions(folder: string) {
    return decisionsOf(folder);
  }
}

/** An argument as a shell takes it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

class Written {
  text = '';

  write(text: string): void {
    this.text += text;
  }
}
