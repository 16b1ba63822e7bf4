import { InputFileError } from '@neuroprint/core';
import { cellsOf, joinedByCommas, separatorFor } from './lines.ts';
import { withoutSettings } from './settings.ts';

/** A file of an instrument as a plain CSV of the same lines: what is no table is blank, so that messages name the true line. */
export interface InstrumentText {
  readonly text: string;
  /** What was skipped and taken for granted, a sentence each. */
  readonly notes: readonly string[];
  /** Lines, from 1, at which a later block of the same columns begins. */
  readonly blocks: readonly number[];
  /** Lines that the text has before those of the file. */
  readonly shift: number;
}

/**
 * Finds the table in what an instrument wrote: settings before the header (Keithley KickStart and others), the lines DataName and
 * DataValue of Keysight EasyEXPERT, the headers of a LabVIEW measurement file. Throws InputFileError for two tables of
 * different columns.
 */
export function instrumentText(file: string, text: string): InstrumentText {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  if (lines.some((line) => wordOf(line) === 'dataname')) return fromEasyExpert(file, lines);
  return withoutSettings(lines, 1 + lines.findLastIndex((line) => line.startsWith('***End_of_Header***')));
}

/** The first word of a line, in lower case. */
function wordOf(line: string): string {
  return /^"?(\w*)/.exec(line)![1]!.toLowerCase();
}

/** Lines `DataName, a, b` and `DataValue, 1, 2`; all else are settings. A repeated DataName begins a sweep that was appended. */
function fromEasyExpert(file: string, lines: readonly string[]): InstrumentText {
  const blocks: number[] = [];
  let header: string | undefined;
  let skipped = 0;
  const kept = lines.map((line, i) => {
    const word = wordOf(line);
    if (word !== 'dataname' && word !== 'datavalue') {
      if (line.trim() !== '') skipped += 1;
      return '';
    }
    const separator = separatorFor(line, (cells) => cells.length > 1) ?? ',';
    const cells = joinedByCommas(cellsOf(line, separator).slice(1), separator);
    if (word === 'datavalue') return cells;
    if (header !== undefined && header !== cells)
      throw new InputFileError(
        { file, row: i + 1 },
        'a second table begins, with other columns',
        'Give every test a file of its own.',
      );
    if (header !== undefined) blocks.push(i + 1);
    const first = header === undefined;
    header = cells;
    return first ? cells : '';
  });
  return {
    text: kept.join('\n'),
    notes: skipped > 0 ? [`${skipped} lines of settings were skipped (EasyEXPERT)`] : [],
    blocks,
    shift: 0,
  };
}
