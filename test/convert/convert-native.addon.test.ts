/** Converting Chrome and Kineto JSON through the addon: small traces by hand. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { convertTrace, isSDKAvailable } from '../../lib';
import { decodeTrace } from '../support/decode-trace';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracesmith-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const onlyNative = isSDKAvailable() ? describe : describe.skip;

function write(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content));
  return path;
}

onlyNative('small traces', () => {
  async function converted(events: unknown[]) {
    const result = await convertTrace(write('trace.json', events), join(folder, 'out.pftrace'));
    const trace = decodeTrace(readFileSync(join(folder, 'out.pftrace')));
    const names = new Map(trace.tracks.map(({ uuid, name }) => [uuid, name]));
    const rows = trace.events.map(({ time, type, name, track, args }) => [Number(time), type, name ?? names.get(track), args]);
    return { result, trace, rows };
  }
  const at = (ph: string, ts: unknown, more: object = {}) => ({ ph, ts, pid: 7, tid: 7, name: ph, ...more });

  it('complete events nest and keep their arguments', async () => {
    const { rows } = await converted([
      at('X', 2, { dur: 1, name: 'child', args: { n: 1, list: ['a'], no: null } }),
      at('X', 1, { dur: 5, name: 'parent' }),
    ]);
    expect(rows).toEqual([
      [1000, 'begin', 'parent', []],
      [2000, 'begin', 'child', [['n', 1n], ['list', ['a']]]],
      [3000, 'end', '', []],
      [6000, 'end', '', []],
    ]);
  });

  it('an end closes the latest begin that it matches, and merges its arguments', async () => {
    const { result, rows } = await converted([
      at('B', 1, { name: 'a', args: { x: 1, y: 1 } }),
      at('B', 2, { name: 'b' }),
      at('E', 3, { name: 'b' }),
      at('E', 4, { name: undefined, args: { y: 2 } }),
      at('E', 5),
      at('B', 6, { name: 'open' }),
    ]);
    expect(rows.filter(([, type]) => type === 'begin')).toEqual([
      // Of arguments of one name readers take the last.
      [1000, 'begin', 'a', [['x', 1n], ['y', 1n], ['y', 2n]]],
      [2000, 'begin', 'b', []],
      [6000, 'begin', 'open', []],
    ]);
    expect(result).toMatchObject({ slices: 3, unclosed: 1, unmatched: 1, dropped: [] });
  });

  it('flows bind to the slices around them, or to the next', async () => {
    const { result } = await converted([
      at('X', 10, { dur: 10, tid: 1 }),
      at('s', 12, { tid: 1, id: 5, cat: 'c' }),
      at('X', 20, { dur: 10, tid: 2 }),
      at('f', 25, { tid: 2, id: '0x5', cat: 'c', name: 's', bp: 'e' }),
      at('s', 13, { tid: 1, id: 'text', cat: 'c' }),
      at('X', 40, { dur: 10, tid: 2 }),
      at('f', 35, { tid: 2, id: 'text', cat: 'c', name: 's' }),
      at('f', 45, { tid: 2, id: 9, cat: 'c', name: 's', bp: 'e' }),
    ]);
    expect(result).toMatchObject({ slices: 3, flows: 2, flowsUndrawn: 1 });
  });

  it('counters, instants and async events have tracks of their own', async () => {
    const { result, trace } = await converted([
      at('C', 1, { name: 'mem', args: { used: 1, free: 2.5, text: 'x' } }),
      at('i', 2, { s: 'g', name: 'global' }),
      at('i', 2, { s: 'p', name: 'process' }),
      at('i', 2, { name: 'thread' }),
      at('b', 3, { id: 1, cat: 'net', name: 'request' }),
      at('n', 4, { id: 1, cat: 'net', name: 'step' }),
      at('e', 5, { id: 1, cat: 'net', name: 'request' }),
    ]);
    expect(result).toMatchObject({ counters: 2, instants: 4, slices: 1 });
    expect(trace.tracks.map(({ name }) => name).filter((name) => name !== '')).toEqual(
      expect.arrayContaining(['mem used', 'mem free', 'Global instants', 'request']),
    );
  });

  it('counts what it ignores and what it drops, with the reason', async () => {
    const { result } = await converted([
      at('X', 1), at('X', 1, { dur: 'x' }), at('X', -5, { dur: 1 }), { ph: 'i', pid: 1 }, {}, null, 5, at('P', 1), at('N', 1), at('N', 1), { ts: 1 },
    ]);
    const countsOf = (findings: { reason: string; count: number }[]) => findings.map(({ count }) => count).sort();
    expect(countsOf(result.dropped).reduce((sum, count) => sum + count, 0)).toBe(3);
    expect(result).toMatchObject({ slices: 2, unclosed: 1 });
    expect(result.ignored).toEqual(expect.arrayContaining([expect.objectContaining({ reason: 'events of phase N', count: 2 })]));
    expect(result.damaged).toMatchObject([{ excerpt: expect.stringMatching(/^null,5/) as string, count: 2 }]);
    expect(result.phases).toMatchObject({ X: 3, i: 1, N: 2 });
  });
});
