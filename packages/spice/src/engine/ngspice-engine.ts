import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { writeFailure } from '@neuroprint/core';
import {
  DEFAULT_TIMEOUT_MILLISECONDS,
  type Engine,
  type EngineReport,
  engineMissing,
  RESULT_FILE,
  type RunOptions,
  readResult,
} from './engine.ts';
import { SimulationError, SimulationTimeoutError } from './errors.ts';
import type { Plot } from './raw.ts';
import { makeRunFolder, removeStaleRunFolders } from './run-folder.ts';

const DECK_FILE = 'deck.cir';
const CPU_FILE = 'cpu.txt';
const LOG_LIMIT = 4_000_000;
const HINT = 'Install ngspice (Debian: apt-get install ngspice), or use --engine embedded.';

/** Looks for `ngspice` on the PATH and asks its version. */
export function inspectNgspice(searchPath: string = process.env.PATH ?? ''): EngineReport {
  const path = searchPath
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, 'ngspice'))
    .find(isExecutable);
  if (path === undefined) {
    return { name: 'ngspice', version: null, path: null, usable: false, problem: 'not on the PATH', whatToDo: HINT };
  }
  const { stdout, stderr, status } = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 10_000 });
  const version = /ngspice-([\w.+-]+)/.exec(`${stdout}${stderr}`)?.[1];
  if (version === undefined) {
    return {
      name: 'ngspice',
      version: null,
      path,
      usable: false,
      problem: `does not tell its version (exit code ${status})`,
      whatToDo: HINT,
    };
  }
  return { name: 'ngspice', version, path, usable: true };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return existsSync(path);
  } catch {
    return false;
  }
}

/** Children that run now: they are in process groups of their own, so nobody else ends them when we go. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) killGroup(child);
});

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}

/**
 * The ngspice binary: one process a run, in a fresh folder that is also its HOME, without any start-up file (`-n`, and
 * an empty SPICE_SCRIPTS instead of the system's spinit).
 */
export class NgspiceEngine implements Engine {
  readonly name = 'ngspice';
  readonly version: string;
  readonly #path: string;
  readonly #label: string;
  #cpuSeconds = 0;
  #closed = false;
  #queue: Promise<unknown> = Promise.resolve();
  #child: ChildProcess | null = null;

  constructor(report: EngineReport = inspectNgspice()) {
    if (!report.usable || report.path === null || report.version === null) throw engineMissing(report);
    this.version = report.version;
    this.#path = report.path;
    this.#label = `ngspice ${report.version}`;
    removeStaleRunFolders();
  }

  run(deck: string, options: RunOptions = {}): Promise<Plot[]> {
    const result = this.#queue.then(() => this.#run(deck, options));
    this.#queue = result.catch(() => undefined);
    return result;
  }

  async #run(deck: string, options: RunOptions): Promise<Plot[]> {
    if (this.#closed) throw new SimulationError(this.#label, 'was closed before the run', '');
    const folder = await makeRunFolder();
    try {
      const home = join(folder, 'home');
      await mkdir(home);
      // in batch mode ngspice would go on after the control section and look for analyses
      const file = join(folder, DECK_FILE);
      await writeFile(file, deck.replace(/^\.endc$/m, 'quit 0\n.endc')).catch((error) => {
        throw writeFailure(file, error);
      });
      const log = await this.#spawn(folder, home, options.timeoutMilliseconds ?? DEFAULT_TIMEOUT_MILLISECONDS);
      this.#cpuSeconds += parseTimes(await readFile(join(folder, CPU_FILE), 'utf8').catch(() => ''));
      const raw = await readFile(join(folder, RESULT_FILE)).catch(() => null);
      return readResult(this.#label, log, raw);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  #spawn(folder: string, home: string, timeoutMilliseconds: number): Promise<string> {
    return new Promise((resolve, reject) => {
      // the shell only adds the processor time, which Node cannot tell of a single child
      const script = `"$0" "$@"; code=$?; times > ${CPU_FILE}; exit $code`;
      const child = spawn('/bin/sh', ['-c', script, this.#path, '-n', '-b', DECK_FILE], {
        cwd: folder,
        env: {
          HOME: home,
          SPICE_SCRIPTS: home,
          PATH: process.env.PATH ?? '',
          LC_ALL: 'C',
          OMP_NUM_THREADS: '1',
          and_then: ';', // see curves.ts
        },
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      this.#child = child;
      running.add(child);
      let log = '';
      const keep = (text: string): void => {
        log = (log + text).slice(-LOG_LIMIT);
      };
      child.stdout.setEncoding('utf8').on('data', keep);
      child.stderr.setEncoding('utf8').on('data', keep);
      let timedOut = false;
      const timer = setTimeout(() => {
        timedOut = true;
        killGroup(child);
      }, timeoutMilliseconds);
      const settle = (): void => {
        clearTimeout(timer);
        running.delete(child);
        this.#child = null;
      };
      child.on('error', (error) => {
        settle();
        reject(new SimulationError(this.#label, `cannot be started: ${error.message}`, log, HINT));
      });
      child.on('close', (code, signal) => {
        settle();
        if (timedOut) reject(new SimulationTimeoutError(this.#label, timeoutMilliseconds));
        else if (signal !== null) reject(new SimulationError(this.#label, `was ended by ${signal}`, log));
        else if (code !== 0) reject(new SimulationError(this.#label, `ended with exit code ${code}`, log));
        else resolve(log);
      });
    });
  }

  cpuSeconds(): number {
    return this.#cpuSeconds;
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#child !== null) killGroup(this.#child);
    await this.#queue;
  }
}

/** Processor seconds of the children out of what the shell's `times` prints: `0m0.05s 0m0.01s` on its second line. */
function parseTimes(text: string): number {
  const children = text.split('\n')[1] ?? '';
  let seconds = 0;
  for (const [, minutes, rest] of children.matchAll(/(\d+)m([\d.]+)s/g)) seconds += Number(minutes) * 60 + Number(rest);
  return seconds;
}
