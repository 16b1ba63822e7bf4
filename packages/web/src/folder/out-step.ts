import { html, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { StepElement } from '../steps/step.ts';
import { fragmentOf } from './link.ts';
import { save } from './save.ts';

/** What is in a folder that compile wrote, for whom it is, and in which order one wants it. */
const FILES: readonly (readonly [name: string, what: string])[] = [
  ['netlist.cir', 'Netlist, for ngspice and other simulators'],
  ['bom.csv', 'Bill of materials'],
  ['bench-test-sheet.html', 'Test sheet for the bench'],
  ['bench-test-sheet.csv', 'Test sheet as a table'],
  ['layout.gds', 'Layout, GDSII'],
  ['layout.svg', 'Layout as a picture'],
  ['schematic.svg', 'Schematic as a picture'],
  ['testbench.cir', 'Test bench for ngspice'],
  ['report.json', 'What the verification found'],
  ['network.json', 'The trained network'],
];

/** What one takes along: the folder as one zip, each file by itself, and a link that says how it was made. */
@customElement('np-out')
export class OutStep extends StepElement {
  @state() private files: ReadonlyMap<string, Uint8Array> = new Map();
  @state() private copied = false;
  /** What the list was made of. */
  #of = '';

  protected override willUpdate(): void {
    const { circuitFolder: folder, steps } = this.flow;
    const of = `${folder} ${steps.compile.run} ${steps.compile.status} ${steps.verify.run} ${steps.verify.status}`;
    if (folder === undefined || of === this.#of) return;
    this.#of = of;
    this.copied = false;
    void this.flow.session.files(folder).then((files) => {
      if (this.#of === of) this.files = files;
    });
  }

  protected override render() {
    const { flow } = this;
    const folder = flow.circuitFolder;
    if (folder === undefined)
      return html`<p class="muted">Once there is a circuit, its files can be taken along from here.</p>`;
    const there = FILES.filter(([name]) => this.files.has(name));
    return html`
      <p class="row">
        <button class="button primary" ?disabled=${flow.running !== undefined} @click=${() => void this.#zip(folder)}>Download everything as a zip</button>
        <span class="muted small">The folder <code>${folder}</code>, as the command line writes it: unpack it, and <code>neuroprint verify --netlist ${nameOf(folder)}</code> finds the same voltages. Drop it here again to go on.</span>
      </p>
      <ul class="downloads">${there.map(([name, what]) => this.#file(name, what))}</ul>
      ${flow.isOpened ? nothing : this.#link()}
    `;
  }

  #file(name: string, what: string): TemplateResult {
    return html`<li><button class="link" @click=${() => save(name, this.files.get(name)!)}>${name}</button> <span class="muted small">${what}</span></li>`;
  }

  #link(): TemplateResult {
    const { example } = this.flow;
    return html`<p class="row">
      <button class="button" @click=${() => void this.#copy()}>${this.copied ? 'Copied' : 'Copy a link to this run'}</button>
      <span class="muted small">It has every choice, and nothing of the table${example === undefined ? ': whoever opens it is asked for that' : ` but that it is ${example}`}.</span>
    </p>`;
  }

  async #copy(): Promise<void> {
    const { example, choices, session } = this.flow;
    const { version } = await session.ready();
    const { origin, pathname } = location;
    const address = `${origin}${pathname}#${fragmentOf({ example, choices, version })}`;
    await navigator.clipboard.writeText(address);
    this.copied = true;
  }

  async #zip(folder: string): Promise<void> {
    save(`${nameOf(folder)}.zip`, await this.flow.session.zip(folder));
  }
}

function nameOf(folder: string): string {
  return folder.replace(/^.*\//, '');
}
