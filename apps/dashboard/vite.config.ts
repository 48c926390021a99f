import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompress, gzip } from 'node:zlib';
import { promisify } from 'node:util';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** Writes what compresses beside its compressed forms once, so that nobody does it at each request. */
const compressed = (): Plugin => ({
  name: 'seatwise:compressed',
  apply: 'build',
  async writeBundle({ dir }) {
    const folder = join(dir!, 'assets');
    const names = (await readdir(folder)).filter((name) => /\.(js|css|svg)$/.test(name));
    const forms = { br: promisify(brotliCompress), gz: promisify(gzip) };
    for (const name of names)
      for (const [form, compress] of Object.entries(forms)) {
        const file = join(folder, name);
        await writeFile(`${file}.${form}`, await compress(await readFile(file)));
      }
  },
});

export default defineConfig({
  plugins: [react(), compressed()],
  build: { target: 'es2022', sourcemap: false, assetsInlineLimit: 0, chunkSizeWarningLimit: 700 },
  css: { modules: { localsConvention: 'camelCaseOnly' } },
});
