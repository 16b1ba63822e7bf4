import { z } from 'zod';
import { readTextFile, sha256, writeFileAtomic } from './atomic-files.ts';
import { InputFileError, UsageError } from './errors.ts';

/** What every file between two stages carries beside its content. */
const envelope = {
  /** SHA-256 of what this was made from, by name. */
  inputHashes: z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/)),
  /** SHA-256 of the file without this field; absent in files that people write by hand. */
  checksum: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
};

/** A kind of file: its name, its version and the schema of its content. */
export interface ArtifactKind<S extends z.ZodType> {
  readonly kind: string;
  readonly version: number;
  readonly schema: S;
}

/** Declares a kind of file. `fields` are its content; kind, version, inputHashes and checksum are added. */
export function artifactKind<K extends string, T extends z.ZodRawShape>(kind: K, version: number, fields: T) {
  const schema = z.strictObject({ kind: z.literal(kind), version: z.literal(version), ...envelope, ...fields });
  return { kind, version, schema } as const;
}

/** Readonly all the way down. */
export type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

export type Artifact<A> = A extends ArtifactKind<infer S> ? DeepReadonly<z.infer<S>> : never;

/** The content of an artifact before kind, version and checksum are added. */
export type ArtifactContent<A> = Omit<Artifact<A>, 'kind' | 'version' | 'checksum'>;

/** Completes content to an artifact: kind, version, checksum. The schema is checked, because a writer can be wrong too. */
export function makeArtifact<S extends z.ZodType, A extends ArtifactKind<S>>(
  type: A,
  content: ArtifactContent<A>,
): Artifact<A> {
  const body = { kind: type.kind, version: type.version, ...content };
  type.schema.parse(body);
  return { ...body, checksum: checksumOf(body) } as unknown as Artifact<A>;
}

/** Writes an artifact as JSON that a person can open, atomically. Returns the SHA-256 of the file. */
export function writeArtifact<S extends z.ZodType, A extends ArtifactKind<S>>(
  path: string,
  type: A,
  content: ArtifactContent<A>,
): string {
  const text = `${formatJson(makeArtifact(type, content))}\n`;
  writeFileAtomic(path, text);
  return sha256(text);
}

/**
 * Reads an artifact and checks it: JSON, kind, version, checksum, schema.
 * Throws InputFileError that names the file, what is wrong and what to do.
 */
export function readArtifact<S extends z.ZodType, A extends ArtifactKind<S>>(path: string, type: A): Artifact<A> {
  const raw = parseJson(path, readTextFile(path));
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    throw new InputFileError({ file: path }, `holds no ${type.kind} object`, `Give the path of a ${type.kind} file.`);
  }
  const { kind, version, checksum } = raw as { kind?: unknown; version?: unknown; checksum?: unknown };
  if (kind !== type.kind) {
    throw new InputFileError(
      { file: path },
      `is a ${String(kind ?? 'file of unknown kind')}, and a ${type.kind} is needed`,
      'Check the path.',
    );
  }
  if (version !== type.version) {
    throw new InputFileError(
      { file: path },
      `is version ${String(version)} of ${type.kind}, and this neuroprint reads version ${type.version}`,
      'Make the file again with this version.',
    );
  }
  if (checksum !== undefined && checksum !== checksumOf(raw)) {
    throw new InputFileError(
      { file: path },
      'the checksum does not match: the file is damaged or was edited',
      'Make the file again; if you edited it on purpose, delete its "checksum" line.',
    );
  }
  return checkSchema(path, type.schema, raw) as Artifact<A>;
}

/** Checks a parsed value against a schema. Throws InputFileError with the path inside the file. */
export function checkSchema<S extends z.ZodType>(file: string, schema: S, value: unknown): DeepReadonly<z.infer<S>> {
  const result = schema.safeParse(value);
  if (result.success) return result.data as DeepReadonly<z.infer<S>>;
  throw new InputFileError({ file }, describeIssues(result.error, 'the file'));
}

/** Checks an argument of a call from outside, such as `train(options)`. Throws UsageError that names its field. */
export function checkArgument<T>(argument: string, schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new UsageError(`${argument}: ${describeIssues(result.error, 'the value')}.`);
}

/** The first thing that is wrong, with its path, and how many more there are. */
function describeIssues({ issues }: z.ZodError, whole: string): string {
  const { path, message } = issues[0]!;
  const where = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  return `${where.replace(/^\./, '') || whole}: ${message}${more}`;
}

/** Parses JSON. Throws InputFileError that names the file, where it is none and where an object has two values of one name. */
export function parseJson(file: string, text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    const twice = nameGivenTwice(text);
    if (twice === undefined) return value;
    throw new InputFileError({ file }, `${twice} stands twice in one object`, 'Remove or rename one of the two.');
  } catch (error) {
    if (error instanceof InputFileError) throw error;
    throw new InputFileError(
      { file },
      `is not JSON (${error instanceof Error ? error.message : String(error)})`,
      'The file may be cut off; make it again.',
    );
  }
}

/** The first name, in quotes, that an object of this JSON has twice: JSON.parse would take the last value without a word. */
function nameGivenTwice(text: string): string | undefined {
  const open: Set<string>[] = [];
  for (const [token, name] of text.matchAll(/("(?:[^"\\]|\\.)*")\s*:|"(?:[^"\\]|\\.)*"|[{}]/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (name !== undefined) {
      if (open.at(-1)!.has(name)) return name;
      open.at(-1)!.add(name);
    }
  }
  return undefined;
}

function checksumOf(value: object): string {
  const { checksum: _, ...rest } = value as { checksum?: unknown };
  return sha256(JSON.stringify(rest));
}

/** JSON with two spaces of indent, and arrays of numbers on one line, because a matrix is read by rows. */
export function formatJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(
    /\[\s*(-?[\d.eE+-]+(?:,\s*-?[\d.eE+-]+)*)\s*\]/g,
    (_, body: string) => `[${body.replace(/\s+/g, ' ')}]`,
  );
}
