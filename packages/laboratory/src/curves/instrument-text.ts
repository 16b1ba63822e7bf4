import { InputFileError } from '@neuroprint/core';
import { withoutSettings } from './settings.ts';

/** A file of an instrument with the same lines: what is no table is blank, so that messages name the true line. */
export interface InstrumentText {
  readonly text: string;
  /** What was skipped, a sentence each. */
  readonly notes: readonly string[];
  /** Lines, from 1, at which a later block of the same columns begins. */
  readonly blocks: readonly number[];
}

/** Lines of EasyEXPERT that are part of the table, with what stands before their first cell. */
const EASY_EXPERT = /^\s*"?(DataName|DataValue)"?\s*[,;\t]\s*/i;

/**
 * Finds the table in what an instrument wrote: settings before the header (Keithley KickStart and others), the lines DataName and
 * DataValue of Keysight EasyEXPERT, the headers of a LabVIEW measurement file. Throws InputFileError for two tables of
 * different columns.
 */
export function instrumentText(file: string, text: string): InstrumentText {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  if (lines.some((line) => EASY_EXPERT.exec(line)?.[1]?.toLowerCase() === 'dataname'))
    return fromEasyExpert(file, lines);
  return withoutSettings(lines, 1 + lines.findLastIndex((line) => line.startsWith('***End_of_Header***')));
}

/** Lines `DataName, a, b` and `DataValue, 1, 2`; all else are settings. A repeated DataName begins a sweep that was appended. */
function fromEasyExpert(file: string, lines: readonly string[]): InstrumentText {
  const blocks: number[] = [];
  let header: string | undefined;
  let skipped = 0;
  const kept = lines.map((line, i) => {
    const found = EASY_EXPERT.exec(line);
    if (found === null) {
      if (line.trim() !== '') skipped += 1;
      return '';
    }
    const cells = line.slice(found[0].length);
    if (found[1]!.toLowerCase() === 'datavalue') return cells;
    if (header === undefined) {
      header = cells;
      return cells;
    }
    if (header.trim() !== cells.trim())
      throw new InputFileError(
        { file, row: i + 1 },
        'a second table begins, with other columns',
        'Give every test a file of its own.',
      );
    blocks.push(i + 1);
    return '';
  });
  return {
    text: kept.join('\n'),
    notes: skipped > 0 ? [`${skipped} lines of settings were skipped (EasyEXPERT)`] : [],
    blocks,
  };
}
