import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { MemoryFiles } from '../src/platform/memory-files.ts';
import { platform as node } from '../src/platform/node.ts';
import { platform as page } from '../src/platform/page.ts';
import type { FileStore } from '../src/platform/platform.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array): string => new TextDecoder().decode(data);

/** What a call gave, or the code of its error. */
function told(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return (error as { code?: string }).code;
  }
}

/** The same calls on any store, in a folder of their own. */
function story(files: FileStore, root: string): unknown[] {
  const at = (name: string): string => join(root, name);
  return [
    told(() => files.read(at('none'))),
    told(() => files.stat(at('none'))),
    told(() => files.list(at('none'))),
    told(() => files.write(at('a/b/one.txt'), bytes('1'))),
    told(() => files.write(at('a/b/one.txt'), bytes('uno'))),
    told(() => text(files.read(at('a/b/one.txt')))),
    told(() => files.write(at('a/parts.txt'), [bytes('o'), bytes(''), bytes('ne')])),
    told(() => text(files.read(at('a/parts.txt')))),
    told(() => [...files.parts(at('a/parts.txt'))].map(text)),
    told(() => [...files.parts(at('none'))]),
    told(() => files.stat(at('a/b/one.txt'))),
    told(() => files.stat(at('a'))?.kind),
    told(() => files.read(at('a'))),
    told(() => files.write(at('a'), bytes('x'))),
    told(() => files.makeFolder(at('a/b/one.txt'))),
    told(() => files.makeFolder(at('a/b/one.txt/below'))),
    told(() => files.makeFolder(at('a/c/d'))),
    told(() => files.makeFolder(at('a/c/d'))),
    told(() => files.create(at('a/lock'), 'me')),
    told(() => files.create(at('a/lock'), 'you')),
    told(() => text(files.read(at('a/../a//lock')))),
    told(() => files.list(at('a'))),
    told(() => files.list(at('a/lock'))),
    told(() => files.remove(at('a/b'))),
    told(() => files.remove(at('a/b'))),
    told(() => files.list(at('a'))),
  ];
}

describe('the files of a page', () => {
  test('give what those of a disk give, and the same codes of errors', () => {
    const onDisk = story(node.files, mkdtempSync(join(tmpdir(), 'files-')));
    expect(story(new MemoryFiles(), '/some/folder')).toEqual(onDisk);
    expect(onDisk.filter((one) => typeof one === 'string' && /^E[A-Z]+$/.test(one))).toEqual(
      expect.arrayContaining(['ENOENT', 'EISDIR', 'EEXIST', 'ENOTDIR']),
    );
  });

  test('are no part of what a reader was given, or a writer gave', () => {
    const files = new MemoryFiles();
    const given = bytes('abc');
    files.write('/x', given);
    given[0] = 0;
    files.read('/x')[1] = 0;
    expect(text(files.read('/x'))).toBe('abc');
  });

  test('tell of every change, and are listed with their paths', () => {
    const files = new MemoryFiles();
    const heard: [string, number | undefined][] = [];
    files.onChange = (path, data) => heard.push([path, data?.length]);
    files.write('out/a/one', bytes('1'));
    files.write('out/two', bytes('22'));
    files.remove('out/a');
    expect(heard.filter(([path]) => path !== '/out/a')).toEqual([
      ['/out/a/one', 1],
      ['/out/two', 2],
      ['/out/a/one', undefined],
    ]);
    expect([...files.below('out').keys()]).toEqual(['two']);
  });
});

describe('both sides of the platform', () => {
  test('make the same SHA-256 of texts and of bytes', () => {
    for (const data of ['', 'neuroprint', 'Ω µ 😀', new Uint8Array(100_000).map((_, i) => (i * i) % 251)])
      expect(page.sha256(data)).toBe(node.sha256(data));
  });
});
