import { AttrType, LAUNCH_WORDS, LaunchHas } from '../../batch/layout';
import { MAX_INT64 } from '../../limits';
import type { Integer } from '../../values';
import type { EventTable } from '../../order/event-table';
import type { ByteWriter, Fragment } from './byte-writer';
import { JsonStrings } from './json-strings';

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;


/** Writes the attributes of events as `"args":{...}`. */
export class ArgsWriter {
  /** The brackets that close what is open, the innermost last. */
  private readonly closing: number[] = [];

  private readonly keys: JsonStrings;
  private readonly texts: JsonStrings;
  /** By launch configuration; undefined where it was not written yet. */
  private readonly launches: Fragment[] = [];
  private readonly start: Fragment;
  private readonly correlationId: Fragment;
  private readonly hexPrefix: Fragment;
  private readonly booleans: readonly [Fragment, Fragment];

  constructor(
    private readonly table: EventTable,
    private readonly out: ByteWriter,
  ) {
    this.keys = new JsonStrings(table.strings, out, '', ':');
    this.texts = new JsonStrings(table.strings, out, '', '');
    this.start = out.define(',"args":{');
    this.correlationId = out.define('"correlation_id":');
    this.hexPrefix = out.define('"0x');
    this.booleans = [out.define('false'), out.define('true')];
  }

  /** Writes the member `args` with a comma before it, or nothing for an event without arguments. */
  write(row: number): void {
    const { table, out, closing } = this;
    const end = table.attrEnd[row];
    let isEmpty = true;
    let needsComma = false;
    for (let attr = table.attrBegin[row]; attr < end; attr++) {
      const type = table.attrType(attr);
      if (this.isNoArgument(attr, type)) continue;
      if (type === AttrType.End) {
        out.byte(closing.pop()!);
        needsComma = true;
        continue;
      }
      if (isEmpty) out.fragment(this.start);
      isEmpty = false;
      if (needsComma) out.byte(COMMA);
      needsComma = true;
      if (type === AttrType.Launch) this.launch(table.attrValue[attr]);
      else needsComma = this.member(attr, type);
    }
    if (!isEmpty) out.byte(CLOSE_BRACE);
  }

  private isNoArgument(attr: number, type: AttrType): boolean {
    switch (type) {
      case AttrType.Launch:
        return this.table.launches.words[this.table.attrValue[attr] * LAUNCH_WORDS] === 0;
      case AttrType.FlowOut:
      case AttrType.FlowIn:
      case AttrType.CallStack:
      case AttrType.Flow:
      case AttrType.TerminatingFlow:
        return true;
      default:
        return false;
    }
  }

  /** Writes key and value; an object or array only its beginning. Gives whether a comma comes next. */
  private member(attr: number, type: AttrType): boolean {
    const { table, out, closing } = this;
    if (type === AttrType.Correlation) {
      out.fragment(this.correlationId);
    } else if (closing.length === 0 || closing[closing.length - 1] === CLOSE_BRACE) {
      this.keys.write(table.attrKey(attr));
    }
    switch (type) {
      case AttrType.Text:
        this.texts.write(table.attrValue[attr]);
        return true;
      case AttrType.Bool:
        out.fragment(this.booleans[table.attrValue[attr]]);
        return true;
      case AttrType.Double:
        out.text(doubleText(table.attrValue[attr]));
        return true;
      case AttrType.Pointer:
        this.pointer(table.attrInteger(attr));
        return true;
      case AttrType.Dict:
        out.byte(OPEN_BRACE);
        closing.push(CLOSE_BRACE);
        return false;
      case AttrType.Array:
        out.byte(OPEN_BRACKET);
        closing.push(CLOSE_BRACKET);
        return false;
      default:
        this.integer(table.attrInteger(attr));
        return true;
    }
  }

  private launch(index: number): void {
    this.out.fragment((this.launches[index] ??= this.out.define(launchText(launchWords(this.table, index)))));
  }

  private integer(value: Integer): void {
    if (typeof value === 'number') this.out.integer(value);
    // Readers keep integers in an int64; trace_processor v56 shows larger ones as nonsense.
    else this.out.text(value > MAX_INT64 ? `"${value}"` : String(value));
  }

  private pointer(value: Integer): void {
    this.out.fragment(this.hexPrefix);
    if (typeof value === 'number') this.out.hexadecimal(value);
    else this.out.text(value.toString(16));
    this.out.byte(QUOTE);
  }
}

function launchWords({ launches }: EventTable, index: number): Uint32Array {
  return launches.words.subarray(index * LAUNCH_WORDS, (index + 1) * LAUNCH_WORDS);
}

/** The members of a launch configuration that are there. */
function launchText([has, gridX, gridY, gridZ, blockX, blockY, blockZ, sharedMemory, registers]: Uint32Array): string {
  const members: string[] = [];
  if ((has & LaunchHas.Grid) !== 0) members.push(`"grid_dim":"[${gridX},${gridY},${gridZ}]"`);
  if ((has & LaunchHas.Block) !== 0) members.push(`"block_dim":"[${blockX},${blockY},${blockZ}]"`);
  if ((has & LaunchHas.SharedMemory) !== 0) members.push(`"shared_mem_bytes":${sharedMemory}`);
  if ((has & LaunchHas.Registers) !== 0) members.push(`"registers_per_thread":${registers}`);
  return members.join(',');
}

/**
 * A double as JSON. One without decimals gets one, or readers take it for an integer; what JSON has
 * no number for becomes a string.
 */
export function doubleText(value: number): string {
  if (!Number.isFinite(value)) return `"${value}"`;
  if (!Number.isInteger(value)) return String(value);
  const text = Object.is(value, -0) ? '-0' : String(value);
  return text.includes('e') ? text : `${text}.0`;
}
