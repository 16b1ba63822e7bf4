import { html, type TemplateResult } from 'lit';
import type { DecisionsView } from '../session/session.ts';
import { confusionOf } from './results.ts';

/** How often rows of each true class are decided as each class, as a table; the shade of a cell is its share of the row. */
export function confusionPart(view: DecisionsView, decidedBy: string): TemplateResult {
  const { classes } = view;
  const counts = confusionOf(view);
  const right = counts.reduce((sum, row, c) => sum + row[c]!, 0);
  return html`<div class="scroll" role="region" aria-label="Confusion matrix" tabindex="0">
    <table class="confusion">
      <caption>${right} of ${view.labels.length} test rows are decided rightly by ${decidedBy}</caption>
      <thead>
        <tr><td></td><th scope="colgroup" colspan=${classes.length}>decided as</th></tr>
        <tr><th scope="col">true class</th>${classes.map((name) => html`<th scope="col">${name}</th>`)}</tr>
      </thead>
      <tbody>${counts.map((row, truth) => {
        const total = Math.max(
          1,
          row.reduce((sum, count) => sum + count, 0),
        );
        return html`<tr>
          <th scope="row" class="class-name">${classes[truth]}</th>
          ${row.map((count, decided) => {
            const share = count / total;
            const kind = count === 0 ? 'none' : truth === decided ? 'right' : 'wrong';
            return html`<td class="${kind} ${share > 0.55 ? 'deep' : ''}" .style=${`--share:${share}`}>${count}</td>`;
          })}
        </tr>`;
      })}</tbody>
    </table>
  </div>`;
}
