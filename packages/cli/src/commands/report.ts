import { staleInWords } from '@neuroprint/report';
import { defineCommand, outcome } from '../command.ts';
import { withEngine } from '../engine.ts';
import { runReport } from '../netlist-page.ts';
import { engineOption, required, text } from '../options.ts';

/** `neuroprint report`: the page of a compiled netlist. */
export const reportCommand = defineCommand({
  options: {
    of: required(text('Folder that compile wrote')),
    engine: engineOption,
  },
  examples: [['$0 report --of netlists-out/iris', 'Write netlists-out/iris/report.html']],
  run: async ({ of, engine }) => {
    const result = await withEngine(engine, (open) => runReport(of, open));
    if (result.stale.length === 0) return outcome(result, [result.html]);
    return outcome(result, [result.html], 3, [`${staleInWords(result.stale)} Run verify, then report again.`]);
  },
});
