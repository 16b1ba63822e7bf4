import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeFailure, writeFileAtomic } from '../src/files/atomic-files.ts';
import { InputFileError, type NeuroprintError } from '../src/files/errors.ts';
import { makeFolders } from '../src/platform/make-folders.ts';

const failure = (code: string): NeuroprintError =>
  writeFailure('out/bom.csv', Object.assign(new Error(`${code}: , write`), { code })) as NeuroprintError;

describe('a file that cannot be written', () => {
  it.each([
    ['ENOSPC', 'out/bom.csv: cannot be written: there is no space left on the disk', 1],
    ['EROFS', 'out/bom.csv: cannot be written: this disk can only be read', 1],
    ['EIO', 'out/bom.csv: cannot be written: EIO: , write', 1],
    ['EISDIR', 'out/bom.csv: is a folder, and a file is to be written', 2],
    ['ENOTDIR', 'out/bom.csv: a part of this path is a file, and a folder is needed', 2],
  ])('is named, with what to do: %s', (code, message, exitCode) => {
    expect(failure(code)).toMatchObject({ message, exitCode, hint: expect.any(String) });
  });

  it('and what is no failure of the machine stays what it is', () => {
    const bug = new TypeError('a bug');
    expect(writeFailure('x', bug)).toBe(bug);
    const known = new InputFileError({ file: 'x' }, 'is wrong');
    expect(writeFailure('x', known)).toBe(known);
  });

  it('keeps what was there, and leaves nothing behind', () => {
    const folder = mkdtempSync(join(tmpdir(), 'neuroprint-test-'));
    mkdirSync(join(folder, 'taken'));
    writeFileSync(join(folder, 'file'), 'old');
    expect(() => writeFileAtomic(join(folder, 'taken'), 'new')).toThrow(/taken: is a folder/);
    expect(() => writeFileAtomic(join(folder, 'file', 'below'), 'new')).toThrow(/below: a part of this path is a file/);
    expect(readdirSync(folder).sort()).toEqual(['file', 'taken']);
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('old');
  });
});

describe('folders', () => {
  /** A disk that refuses whatever `refuses` names, with what it answers. */
  const diskOf = (there: readonly string[], refuses: (path: string) => string | undefined) => {
    const folders = new Set(['/', ...there]);
    const made: string[] = [];
    const kindOf = (path: string): 'file' | 'folder' | undefined =>
      path === '/file' ? 'file' : folders.has(path) ? 'folder' : undefined;
    const make = (path: string) => {
      const code = refuses(path);
      if (code !== undefined) throw Object.assign(new Error(`${code}: mkdir '${path}'`), { code });
      folders.add(path);
      made.push(path);
    };
    return { disk: { kindOf, make }, made };
  };

  it('are made one after the other, from the first that is there', () => {
    const { disk, made } = diskOf(['/a'], () => undefined);
    makeFolders('/a/b/c', disk);
    expect(made).toEqual(['/a/b', '/a/b/c']);
  });

  it('are refused by a file system that holds none, after one attempt', () => {
    const { disk, made } = diskOf(['/system'], (path) => (path.startsWith('/system/') ? 'ENOENT' : undefined));
    expect(() => makeFolders('/system/a/b', disk)).toThrow(/ENOENT/);
    expect(made).toEqual([]);
    expect(failure('ENOENT')).toMatchObject({
      message: 'out/bom.csv: its file system holds no new folders',
      exitCode: 2,
    });
  });

  it('are refused where a file has the name of one of them', () => {
    const { disk } = diskOf([], () => undefined);
    expect(() => makeFolders('/file/a', disk)).toThrow(/ENOTDIR: mkdir '\/file'/);
    expect(() => makeFolders('/file', disk)).toThrow(/EEXIST/);
  });
});
