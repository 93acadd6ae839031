/** Which slices an arrow leads from and to, and what is said of those that are not drawn: in native traces and in Chrome JSON. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { convertTrace, isSDKAvailable } from '../../lib';
import { arrowRules, type ArrowRule } from '../fixtures/chrome-json/arrow-rules';
import { loadTrace } from '../support/loaded-trace';
import { describeWithTraceProcessor } from '../support/trace-processor';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracesmith-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const OUTPUTS: [string, string][] = [...(isSDKAvailable() ? [['a native trace', 'out.pftrace'] as [string, string]] : []), ['JSON', 'out.json']];

describeWithTraceProcessor('the rules of arrows', () => {
  describe.each(OUTPUTS)('in %s', (_format, name) => {
    const rules = arrowRules.filter(({ isNativeOnly }) => name !== 'out.json' || isNativeOnly !== true);
    it.each(rules.map((rule): [string, ArrowRule] => [rule.title, rule]))('%s', async (_title, rule) => {
      const input = join(folder, 'trace.json');
      writeFileSync(input, JSON.stringify(rule.json));
      const path = join(folder, name);
      const { flows, flowsBackward, flowsUndrawn, flowsUndrawnBy, dropped, repaired } = await convertTrace(input, path);
      const trace = loadTrace(path);
      const { backward = 0, startMissing = 0, endMissing = 0, backwards = 0 } = rule;
      expect({
        errors: trace.errors,
        arrows: trace.flows.map(([from, to]) => `${from.name} -> ${to.name}`).sort(),
        flows, flowsBackward, flowsUndrawn, flowsUndrawnBy, dropped, repaired,
      }).toEqual({
        errors: [],
        arrows: [...rule.arrows].sort(),
        flows: rule.arrows.length,
        flowsBackward: backward,
        flowsUndrawn: startMissing + endMissing + backwards,
        flowsUndrawnBy: { startMissing, endMissing, backwards },
        dropped: [],
        repaired: [],
      });
    });
  });
});
