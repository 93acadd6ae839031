/** What README.md and docs/*.md hold besides prose: blocks of code, and commands. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Page {
  /** Relative to the checkout. */
  file: string;
  text: string;
}
/** A fenced block. */
export interface Block {
  /** Where its code begins, as `docs/writer.md:7`. */
  place: string;
  /** The first word behind the fence, such as `js`. */
  language: string;
  /** The others, such as `ignore`. */
  words: string[];
  code: string;
}

export function readPages(root: string): Page[] {
  const docs = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  const files = ['README.md', ...docs.map((name) => `docs/${name}`)];
  return files.map((file) => ({ file, text: readFileSync(join(root, file), 'utf8').replaceAll('\r\n', '\n') }));
}

export function blocksIn({ file, text }: Page): Block[] {
  return [...text.matchAll(/^```(.*)\n([^]*?)^```$/gm)].map(({ 1: info, 2: code, index }) => {
    const [language, ...words] = info.trim().split(/\s+/);
    return { place: `${file}:${text.slice(0, index).split('\n').length + 1}`, language, words, code };
  });
}

/** The lines of shell blocks and the spans of code in the prose, cut at `&&`, without comments. */
export function commandsIn(page: Page): string[] {
  const shell = blocksIn(page).filter(({ language }) => language === 'sh');
  const lines = shell.flatMap(({ code }) => code.split('\n'));
  const prose = page.text.replace(/^```.*\n[^]*?^```$/gm, '');
  const spans = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, span]) => span);
  const commands = [...lines, ...spans].flatMap((line) => line.replace(/\s#\s.*/, '').split('&&'));
  return commands.map((command) => command.trim().replace(/^\$ /, '')).filter((command) => command !== '');
}
