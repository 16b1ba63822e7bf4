import { address } from 'neuroprint:files';
import { memoryFiles } from '@neuroprint/core/page';

/** Puts technologies, surrogates and examples into the folder in memory. Throws Error where they cannot be had. */
export async function fetchFiles(): Promise<void> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: the server answers ${response.status}; load the page again`);
  const files = (await response.json()) as Readonly<Record<string, string>>;
  const encoder = new TextEncoder();
  for (const [path, text] of Object.entries(files)) memoryFiles.write(path, encoder.encode(text));
}
