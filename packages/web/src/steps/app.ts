import { formatPlural } from '@neuroprint/report/format';
import type { Remote } from 'comlink';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Session, TableView } from '../session/session.ts';
import { Flow, type RunStep, STEPS } from './flow.ts';
import { progressPart, refusalPart } from './parts.ts';
import { shareDone } from './progress.ts';
import { goTo, type Place, rail } from './rail.ts';
import '../folder/out-step.ts';
import './compile-step.ts';
import './table-step.ts';
import './technology-step.ts';
import './train-step.ts';
import type { VerifyResult } from './results.ts';
import { inShort } from './verify-step.ts';

const ABOUT: Readonly<Record<Place, { readonly title: string; readonly about: string }>> = {
  table: { title: 'Table', about: 'What each column is, and what it is used for.' },
  technology: { title: 'Technology', about: 'The process that prints the circuit, and what its numbers rest on.' },
  train: {
    title: 'Train',
    about: 'A small network that still decides rightly when every printed component is a little off.',
  },
  compile: { title: 'Compile', about: 'The network becomes resistors and transistors, tuned on the exact circuit.' },
  verify: {
    title: 'Verify',
    about: 'ngspice simulates the netlist: every node of every test row, and printed copies.',
  },
  out: { title: 'Take along', about: 'The files of the circuit, and a link to how it was made.' },
  circuit: { title: 'Circuit', about: 'Play with it before it exists: inputs, components, what happens if one fails.' },
};
const WORDS: Readonly<Record<RunStep, string>> = { train: 'Training', compile: 'Compiling', verify: 'Verifying' };

/** The page once a table is open: the rail of steps, and each step below the other. */
@customElement('np-app')
export class App extends LitElement {
  @property({ attribute: false }) version = 0;
  flow!: Flow;
  /** Called with every change, so that what is outside can follow. */
  followed: (flow: Flow) => void = () => {};
  #scheduled = false;
  #said = '';
  #bench: { readonly run: number; readonly element: Element } | undefined;

  /** Everything that computes is the session's. */
  connect(session: Remote<Session>): void {
    this.flow = new Flow(session, () => this.#changed());
  }

  protected override createRenderRoot(): this {
    return this;
  }

  protected override render() {
    const { flow } = this;
    if (flow?.table === undefined)
      return flow?.problem === undefined ? nothing : html`<div class="unopened">${refusalPart(flow.problem)}</div>`;
    const isRefused = flow.table.refusals.length > 0;
    const start = (step: RunStep) => void this.#runFrom(step);
    const { version } = this;
    return html`
      ${rail(flow, this.#show)}
      <div class="steps">
        ${this.#head(flow.table)}
        ${flow.isOpened ? nothing : this.#section('table', 1, html`<np-table .flow=${flow} .version=${version}></np-table>`)}
        ${
          isRefused
            ? nothing
            : html`${flow.isOpened ? nothing : this.#untilCircuit(start)}
              ${this.#section('verify', flow.isOpened ? 1 : 5, html`<np-verify .flow=${flow} .version=${version} .start=${start}></np-verify>`)}`
        }
        ${this.#circuit()}
        ${flow.circuitFolder === undefined ? nothing : this.#section('out', flow.isOpened ? 3 : 7, html`<np-out .flow=${flow} .version=${version}></np-out>`)}
      </div>
      <p class="spoken" role="status" aria-live="polite">${this.#said}</p>
    `;
  }

  /** What comes before there is a circuit. */
  #untilCircuit(start: (step: RunStep) => void): TemplateResult {
    const { flow, version } = this;
    return html`
      ${this.#section('technology', 2, html`<np-technology .flow=${flow} .version=${version}></np-technology>`)}
      ${this.#section('train', 3, html`<np-train .flow=${flow} .version=${version} .start=${start}></np-train>`)}
      ${this.#section('compile', 4, html`<np-compile .flow=${flow} .version=${version} .start=${start}></np-compile>`)}`;
  }

  #section(place: Place, index: number, body: TemplateResult): TemplateResult {
    const { title, about } = ABOUT[place];
    const state = place in this.flow.steps ? this.flow.steps[place as RunStep].status : 'done';
    return html`<section id=${place} class="step ${state}" aria-labelledby="${place}-title">
      <header>
        <span class="index" aria-hidden="true">${index}</span>
        <h2 id="${place}-title" tabindex="-1">${title}</h2>
        <p class="muted">${about}</p>
      </header>
      ${body}
    </section>`;
  }

  /** What the page is about now, and one button for the whole way. */
  #head({ name, rows, columns, classes, task, refusals }: TableView): TemplateResult {
    const { flow } = this;
    const inputs = columns.filter(({ kind }) => kind === 'input').length;
    const asked = task === 'regression' ? 'a number to predict' : formatPlural(classes.length, 'class', 'classes');
    const { running } = flow;
    const verified = flow.steps.verify.status === 'done' && !flow.isStale('verify');
    return html`<header class="head">
      <h1>${name}</h1>
      <p class="lead">${flow.isOpened ? 'A circuit out of a zip' : columns.length === 0 ? 'No table' : `${formatPlural(rows, 'row')}, ${formatPlural(inputs, 'input')}, ${asked}`}</p>
      ${flow.problem === undefined ? nothing : refusalPart(flow.problem)}
      ${flow.simd ? nothing : html`<p class="small muted">This browser computes without SIMD: all of it works, and takes several times as long.</p>`}
      ${
        refusals.length > 0
          ? columns.length > 0 &&
            html`<p class="row"><a class="button" href="#table" @click=${goTo('table', this.#show)}>See what is wrong with the table</a></p>`
          : running !== undefined
            ? progressPart({
                label: WORDS[running],
                share: shareDone(flow.steps[running].progress),
                words: `${WORDS[running]} …`,
                cancel: () => void flow.cancel(),
              })
            : verified
              ? this.#inShort(flow.steps.verify.outcome!.result as VerifyResult)
              : flow.isOpened
                ? nothing
                : html`<p class="row">
                  <button class="button primary" @click=${() => void this.#runFrom()}>Make the circuit</button>
                  <span class="muted small">Trains, compiles and verifies with what is chosen below; or go step by step.</span>
                </p>`
      }
    </header>`;
  }

  /** What verify came to, with the way there. */
  #inShort(report: VerifyResult): TemplateResult {
    return html`<p class="in-short ${report.asPromised ? '' : 'alarm'}">
      <a href="#verify" @click=${goTo('verify', this.#show)}>${inShort(report)}</a>
    </p>`;
  }

  /** The circuit to play with, as soon as there is one; what draws it is loaded then. */
  #circuit(): TemplateResult | typeof nothing {
    const { session, circuitFolder, steps, isOpened } = this.flow;
    if (circuitFolder === undefined) return nothing;
    const { run } = steps.compile;
    // another compile writes another circuit into the same folder
    if (this.#bench?.run !== run) {
      void import('../circuit/circuit-bench.ts');
      // lit would take the session for a directive if it stood in a template: it has every property that one asks it for
      const element = Object.assign(document.createElement('circuit-bench'), { session, folder: circuitFolder });
      this.#bench = { run, element };
    }
    return this.#section('circuit', isOpened ? 2 : 6, html`${this.#bench.element}`);
  }

  async #runFrom(only?: RunStep): Promise<void> {
    const { flow } = this;
    const begin = (step: RunStep): void => {
      this.#say(`${WORDS[step]} has begun.`);
      this.#show(step);
    };
    if (only === undefined) await flow.runAll(begin);
    else {
      begin(only);
      await flow.run(only);
    }
  }

  /** Brings a step into view, and the focus to its title. */
  readonly #show = (place: Place): void => {
    const title = this.querySelector<HTMLElement>(`#${place}-title`);
    title?.focus({ preventScroll: true });
    title?.closest('section')?.scrollIntoView({ block: 'start' });
  };

  #changed(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    // events come faster than pictures
    requestAnimationFrame(() => {
      this.#scheduled = false;
      this.#tell();
      this.version += 1;
      this.followed(this.flow);
    });
  }

  /** What a person who does not see the page has to know: beginnings, quarters and ends. */
  #tell(): void {
    const { flow } = this;
    const { running } = flow;
    if (running === undefined) {
      const last = STEPS.findLast((step) => flow.steps[step].outcome !== undefined);
      if (last === undefined) return;
      const { status, outcome } = flow.steps[last];
      const words = {
        done: 'is done.',
        refused: `was refused: ${outcome?.problem?.message ?? ''}`,
        cancelled: 'was cancelled.',
      };
      if (status === 'done' || status === 'refused' || status === 'cancelled')
        this.#say(`${WORDS[last]} ${words[status]}`);
      return;
    }
    const share = shareDone(flow.steps[running].progress);
    const quarter = share === undefined ? 0 : Math.floor(4 * share);
    if (quarter > 0 && quarter < 4) this.#say(`${WORDS[running]}: ${25 * quarter} per cent.`);
  }

  #say(words: string): void {
    this.#said = words;
  }
}
