import { InputFileError } from '../files/errors.ts';

/** A file's text, and its encoding where it is not UTF-8. */
export interface DecodedText {
  readonly text: string;
  readonly encoding: 'UTF-8' | 'UTF-16' | 'Windows-1252';
}

/** How much of a file is looked at to see whether every second byte is 0. */
const SAMPLE_BYTES = 4096;

/**
 * Text in UTF-8, in UTF-16 of either byte order with or without a mark, or in Windows-1252 (what spreadsheets of western languages
 * write, and what is no UTF-8); the byte-order mark is left out. Throws InputFileError for UTF-32 and for bytes that are no text.
 */
export function decodeText(file: string, bytes: Uint8Array): DecodedText {
  const [a, b, c, d] = bytes;
  if (a === 0x50 && b === 0x4b && c === 3 && d === 4)
    throw new InputFileError(
      { file },
      "is a ZIP archive, as Excel's .xlsx files are",
      'Export the table as CSV, in UTF-8.',
    );
  if ((a === 0xff && b === 0xfe && c === 0 && d === 0) || (a === 0 && b === 0 && c === 0xfe && d === 0xff))
    throw new InputFileError({ file }, 'is UTF-32', 'Save it as UTF-8.');
  const wide = (a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff) ? (a === 0xff ? 'le' : 'be') : zeroBytes(bytes);
  if (wide !== undefined) {
    const text = decode(`utf-16${wide}`, bytes);
    if (text !== undefined && !text.includes('\0')) return { text, encoding: 'UTF-16' };
  } else if (!bytes.includes(0)) {
    const text = decode('utf-8', bytes);
    if (text !== undefined) return { text, encoding: 'UTF-8' };
    return { text: decode('windows-1252', bytes)!, encoding: 'Windows-1252' };
  }
  throw new InputFileError({ file }, 'is no text: it holds zero bytes', 'Export the table as CSV, in UTF-8.');
}

function decode(encoding: string, bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The byte order where nearly every second byte is 0, as in UTF-16 of western letters. */
function zeroBytes(bytes: Uint8Array): 'le' | 'be' | undefined {
  const length = Math.min(bytes.length, SAMPLE_BYTES) & ~1;
  const zeros = [0, 0];
  for (let i = 0; i < length; i += 1) if (bytes[i] === 0) zeros[i & 1]! += 1;
  if (length === 0) return undefined;
  if (zeros[1]! > 0.45 * length && zeros[0] === 0) return 'le';
  return zeros[0]! > 0.45 * length && zeros[1] === 0 ? 'be' : undefined;
}
