import { mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { run } from '../packages/cli/src/main.ts';
import { servePage } from '../packages/cli/src/serve-page.ts';
import { neuroprint, temporaryFolder } from './cli.ts';

interface Running {
  readonly said: { readonly address: string; readonly port: number; readonly folder: string };
  /** Ends it as Ctrl-C does, and gives its exit code. */
  readonly end: () => Promise<number>;
}

/** Starts `neuroprint web --port 0 --json` and waits until it says where it is. */
function startWeb(): Promise<Running> {
  const controller = new AbortController();
  return new Promise((resolve, reject) => {
    let code: Promise<number> | undefined;
    const end = () => {
      controller.abort(new Error('interrupted'));
      return code!;
    };
    const stdout = { write: (text: string) => resolve({ said: JSON.parse(text) as Running['said'], end }) };
    const stderr = { write: (text: string) => reject(new Error(text)) };
    code = run(['web', '--port', '0', '--json'], { stdout, stderr, colours: false, signal: controller.signal });
  });
}

/** A path as it is: fetch would tidy it up before it is sent. */
function statusOf(port: number, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path }, (response) => {
      response.resume();
      resolve(response.statusCode!);
    })
      .on('error', reject)
      .end();
  });
}

it('the page is served from this machine with its policy, says where, and ends in order when it is asked to', async () => {
  const { said, end } = await startWeb();
  const page = await fetch(said.address);
  const html = await page.text();
  const refused = await neuroprint(['web', '--port', String(said.port)]);
  expect(said.address).toBe(`http://127.0.0.1:${said.port}/`);
  expect(html).toContain('<title>neuroprint</title>');
  const policy = page.headers.get('content-security-policy');
  expect(policy).toMatch(/^default-src 'none'; script-src 'self' 'wasm-unsafe-eval';.*; frame-ancestors 'none'$/);
  expect(html).toContain(policy!.replace("; frame-ancestors 'none'", ''));
  expect(page.headers.get('content-type')).toBe('text/html;charset=utf-8');
  for (const path of ['/../package.json', '/..%2fpackage.json', '/%2e%2e/%2e%2e/package.json', '/nothing.js', '/%'])
    expect(await statusOf(said.port, path), path).toBe(404);
  expect(refused).toEqual({
    code: 2,
    out: '',
    err: `error Port ${said.port} is in use.\nGive another one with --port, or --port 0 for any that is free.\n`,
  });
  expect(await end()).toBe(0);
  await expect(fetch(said.address)).rejects.toThrow();
});

it('a folder that was not built, or whose page has no policy, is not served', async () => {
  const folder = temporaryFolder();
  await expect(servePage(folder, 0)).rejects.toThrow(`${join(folder, 'index.html')}: is not there`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>something else</title>');
  await expect(servePage(folder, 0)).rejects.toThrow('has no content security policy');
});

it.each([
  ['--port', 'eighty', 'must be a whole number from 0 to 65535'],
  ['--port', '65536', 'must be a whole number from 0 to 65535'],
])('a port that is none is refused: %s %s', async (option, value, message) => {
  const { code, err } = await neuroprint(['web', option, value]);
  expect(code).toBe(2);
  expect(err).toContain(message);
});
