import { formatCount, formatPlural } from '@neuroprint/report/format';
import { html, nothing, svg, type TemplateResult } from 'lit';
import { customElement } from 'lit/decorators.js';
import type { ColumnView, Refusal, TableView } from '../session/session.ts';
import type { Choices, Role } from './choices.ts';
import { optionField, type Remedy, refusalPart } from './parts.ts';
import { StepElement } from './step.ts';

/** How a column may be used, by the word in the list. */
type Use = Role | 'label' | 'target' | 'split';

const USES: Readonly<Record<Use, string>> = {
  input: 'an input',
  label: 'the class',
  target: 'the number to predict',
  'one-hot': 'words, each an input',
  split: 'train, valid or test',
  out: 'left out',
};

/** Columns that are offered as the one with the class. */
const MOST_OFFERED = 6;

const POLICIES = {
  refuse: 'Refuse the table',
  drop: 'Leave such rows out',
  impute: 'Take the mean of the training rows',
} as const;

/** Columns, classes, missing values and outliers of the table, and what each column is for. */
@customElement('np-table')
export class TableStep extends StepElement {
  protected override render() {
    const { table } = this.flow;
    if (table === undefined) return nothing;
    const general = this.#refusals(table).filter(({ column }) => !table.columns.some(({ name }) => name === column));
    return html`
      ${general.map((refusal) => refusalPart(refusal, this.#remedies(refusal, table)))}
      ${table.columns.length === 0 ? nothing : this.#columns(table)}
    `;
  }

  #columns(table: TableView): TemplateResult {
    return html`
      <div class="scroll">
        <table class="columns">
          <caption class="spoken">Columns of ${table.path}</caption>
          <thead>
            <tr><th scope="col">Column</th><th scope="col">Used as</th><th scope="col">Values</th><th scope="col" class="number">Missing</th><th scope="col" class="number">Outliers</th></tr>
          </thead>
          <tbody>${table.columns.map((column) => this.#row(column, table))}</tbody>
        </table>
      </div>
      ${this.#classes(table)} ${this.#missing(table)}
      ${
        table.notes.length === 0 ? nothing : html`<ul class="notes">${table.notes.map((note) => this.#note(note))}</ul>`
      }
    `;
  }

  /** A remark of the reader, with its way out where it has one. */
  #note(note: string): TemplateResult {
    const mark = /--missing-values=(\S+)$/.exec(note)?.[1];
    const { missingValues } = this.flow.choices;
    const take = () => this.flow.choose({ missingValues: [missingValues, mark].filter(Boolean).join(',') });
    return html`<li>
      ${note[0]!.toUpperCase()}${note.slice(1)}.
      ${mark === undefined ? nothing : html`<button class="button small" ?disabled=${this.flow.running !== undefined} @click=${take}>${mark} means a missing value</button>`}
    </li>`;
  }

  /** What the reader says, and what training said of a column: some things are known only once rows are split. */
  #refusals({ refusals, columns }: TableView): readonly Refusal[] {
    const problem = this.flow.problemOf('train');
    return problem !== undefined && columns.some(({ name }) => name === problem.column)
      ? [...refusals, problem]
      : refusals;
  }

  #row(column: ColumnView, table: TableView): TemplateResult {
    const { name, unit, kind, missing, outliers } = column;
    const refusals = this.#refusals(table).filter((refusal) => refusal.column === name);
    const use = this.#useOf(column);
    const bare = unit === undefined ? name : name.replace(/\s*[([][^)\]]*[)\]]\s*$/, '');
    const id = `column-${table.columns.indexOf(column)}`;
    return html`<tr class=${kind === 'ignored' ? 'out' : kind}>
        <th scope="row" id=${id}>${bare}${unit === undefined ? nothing : html` <span class="unit">${unit}</span>`}</th>
        <td data-name="Used as">
          <select
            aria-labelledby=${id}
            aria-invalid=${refusals.length > 0 ? 'true' : nothing}
            aria-describedby=${refusals.length > 0 ? `${id}-problem` : nothing}
            ?disabled=${this.flow.running !== undefined}
            @change=${({ target }: Event) => this.#use(column, (target as HTMLSelectElement).value as Use)}
          >
            ${Object.entries(USES).map(([value, words]) => html`<option value=${value} ?selected=${value === use} .selected=${value === use}>${words}</option>`)}
          </select>
        </td>
        <td data-name="Values">${spread(column)}</td>
        <td data-name="Missing" class="number ${missing > 0 ? 'some' : 'none'}">${formatCount(missing)}</td>
        <td data-name="Outliers" class="number ${outliers > 0 ? 'some' : 'none'}">${formatCount(outliers)}</td>
      </tr>
      ${
        refusals.length === 0
          ? nothing
          : html`<tr class="problem"><td colspan="5" id="${id}-problem">${refusals.map((refusal) => refusalPart(refusal, this.#remedies(refusal, table)))}</td></tr>`
      }`;
  }

  #useOf({ name, kind }: ColumnView): Use {
    const { label, regression, split, roles } = this.flow.choices;
    if (name === label) return regression ? 'target' : 'label';
    if (name === split) return 'split';
    if (roles[name] !== undefined) return roles[name];
    if (kind === 'label') return this.flow.table?.task === 'regression' ? 'target' : 'label';
    return kind === 'split' ? 'split' : kind === 'ignored' ? 'out' : 'input';
  }

  #use({ name, kind }: ColumnView, use: Use): Promise<void> {
    const { label, split, roles } = this.flow.choices;
    const { [name]: byHand, ...others } = roles;
    const isLabel = use === 'label' || use === 'target';
    const isSpecial = isLabel || use === 'split';
    // what was left out by hand is the reader's again; what the reader leaves out has to be asked for
    const isReaders = use === 'input' && (byHand !== undefined || kind !== 'ignored');
    return this.flow.choose({
      label: isLabel ? name : label === name ? undefined : label,
      split: use === 'split' ? name : split === name ? undefined : split,
      roles: isSpecial || isReaders ? others : { ...others, [name]: use },
      ...(isLabel ? { regression: use === 'target' } : label === name ? { regression: false } : {}),
    });
  }

  /** What would make the table readable, as far as the hint of the command line names it. */
  #remedies({ column, hint = '' }: Refusal, table: TableView): Remedy[] {
    const choose = (change: Partial<Choices>) => () => void this.flow.choose(change);
    const { roles } = this.flow.choices;
    const known = table.columns.some(({ name }) => name === column);
    const worded = table.columns.filter(({ kind }) => kind === 'text');
    return [
      ...(hint.includes('--label') && column === undefined
        ? worded
            .slice(0, MOST_OFFERED)
            .map(({ name }) => ({ label: `The class is ${name}`, take: choose({ label: name }) }))
        : []),
      ...(hint.includes('--missing drop') ? [{ label: POLICIES.drop, take: choose({ missing: 'drop' }) }] : []),
      ...(hint.includes('--missing impute') ? [{ label: POLICIES.impute, take: choose({ missing: 'impute' }) }] : []),
      ...(hint.includes('--target') && column !== undefined && known
        ? [{ label: `Predict ${column} as a number`, take: choose({ label: column, regression: true }) }]
        : []),
      ...(hint.includes('--one-hot') && column !== undefined && known
        ? [{ label: 'Make each word an input', take: choose({ roles: { ...roles, [column]: 'one-hot' } }) }]
        : []),
      ...(hint.includes('--ignore') && column !== undefined && known
        ? [{ label: `Leave ${column} out`, take: choose({ roles: { ...roles, [column]: 'out' } }) }]
        : []),
    ];
  }

  #classes({ classes, rows }: TableView): TemplateResult | typeof nothing {
    if (classes.length === 0) return nothing;
    const most = Math.max(...classes.map(({ count }) => count));
    const shown = classes.slice(0, 12);
    return html`<h3>Classes</h3>
      <dl class="classes">${shown.map(
        ({ name, count }) =>
          html`<div><dt>${name}</dt><dd><span class="meter" aria-hidden="true"><span .style=${`--share:${count / most}`}></span></span>${formatPlural(count, 'row')}</dd></div>`,
      )}</dl>
      ${classes.length > shown.length ? html`<p class="small muted">and ${classes.length - shown.length} more, of ${formatCount(rows)} rows in all</p>` : nothing}`;
  }

  #missing(table: TableView): TemplateResult | typeof nothing {
    const { missing, missingValues } = this.flow.choices;
    const holes = table.columns.reduce((sum, column) => sum + column.missing, 0);
    const isAsked = holes > 0 || missing !== 'refuse' || missingValues !== '';
    const disabled = this.flow.running !== undefined;
    return html`<details class="missing" ?open=${isAsked}>
      <summary>Missing values</summary>
      <fieldset ?disabled=${disabled}>
        <legend>Rows with a missing value</legend>
        <div class="row">${Object.entries(POLICIES).map(
          ([policy, words]) =>
            html`<label class="choice"><input type="radio" name="missing" value=${policy} .checked=${missing === policy}
              @change=${() => this.flow.choose({ missing: policy as keyof typeof POLICIES })} />${words}</label>`,
        )}</div>
      </fieldset>
      ${optionField({
        name: 'missing-values',
        label: 'What else means a missing value',
        value: missingValues,
        placeholder: 'such as -999',
        note: 'Apart by commas. Empty cells, NA, null, ? and the like do already.',
        disabled,
        change: (value) => void this.flow.choose({ missingValues: value }),
      })}
    </details>`;
  }
}

/** The numbers of a column: from where to where, and how often. */
function spread({ minimum, maximum, histogram, unit }: ColumnView): TemplateResult | typeof nothing {
  if (minimum === undefined || maximum === undefined) return html`<span class="muted">words</span>`;
  const most = Math.max(1, ...histogram);
  const step = 100 / Math.max(1, histogram.length);
  return html`<span class="spread">
    <svg class="spark" viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true">
      ${histogram.map((count, i) => svg`<rect x=${i * step + 0.6} width=${step - 1.2} y=${24 - (23 * count) / most} height=${(23 * count) / most}></rect>`)}
    </svg>
    <span class="range">${short(minimum)} to ${short(maximum)}${unit === undefined ? nothing : ` ${unit}`}</span>
  </span>`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(4))).replace('-', '−');
}
