import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { jsonSchemas } from '../src/files/json-schemas.ts';

describe('the JSON Schemas in docs/schemas', () => {
  it.each(Object.entries(jsonSchemas()))('%s is up to date (npm run schemas writes it)', (name, text) => {
    const path = fileURLToPath(new URL(`../../../docs/schemas/${name}`, import.meta.url));
    expect(existsSync(path)).toBe(true);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });
});
