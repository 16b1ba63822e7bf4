/** Made by the build: the address of a JSON file with every technology, surrogate and example by its path. */
declare module 'neuroprint:files' {
  export const address: string;
}
