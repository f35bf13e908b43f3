// Makes ../assets from the packages that package-lock.json names: one script, one style sheet, the licences.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const here = import.meta.dirname;
const target = join(here, '..', 'assets');

// The page is written in the fonts of the reader's machine: smaller, and no font licences to carry.
const withoutFonts = {
  name: 'without-fonts',
  setup(build) {
    build.onLoad({ filter: /\.css$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(/@font-face\s*\{[^}]*\}/g, ''),
      loader: 'css',
    }));
  },
};

const result = await build({
  absWorkingDir: here,
  entryPoints: { graphiql: 'main.jsx' },
  outdir: target,
  bundle: true,
  plugins: [withoutFonts],
  minify: true,
  write: false,
  metafile: true,
  format: 'esm',
  target: 'es2022',
  jsx: 'automatic',
  legalComments: 'none',
  entryNames: '[name]-[hash]',
  define: { 'process.env.NODE_ENV': '"production"' },
});

const packages = new Set();
for (const path of Object.keys(result.metafile.inputs)) {
  const found = path.match(/^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//);
  if (found) packages.add(path.slice(0, path.lastIndexOf(`node_modules/${found[1]}/`)) + `node_modules/${found[1]}`);
}
const licences = [...packages].sort().map((folder) => {
  const about = JSON.parse(readFileSync(join(here, folder, 'package.json'), 'utf8'));
  const file = readdirSync(join(here, folder)).find((name) => /^(licen[cs]e|copying)/i.test(name));
  const text = file ? readFileSync(join(here, folder, file), 'utf8').trim() : `Licence: ${about.license}`;
  return `${about.name} ${about.version} (${about.license})\n\n${text}\n`;
});
const notice = 'The GraphiQL page contains these packages.\n\n' + licences.join('\n' + '-'.repeat(80) + '\n\n');
const noticeName = `licences-${createHash('sha256').update(notice).digest('hex').slice(0, 8).toUpperCase()}.txt`;

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
for (const file of result.outputFiles) writeFileSync(file.path, file.contents);
writeFileSync(join(target, noticeName), notice);
console.log(readdirSync(target).join('\n'));
