import { platform } from '@neuroprint/core';
import { Simulation } from 'eecircuit-engine';

/**
 * The thread that holds ngspice compiled to WebAssembly. One message, one run, one answer. The package's own results are
 * not used: after a failed run it returns the previous run's data, so every run writes a file that was unlinked before.
 */
interface FileSystem {
  readFile(path: string): Uint8Array;
  writeFile(path: string, data: string): void;
  unlink(path: string): void;
}

/** As much of the standard interface as is used here; it is not among the types of Node's own. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: ArrayBuffer);
  }
  let instantiateStreaming: (
    response: Response | Promise<Response>,
    imports: object,
  ) => Promise<{ readonly module: Module; readonly instance: object }>;
  function instantiate(module: Module, imports: object): Promise<object>;
}

/** The parts of the pinned package version that are reached into. */
interface Internals {
  commandList: string[];
  __getSpiceModuleForTests(): { FS: FileSystem };
}

/** What the thread is started with. */
export interface WorkerSettings {
  /** It shall simulate for seconds, so that code which is compiled for speed pays. */
  readonly isLong: boolean;
}

export interface RunRequest {
  readonly deck: string;
  readonly resultFile: string;
}

export type WorkerMessage =
  | { readonly kind: 'ready'; readonly version: string }
  | { readonly kind: 'done'; readonly log: string; readonly raw: Uint8Array | null; readonly busySeconds: number }
  | { readonly kind: 'failed'; readonly message: string };

const PACKAGE_RESULT = 'out.raw';
/** A sound raw file of one point: the package never settles a run whose own result file it cannot parse. */
const PLACEHOLDER = `Title: x\nDate: x\nPlotname: x\nFlags: real\nNo. Variables: 1\nNo. Points: 1\nVariables:\n\t0\tx\tvoltage\nBinary:\n${'0'.repeat(8)}`;

const port = platform.threadPort();
const post = (message: WorkerMessage): void => port.post(message);
// the package prints banners and every warning
for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) console[method] = () => undefined;

// it fetches its 6 MB of WebAssembly from a data URL, which Buffer decodes in a hundredth of the time; a page has a file of them
const fetchAny = globalThis.fetch;
globalThis.fetch = async (url, options) => {
  const { 1: base64 } = /^data:[^,]*,(.*)$/s.exec(String(url)) ?? [];
  if (base64 === undefined) return fetchAny(url, options);
  return new Response(Buffer.from(base64, 'base64'), { headers: { 'content-type': 'application/wasm' } });
};

// the functions that read a deck are so large that to compile them for speed takes longer than most runs
const { inFirstCode } = platform;
if (inFirstCode !== undefined && !(port.shared() as WorkerSettings).isLong)
  WebAssembly.instantiateStreaming = async (response, imports) => {
    const bytes = await (await response).arrayBuffer();
    const module = inFirstCode(() => new WebAssembly.Module(bytes));
    return { module, instance: await WebAssembly.instantiate(module, imports) };
  };

const simulation = new Simulation();
const internals = simulation as unknown as Internals;

async function start(): Promise<void> {
  await simulation.start();
  const version = /ngspice-([\w.+-]+)/.exec(simulation.getInitInfo())?.[1] ?? 'unknown';
  internals.__getSpiceModuleForTests().FS.writeFile(PACKAGE_RESULT, PLACEHOLDER);
  post({ kind: 'ready', version });
}

async function run({ deck, resultFile }: RunRequest): Promise<void> {
  const files = internals.__getSpiceModuleForTests().FS;
  const begin = platform.threadSeconds();
  if (exists(files, resultFile)) files.unlink(resultFile);
  simulation.setNetList(deck);
  internals.commandList = [' ', 'source test.cir', 'destroy all', 'remcirc'];
  await simulation.runSim();
  const raw = exists(files, resultFile) ? files.readFile(resultFile) : null;
  post({ kind: 'done', log: simulation.getInfo(), raw, busySeconds: platform.threadSeconds() - begin });
}

function exists(files: FileSystem, path: string): boolean {
  try {
    return files.readFile(path) !== undefined;
  } catch {
    return false;
  }
}

const fail = (error: unknown): void =>
  post({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
port.onUncaught(fail);
port.onMessage((request) => {
  run(request as RunRequest).catch(fail);
});
start().catch(fail);
