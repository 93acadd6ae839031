import { Command } from 'commander';
import { diagnose, type Diagnosis } from './diagnosis';
import { aligned, ExitCode, oneLine, print, printJson } from './terminal';

type Row = readonly [label: string, value: string];

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('Say whether native traces can be written here, and if not, why and what to do.')
    .option('--json', 'print everything as JSON')
    .action(doctor);
}

async function doctor(options: { json?: true }): Promise<void> {
  const diagnosis = await diagnose();
  if (options.json) printJson(diagnosis);
  else print(...describe(diagnosis));
  // The fallback is a way of working; only a package that cannot do what it should is a failure.
  process.exitCode = diagnosis.broken.length > 0 ? ExitCode.Failed : ExitCode.Done;
}

function describe(diagnosis: Diagnosis): string[] {
  const { version, node, platform, isCheckout, tools } = diagnosis;
  const rows: Row[] = [
    ['tracesmith-perfetto', `${version}, ${isCheckout ? 'a checkout' : 'installed'}`],
    ['Node.js', `${node}, ${platform}`],
    ...sdkRows(diagnosis),
    ...buildRows(diagnosis),
    ...tools.map(({ purpose, found }): Row => [purpose, found === null ? 'not found' : `${found.version} (${found.path})`]),
  ];
  return [...aligned(rows), '', ...verdict(diagnosis)];
}

function sdkRows({ sdk, backendVariable }: Diagnosis): Row[] {
  const rows: Row[] = [];
  if (sdk.available) rows.push(['Perfetto SDK', sdk.version ?? ''], ['Addon', sdk.addonPath ?? '']);
  else rows.push(['Perfetto SDK', `not available: ${sdk.reason}`]);
  for (const { path, code, message } of sdk.errors ?? []) {
    rows.push(['  tried', `${path}: ${code === undefined ? '' : `${code}: `}${oneLine(message)}`]);
  }
  if (backendVariable !== null) {
    const meaning = backendVariable === 'json' ? 'turns the addon off' : 'has no meaning; only "json" has one';
    rows.push(['TRACESMITH_BACKEND', `${backendVariable}: ${meaning}`]);
  }
  return rows;
}

function buildRows({ build }: Diagnosis): Row[] {
  if (build === null) return [];
  if (build.ok) return [['Last build', 'succeeded']];
  const log = build.log === undefined ? '' : ` (see ${build.log})`;
  return [['Last build', `failed: ${oneLine(build.reason ?? 'no reason noted')}${log}`]];
}

function verdict({ backend, broken, remedies }: Diagnosis): string[] {
  const steps = remedies.length === 0 ? [] : ['What to do:', ...remedies.map((remedy) => `  - ${remedy}`)];
  if (broken.length > 0) return [`The package is broken: ${broken.join('; ')}.`, ...steps];
  if (backend === 'native') return ['All is well: native Perfetto traces can be written.', ...steps];
  return ['The fallback is in use: Chrome JSON is written instead of native Perfetto traces.', ...steps];
}
