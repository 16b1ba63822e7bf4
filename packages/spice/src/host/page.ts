import { templates } from 'neuroprint:templates';
import runtime from 'handlebars/runtime.js';
import type { Engine, EngineReport } from '../engine/engine.ts';
import { engineMissing } from '../engine/engine.ts';

/** Its own types have nothing in them. */
const Handlebars = runtime as unknown as Pick<typeof import('handlebars'), 'create'>;

/** What a page has in the place of host/node.ts. */
export const COMMON_TEMPLATES = '/spice-templates/common';

export const environment = Handlebars.create();

/** A page may make no code of a text: it has the templates that were there when it was built. Throws Error for any other. */
export function compileTemplate(source: string): (context: object) => string {
  const made = templates.get(source);
  if (made === undefined)
    throw new Error('the page was built without this template, and may make no code of a text; use the command line');
  return environment.template(made);
}

export const EMBEDDED_HINT = 'Load the page again; it needs WebAssembly, and the file of the simulator in whole.';

/** It is part of the page. */
export function embeddedFile(): string {
  return 'the page';
}

/** A page runs no programs. */
export function inspectNgspice(): EngineReport {
  const whatToDo = 'Use --engine embedded.';
  return { name: 'ngspice', version: null, path: null, usable: false, problem: 'a page runs no programs', whatToDo };
}

export class NgspiceEngine implements Engine {
  readonly name = 'ngspice';
  readonly version = '';

  constructor(report: EngineReport = inspectNgspice()) {
    throw engineMissing(report);
  }

  run(): never {
    throw engineMissing(inspectNgspice());
  }

  close = (): Promise<void> => Promise.resolve();
  cpuSeconds = (): number => 0;
}
