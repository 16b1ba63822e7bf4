import { formatEngineering } from '@neuroprint/core/words';
import type { Remote } from 'comlink';
import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { guard } from 'lit/directives/guard.js';
import { save } from '../folder/save.ts';
import type { CircuitSession, CircuitView, Shade } from '../session/circuit-view.ts';
import type { CircuitDrawing } from './circuit-drawing.ts';
import './circuit-drawing.ts';
import './component-panel.ts';
import { Conversation, type Which } from './conversation.ts';
import './input-sliders.ts';
import './output-bars.ts';
import { scoreInWords } from './score-in-words.ts';
import { common } from './style.ts';
import { inWords } from './value-editor.ts';

/** More inputs than these scroll by themselves. */
const SCROLLING = 16;
/** So many outputs may stay in sight on a narrow screen, where more would hide what is below them. */
const STICKING = 5;

/**
 * The compiled circuit to play with before it exists: its drawings, a slider for each input, its outputs, and its components, whose values
 * one can change. `session` answers, `folder` is what compile wrote.
 */
@customElement('circuit-bench')
export class CircuitBench extends LitElement {
  @property({ attribute: false }) session: Remote<CircuitSession> | undefined;
  @property() folder: string | undefined;
  /** What was looked for and is not there. */
  @state() private missing: string | undefined;
  @query('circuit-drawing') private readonly drawing!: CircuitDrawing | null;
  readonly #talk = new Conversation(this);

  static override readonly styles = [
    common,
    css`
      :host {
        container-type: inline-size;
      }
      .bench {
        display: grid;
        grid-template-columns: minmax(0, 1fr) clamp(16rem, 32%, 24rem);
        grid-template-rows: auto 1fr;
        gap: 1rem 1.6rem;
        align-items: start;
      }
      .bench > *,
      .bench section {
        min-inline-size: 0;
      }
      .side {
        grid-column: 2;
        grid-row: 1 / span 2;
        align-self: stretch;
      }
      .outputs {
        position: sticky;
        inset-block-start: var(--above, 0);
        z-index: 1;
        background: var(--ground);
        padding-block: 0.4rem;
      }
      input-sliders.many {
        max-block-size: 34rem;
        overflow-y: auto;
        padding-inline-end: 0.5rem;
      }
      .line {
        display: flex;
        flex-wrap: wrap;
        gap: 0.35rem;
        align-items: center;
        margin-block: 0.3rem;
      }
      .find {
        flex: 1 1 11rem;
        min-inline-size: 8rem;
      }
      .score {
        font-weight: 600;
      }
      .tried {
        margin: 0.3rem 0;
        padding: 0;
        list-style: none;
        font-size: 0.9rem;
        font-variant-numeric: tabular-nums;
      }
      .panel {
        border-block-start: 1px solid var(--rule);
        padding-block-start: 0.8rem;
      }
      @container (max-width: 44rem) {
        .bench {
          display: flex;
          flex-direction: column;
          align-items: stretch;
        }
        /* so that the outputs stay in sight down to the last component's value */
        .side {
          display: contents;
        }
        .outputs.many {
          position: static;
        }
        circuit-drawing {
          --drawing-size: clamp(15rem, 48vh, 26rem);
        }
      }
    `,
  ];

  protected override willUpdate(changed: PropertyValues<this>): void {
    if ((changed.has('session') || changed.has('folder')) && this.session !== undefined && this.folder !== undefined)
      void this.#talk.open(this.session, this.folder);
  }

  override render() {
    const { circuit, problem } = this.#talk;
    return html`
      ${problem === undefined ? nothing : html`<p class="wrong" role="alert">${problem}</p>`}
      ${circuit === undefined ? (problem === undefined ? html`<p role="status">Opening the circuit …</p>` : nothing) : this.#bench(circuit)}
    `;
  }

  #bench(circuit: CircuitView) {
    const talk = this.#talk;
    const device = circuit.devices.find(({ name }) => name === talk.device);
    const speed = `The exact solver takes ${Math.max(1, Math.round(circuit.microsecondsPerRow))} µs for a row.`;
    return html`
      <div
        class="bench"
        @keydown=${this.#onKey}
        @value-moved=${({ detail }: CustomEvent) => talk.moveComponent(detail.component, detail.value)}
        @value-set=${({ detail }: CustomEvent) => talk.setComponent(detail.component, detail.value)}
      >
        <div>${this.#drawing(circuit)}</div>
        <div class="side">
          <section class=${circuit.outputs.length > STICKING ? 'outputs many' : 'outputs'} aria-label="Outputs">
            <output-bars .circuit=${circuit} .row=${talk.row} .unchanged=${talk.before}></output-bars>
            <p class="score" role="status">${talk.score === undefined ? nothing : scoreInWords(talk.score, circuit.score)}</p>
            ${this.#check()}
          </section>
          ${this.#tried(circuit)}
          <section aria-label="Inputs">
            <h3>Inputs</h3>
            ${this.#rows(circuit)}
            <input-sliders
              class=${circuit.inputs.length > SCROLLING ? 'many' : ''}
              .inputs=${circuit.inputs}
              .values=${talk.values}
              .row=${talk.row}
              @values-moved=${({ detail }: CustomEvent) => talk.moveValues(detail)}
              @values-set=${({ detail }: CustomEvent) => talk.setValues(detail)}
            ></input-sliders>
            <p class="quiet">${speed}</p>
          </section>
        </div>
        <div class="panel">
          <component-panel
            .circuit=${circuit}
            .device=${device}
            .row=${talk.row}
            .changes=${talk.changes}
            .answers=${talk.answers?.device === talk.device ? talk.answers : undefined}
          ></component-panel>
        </div>
      </div>
    `;
  }

  #drawing(circuit: CircuitView) {
    const { which, shade, drawing, device } = this.#talk;
    const tab = (one: Which, words: string) =>
      html`<button type="button" aria-pressed=${one === which} @click=${() => this.#talk.show(one, shade)}>${words}</button>`;
    return html`
      <div class="line" role="group" aria-label="Drawing">
        ${tab('schematic', 'Schematic')} ${tab('layout', 'Layout')}
        ${
          circuit.target === undefined
            ? html`<label
                ><input
                  type="checkbox"
                  .checked=${shade === 'sensitivity'}
                  @change=${(event: Event) => this.#shade((event.target as HTMLInputElement).checked ? 'sensitivity' : 'none')}
                />
                shade what is sensitive</label
              >`
            : nothing
        }
        <input
          class="find"
          type="search"
          list="devices"
          placeholder="Find a part"
          aria-label="Find a part by its name"
          @change=${this.#find}
        />
        <datalist id="devices">
          ${guard([circuit], () => circuit.devices.map(({ name, origin }) => html`<option value=${name}>${origin}</option>`))}
        </datalist>
      </div>
      ${this.missing === undefined ? nothing : html`<p class="wrong" role="alert">There is no part with “${this.missing}” in its name or origin.</p>`}
      ${
        drawing !== undefined && 'none' in drawing
          ? html`<p role="status">There is no layout: ${drawing.none}</p>`
          : html`<circuit-drawing
              .svg=${drawing?.svg ?? ''}
              .label=${which === 'layout' ? 'Layout' : 'Schematic'}
              .selected=${device}
              @device-selected=${({ detail }: CustomEvent<string>) => this.#talk.select(detail)}
            ></circuit-drawing>`
      }
    `;
  }

  /** ngspice on request: it takes a second, where the exact solver takes microseconds. */
  #check() {
    const { checked } = this.#talk;
    if (checked === undefined)
      return html`<button type="button" @click=${() => void this.#talk.check()}>Ask ngspice</button>`;
    if (checked === 'asking') return html`<p role="status">ngspice simulates …</p>`;
    const { engine, nodes, maxErrorVolts, worstNode, agrees } = checked;
    const most = formatEngineering(maxErrorVolts, 'V');
    return agrees
      ? html`<p role="status">${engine} finds these ${nodes} node voltages too: at most ${most} off (${worstNode}).</p>`
      : html`<p role="alert" class="wrong">${engine} finds another voltage at ${worstNode}: ${most} off.</p>`;
  }

  /** What is tried in place of the netlist's values. */
  #tried(circuit: CircuitView) {
    const { history, changes } = this.#talk;
    const tried = Object.entries(changes);
    if (history.past.length + history.future.length === 0) return nothing;
    const values = new Map(
      circuit.devices.flatMap((device) => device.values.map((one) => [one.component, one] as const)),
    );
    return html`<section aria-label="Values that are tried">
      <ul class="tried">
        ${tried.map(([component, value]) => {
          const { value: was, unit } = values.get(component)!;
          return html`<li><code>${component}</code> ${inWords(was, unit)} → ${inWords(value, unit)}</li>`;
        })}
      </ul>
      <div class="line">
        <button type="button" ?disabled=${history.past.length === 0} @click=${() => this.#talk.undo()}>Undo</button>
        <button type="button" ?disabled=${history.future.length === 0} @click=${() => this.#talk.redo()}>Redo</button>
        <button type="button" ?disabled=${tried.length === 0} @click=${() => this.#talk.reset()}>As in the netlist</button>
        <button type="button" ?disabled=${tried.length === 0} @click=${this.#save}>Save the changed netlist</button>
      </div>
    </section>`;
  }

  /** The row of the table that the inputs are taken from. */
  #rows({ rows, labelled, target }: CircuitView) {
    const { case: taken, values } = this.#talk;
    if (taken === undefined) return nothing;
    const { at, view } = taken;
    const isMoved = values.some((value, k) => value !== view.values[k]);
    const known = labelled ? `, ${target === undefined ? '' : `${target} `}${view.label}` : '';
    const take = (next: number) => () => void this.#talk.take((next + rows) % rows);
    return html`<div class="line">
      <button type="button" @click=${take(at - 1)} aria-label="Row before">‹</button>
      <button type="button" @click=${take(at + 1)} aria-label="Next row">›</button>
      <span>row ${view.sourceRow} of the table${known}${isMoved ? ', moved' : ''}</span>
    </div>`;
  }

  #shade(shade: Shade): void {
    this.#talk.show(this.#talk.which, shade);
  }

  /** By its name, or the first part whose name or origin has the words. */
  #find(event: Event): void {
    const words = (event.target as HTMLInputElement).value.trim().toLowerCase();
    const devices = this.#talk.circuit?.devices ?? [];
    const has = (text: string): boolean => text.toLowerCase().includes(words);
    const found =
      devices.find(({ name }) => name.toLowerCase() === words) ??
      devices.find(({ name, origin }) => has(name) || has(origin));
    this.missing = words === '' || found !== undefined ? undefined : words;
    if (words === '' || found === undefined) return;
    this.#talk.select(found.name);
    this.drawing?.show(found.name);
  }

  #onKey(event: KeyboardEvent): void {
    const isText = event.composedPath().some((at) => at instanceof HTMLInputElement && at.type !== 'range');
    if (isText || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'z') return;
    event.preventDefault();
    if (event.shiftKey) this.#talk.redo();
    else this.#talk.undo();
  }

  async #save(): Promise<void> {
    save('changed.cir', new TextEncoder().encode(await this.#talk.netlist()));
  }
}
