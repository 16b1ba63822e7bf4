import type { Plot } from '../plots/plot.ts';
import { Html, type HtmlPart, html } from './html.ts';
import { STYLE } from './style.ts';
import { wordsSection } from './words.ts';

/** A report as it is written: one page that needs nothing else, and its pictures as files of their own. */
export interface Report {
  readonly html: string;
  readonly images: readonly Plot[];
}

/** One part of a page, linked from the contents. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: Html;
}

/** Joins a page: title, head matter, contents, sections, and what its words mean. No script, no request, no date. */
export function page(options: {
  readonly title: string;
  readonly kind: string;
  readonly head: HtmlPart;
  readonly sections: readonly Section[];
}): string {
  const { title, kind, head } = options;
  const words = wordsSection(html`${head}${options.sections.map(({ body }) => body)}`.text);
  const sections = [...options.sections, ...(words === undefined ? [] : [words])];
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light">
<title>${title} – ${kind}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<main>
<header>
<p class="kind">neuroprint · ${kind}</p>
<h1>${title}</h1>
${head}
</header>
${sections.length > 2 && contents(sections)}
${sections.map(
  (section) => html`<section id="${section.id}" aria-labelledby="${section.id}-title">
<h2 id="${section.id}-title">${section.title}</h2>
${section.body}
</section>
`,
)}</main>
</body>
</html>
`.text;
}

function contents(sections: readonly Section[]): Html {
  return html`<nav aria-label="Contents"><ul>${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>`;
}

/** Captions need some room even under a small picture, in pixels. */
const NARROWEST_FIGURE = 240;

/** Pictures side by side where there is room, each with what it shows in figures. */
export function figures(items: readonly { readonly plot: Plot; readonly caption?: HtmlPart }[]): Html {
  return html`<div class="figures">${items.map(
    ({ plot, caption }) =>
      html`<figure style="width:${Math.max(plot.width, NARROWEST_FIGURE)}px">${new Html(plot.svg)}${caption !== undefined && caption !== '' && html`<figcaption>${caption}</figcaption>`}</figure>`,
  )}</div>`;
}

/**
 * A table; `numeric` columns are set right. On a narrow screen every row becomes a list, each cell beside the name of its column, where
 * the rows are not short; what is too wide all the same scrolls by itself.
 */
export function table(options: {
  readonly label: string;
  readonly head: readonly HtmlPart[];
  readonly rows: readonly (readonly HtmlPart[])[];
  readonly numeric?: readonly number[];
}): Html {
  const { label, head, rows, numeric = [] } = options;
  const kind = (column: number) => numeric.includes(column) && html` class="number"`;
  const names = head.map((cell) => textOf(cell).replace('†', ''));
  const widest = head.map((cell, i) => Math.max(textOf(cell).length, ...rows.map((row) => textOf(row[i]).length)));
  const isShort = widest.reduce((sum, length) => sum + length, 0) <= SHORT_TABLE;
  const named = (column: number) => names[column] !== '' && html` data-name="${new Html(names[column]!)}"`;
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0"><table${isShort && html` class="short"`}>
<thead><tr>${head.map((cell, i) => html`<th scope="col"${kind(i)}>${cell}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map((cell, i) => html`<td${kind(i)}${named(i)}>${cell}</td>`)}</tr>\n`)}</tbody>
</table></div>`;
}

/** Letters of a row that a narrow screen shows beside each other. */
const SHORT_TABLE = 32;

function textOf(part: HtmlPart): string {
  return html`${part}`.text.replace(/<[^>]*>/g, '');
}

/** Names and values in a grid. */
export function facts(
  items: readonly { readonly name: string; readonly value: HtmlPart; readonly note?: HtmlPart }[],
): Html {
  return html`<dl class="facts">${items.map(
    ({ name, value, note }) =>
      html`<div><dt>${name}</dt><dd>${value}${note !== undefined && note !== '' && html`<small>${note}</small>`}</dd></div>`,
  )}</dl>`;
}

/** A long part behind a line that opens it; printed in full. */
export function folded(summary: string, body: Html, open: boolean): Html {
  return html`<details${open && html` open`}><summary>${summary}</summary>${body}</details>`;
}
