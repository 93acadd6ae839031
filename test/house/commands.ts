/** Whether a command of the docs does something: its npm script is there, its Jest selects tests. */
import ts from 'typescript';

export interface Project {
  /** Names of npm scripts. */
  scripts: string[];
  /** Texts by path, such as `test/order/lanes.test.ts`. */
  tests: Map<string, string>;
  hasFile: (path: string) => boolean;
}

/** What is wrong with a command; undefined for a good one, and for one that is none of npm, Jest and our scripts. */
export function faultOf(command: string, { scripts, tests, hasFile }: Project): string | undefined {
  const [program, ...args] = words(command);
  const [first = '', second = ''] = args;
  if (program === 'npm' && first === 'run' && !scripts.includes(second)) return `${command}: package.json has no script ${second}`;
  if (program === 'node' && /^(?:scripts|examples|test)\//.test(first) && !hasFile(first)) return `${command}: ${first} is not there`;
  if (program !== 'npx' || first !== 'jest') return undefined;
  return faultOfJest(command, args.slice(1), tests);
}

/** Each of its paths must select a test, also with its `-t`. */
function faultOfJest(command: string, args: string[], tests: Map<string, string>): string | undefined {
  const at = args.findIndex((arg) => arg === '-t' || arg === '--testNamePattern');
  const title = at < 0 ? undefined : new RegExp(args[at + 1], 'i');
  const paths = args.filter((arg, index) => !arg.startsWith('-') && (at < 0 || index !== at + 1));
  for (const path of paths.length === 0 ? [''] : paths) {
    const files = [...tests].filter(([file]) => new RegExp(path, 'i').test(`/checkout/${file}`));
    if (files.length === 0) return `${command}: no test file matches ${path}`;
    const selects = title === undefined || files.some(([file, text]) => titlesIn(file, text).some((name) => title.test(name)));
    if (!selects) return `${command}: no test of ${path || 'any file'} matches ${title}`;
  }
  return undefined;
}

/** The words of a line of a shell, without their quotes. */
function words(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, plain]) => double ?? single ?? plain);
}

/**
 * The full names of the tests in a file. A test or group is any call with a title in front of a function, since many
 * have names of their own, such as describeNative(). What stands for a value in a title is left out.
 */
export function titlesIn(file: string, text: string): string[] {
  const titles: string[] = [];
  const visit = (node: ts.Node, above: string[]): void => {
    const title = ts.isCallExpression(node) ? titleOf(node) : undefined;
    const path = title === undefined ? above : [...above, title];
    const before = titles.length;
    ts.forEachChild(node, (child) => visit(child, path));
    // A group is no test: it has some inside.
    if (title !== undefined && titles.length === before) titles.push(path.join(' '));
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest), []);
  return titles;
}

function titleOf({ arguments: [title, body] }: ts.CallExpression): string | undefined {
  if (title === undefined || body === undefined || !(ts.isArrowFunction(body) || ts.isFunctionExpression(body))) return undefined;
  const withoutValues = (text: string): string => text.replace(/%[a-zA-Z#]|\$[\w.]+/g, '');
  if (ts.isStringLiteralLike(title)) return withoutValues(title.text);
  if (!ts.isTemplateExpression(title)) return undefined;
  return withoutValues([title.head.text, ...title.templateSpans.map(({ literal }) => literal.text)].join(''));
}
