/** The style of every page. Light only: the pictures are drawn for white. System fonts, no request, prints well. */
export const STYLE = `
:root { color-scheme: light; --ink: #1f2933; --muted: #5b6770; --line: #dde2e7; --wash: #f6f8f9; --accent: #0072b2; --alarm: #b34700; }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: #fff; color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 48px 24px 96px; }
h1 { font-size: 2.1rem; line-height: 1.15; letter-spacing: -.015em; margin: 0 0 .5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.3rem; line-height: 1.25; letter-spacing: -.005em; margin: 0 0 .6rem; padding-top: 1.6rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.6rem 0 .4rem; }
p { margin: 0 0 .9rem; max-width: 72ch; }
.kind { color: var(--muted); font-size: .85rem; letter-spacing: .02em; margin: 0 0 .4rem; }
.lead { font-size: 1.08rem; color: var(--muted); }
section { margin-top: 2.4rem; }
a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: 2px; }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin: 1.6rem 0 0; padding: 0; font-size: .92rem; }
.verdict { display: grid; grid-template-columns: auto 1fr; gap: .1rem .9rem; margin: 1.4rem 0; padding: 1.1rem 1.3rem; border-radius: 10px; border: 1px solid #b9d9e8; background: #eff7fb; max-width: none; }
.verdict p { margin: 0; max-width: none; }
.verdict > :not(.sign) { grid-column: 2; }
.verdict .sign { grid-row: 1; grid-column: 1; width: 1.7rem; height: 1.7rem; border-radius: 50%; background: var(--accent); color: #fff; display: grid; place-items: center; font-weight: 700; margin-top: .1rem; }
.verdict strong { font-size: 1.12rem; }
.verdict small { color: var(--muted); font-size: .9rem; }
.verdict.alarm { border-color: #ecc4a6; background: #fdf4ed; }
.verdict.alarm .sign { background: var(--alarm); }
.verdict.open { border-color: var(--line); background: var(--wash); }
.verdict.open .sign { background: var(--muted); }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 158px), 1fr)); gap: 1.1rem 1.6rem; margin: 1.5rem 0; padding: 0; }
dt { color: var(--muted); font-size: .84rem; line-height: 1.3; }
dd { margin: .15rem 0 0; font-size: 1.18rem; line-height: 1.35; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
dd small { display: block; color: var(--muted); font-size: .8rem; line-height: 1.4; }
.words dt { color: var(--ink); font-weight: 600; font-size: .92rem; margin-top: .7rem; }
.words dd { font-size: .92rem; line-height: 1.5; max-width: 72ch; }
.words dt:target, .words dt:target + dd { background: #fff6d6; }
a.word { color: inherit; text-decoration: underline dotted; }
.claims { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 270px), 1fr)); gap: 1rem 2rem; margin: 1rem 0 0; padding: 0; list-style: none; }
.claims h3 { margin: 0 0 .2rem; }
.claims p { margin: 0 0 .35rem; }
.claims .what { color: var(--muted); font-size: .92rem; }
.figures { display: flex; flex-wrap: wrap; gap: 1.4rem 1.25rem; align-items: flex-start; margin: 1.1rem 0 .6rem; }
figure { margin: 0; max-width: 100%; break-inside: avoid; }
figure svg { display: block; max-width: 100%; height: auto; }
.drawing { overflow-x: auto; margin: 1rem 0; border: 1px solid var(--line); border-radius: 8px; }
.drawing svg { max-width: none; }
.drawing.fit svg { width: 100%; min-width: 640px; }
.layout { margin: 1rem 0; }
.layout figcaption { margin-bottom: .5rem; }
.layout label { white-space: nowrap; margin-right: .75rem; }
.layout div { overflow: auto; max-height: 90vh; border: 1px solid var(--line); border-radius: 8px; }
.layout svg { display: block; max-width: none; width: 100%; height: auto; }
.layout:has(.zoom-1:checked) svg { max-height: 88vh; }
.layout:has(.zoom-2:checked) svg { width: 200%; }
.layout:has(.zoom-4:checked) svg { width: 400%; }
.layout:has(.zoom-8:checked) svg { width: 800%; }
figcaption { color: var(--muted); font-size: .86rem; line-height: 1.45; padding: .35rem 6px 0; }
.scroll { overflow-x: auto; margin: .8rem 0; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; min-width: 50%; }
th { text-align: left; font-weight: 600; color: var(--muted); white-space: nowrap; }
th, td { padding: .36rem 1.3rem .36rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.number, th.number { text-align: right; white-space: nowrap; }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; font-size: .88em; }
td code { white-space: nowrap; }
code.hash { white-space: nowrap; color: var(--muted); font-size: .76em; }
pre { background: var(--wash); border: 1px solid var(--line); border-radius: 8px; padding: .8rem 1rem; overflow-x: auto; }
details { margin: .8rem 0; }
summary { cursor: pointer; color: var(--accent); }
.mark { text-decoration: none; font-size: .85em; vertical-align: .25em; padding-left: .1em; }
.note { color: var(--muted); font-size: .92rem; }
@media (max-width: 560px) {
  main { padding: 28px 16px 64px; }
  h1 { font-size: 1.65rem; }
  body { font-size: 15.5px; }
  .verdict { padding: .95rem 1rem; }
  .facts { grid-template-columns: repeat(2, 1fr); }
  table:not(.short), table:not(.short) tbody, table:not(.short) tr { display: block; }
  table:not(.short) thead { display: none; }
  table:not(.short) tr { padding: .5rem 0; border-bottom: 1px solid var(--line); }
  table:not(.short) td { display: flow-root; padding: .12rem 0 .12rem 9.5rem; border: 0; text-align: left; white-space: normal; overflow-wrap: anywhere; }
  table:not(.short) td:empty { display: none; }
  table:not(.short) td::before { content: attr(data-name); float: left; width: 9rem; margin-left: -9.5rem; color: var(--muted); font-weight: 400; }
  table:not(.short) td:not([data-name]) { padding-left: 0; }
  table:not(.short) td:not([data-name])::before { content: none; }
  table:not(.short) td:first-child { font-weight: 600; }
  table:not(.short) td code, code.hash { white-space: normal; }
}
@media print {
  @page { margin: 16mm; }
  body { font-size: 10.5pt; }
  main { max-width: none; padding: 0; }
  nav { display: none; }
  section { break-inside: auto; }
  h2, h3 { break-after: avoid; }
  tr, .verdict { break-inside: avoid; }
  details::details-content { content-visibility: visible; display: block; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
