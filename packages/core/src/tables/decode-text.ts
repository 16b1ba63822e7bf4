import { InputFileError } from '../files/errors.ts';

/** A file's text, and its encoding where it is not UTF-8. */
export interface DecodedText {
  readonly text: string;
  readonly encoding: 'UTF-8' | 'UTF-16' | 'Windows-1252';
}

/** How much of a file is looked at to see whether every second byte is 0. */
const SAMPLE_BYTES = 4096;

/** Bytes that can be looked at more than once, part by part. */
export type Parts = () => Iterable<Uint8Array>;

/**
 * Text in UTF-8, in UTF-16 of either byte order with or without a mark, or in Windows-1252 (what spreadsheets of western languages
 * write, and what is no UTF-8); the byte-order mark is left out. Throws InputFileError for UTF-32 and for bytes that are no text.
 */
export function decodeText(file: string, bytes: Uint8Array): DecodedText {
  const { label, encoding } = encodingOf(file, () => [bytes]);
  return { text: [...decoded(label, [bytes])].join(''), encoding };
}

/**
 * The same block by block, each of about `length` bytes or characters that end where a line ends, so that text and bytes are not in memory
 * at once. A text is only cut.
 */
export function textBlocks(
  file: string,
  content: string | Parts,
  length: number,
): { readonly blocks: Iterator<string, undefined>; readonly encoding: DecodedText['encoding'] } {
  if (typeof content === 'string') return { blocks: wholeLines(cut(content, length)), encoding: 'UTF-8' };
  const { label, encoding } = encodingOf(file, content);
  return { blocks: wholeLines(decoded(label, content())), encoding };
}

function* cut(text: string, length: number): Generator<string> {
  for (let at = 0; at < text.length; at += length) yield text.slice(at, at + length);
}

function* wholeLines(pieces: Iterable<string>): Generator<string, undefined> {
  let [lines, rest] = ['', ''];
  for (const piece of pieces) {
    const text: string = rest + piece;
    // a long line is not looked through again and again
    if (!/[\r\n]/.test(piece)) {
      rest = text;
      continue;
    }
    // a carriage return at the very end may be half of a line end
    const end = (text.includes('\n') ? text.lastIndexOf('\n') : text.lastIndexOf('\r', text.length - 2)) + 1;
    rest = text.slice(end);
    if (end === 0) continue;
    if (lines !== '') yield lines;
    lines = text.slice(0, end);
  }
  // a last line without an end stands with those before it
  if (lines !== '' || rest !== '') yield lines + rest;
  return undefined;
}

function encodingOf(
  file: string,
  parts: Parts,
): { readonly label: string; readonly encoding: DecodedText['encoding'] } {
  let head = new Uint8Array(0);
  let hasZeros = false;
  for (const part of parts()) {
    if (head.length === 0) head = part.slice(0, SAMPLE_BYTES);
    hasZeros ||= part.includes(0);
  }
  const [a, b, c, d] = head;
  if (a === 0x50 && b === 0x4b && c === 3 && d === 4)
    throw new InputFileError(
      { file },
      "is a ZIP archive, as Excel's .xlsx files are",
      'Export the table as CSV, in UTF-8.',
    );
  if ((a === 0xff && b === 0xfe && c === 0 && d === 0) || (a === 0 && b === 0 && c === 0xfe && d === 0xff))
    throw new InputFileError({ file }, 'is UTF-32', 'Save it as UTF-8.');
  const wide = (a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff) ? (a === 0xff ? 'le' : 'be') : zeroBytes(head);
  if (wide !== undefined) {
    if (isText(`utf-16${wide}`, parts)) return { label: `utf-16${wide}`, encoding: 'UTF-16' };
  } else if (!hasZeros) {
    return isText('utf-8', parts)
      ? { label: 'utf-8', encoding: 'UTF-8' }
      : { label: 'windows-1252', encoding: 'Windows-1252' };
  }
  throw new InputFileError({ file }, 'is no text: it holds zero bytes', 'Export the table as CSV, in UTF-8.');
}

function isText(label: string, parts: Parts): boolean {
  try {
    for (const text of decoded(label, parts())) if (text.includes('\0')) return false;
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}

/** Throws TypeError for bytes that are not of this encoding. */
function* decoded(label: string, parts: Iterable<Uint8Array>): Generator<string> {
  const decoder = new TextDecoder(label, { fatal: true });
  for (const part of parts) yield decoder.decode(part, { stream: true });
  yield decoder.decode();
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
