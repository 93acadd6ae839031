/** Where something begins in the text, behind decompression. */
export interface TextPlace {
  /** Byte, from 0. */
  offset: number;
  /** From 1. */
  line: number;
  /** How the text begins there, in one line. */
  excerpt: string;
}

/** A kind of fault in an input, with its first case. */
export interface Finding {
  /** The fault; of a dropped event, why. */
  reason: string;
  count: number;
  /** Where the first case begins: byte in the uncompressed text. */
  offset: number;
  /** The same as a line, from 1; 0 where that is not known. */
  line: number;
  /** How the text begins there. */
  excerpt: string;
}

/** What became of a part of the input. */
export type FindingCategory = 'repaired' | 'dropped' | 'ignored' | 'damaged';

/** The findings of an input by category, in the order of the text. */
export type FindingLists = Record<FindingCategory, Finding[]>;

/** The reason why an event is left out. */
export class Dropped extends Error {}

/** The categories that are worth a warning, and the error of `strict`, worst first. */
export const WARNINGS = ['damaged', 'dropped', 'repaired'] as const;

/**
 * Counts what is not as it should be, and keeps the first case of each kind, so that a file of nothing but
 * damage takes no memory. The reasons are those of the addon: binding/chrome_json and binding/convert.
 */
export class Findings implements FindingLists {
  readonly repaired: Finding[] = [];
  readonly dropped: Finding[] = [];
  readonly ignored: Finding[] = [];
  readonly damaged: Finding[] = [];

  /**
   * @param reason one of few: each is kept
   * @param where is asked for the first case of a kind alone
   */
  add(category: FindingCategory, reason: string, where: () => TextPlace): void {
    const known = this[category].find((finding) => finding.reason === reason);
    if (known === undefined) this[category].push({ reason, count: 1, ...where() });
    else known.count++;
  }
}

/** One line about a finding: `line 7, byte 123: no ts (2 times): {"ph":"X"`. */
export function describeFinding({ reason, count, offset, line, excerpt }: Finding): string {
  const times = count === 1 ? '' : ` (${count} times)`;
  const place = line === 0 ? '' : `line ${line}, `;
  return `${place}byte ${offset}: ${reason}${times}${excerpt === '' ? '' : `: ${excerpt}`}`;
}

/** The same with the category in front, for some categories; in their order. */
export function describeFindings(findings: Partial<FindingLists>, categories: readonly FindingCategory[]): string[] {
  return categories.flatMap((category) =>
    (findings[category] ?? []).map((finding) => `${category}: ${describeFinding(finding)}`),
  );
}

const EXCERPT_BYTES = 80;

/** The beginning of a text, which is printable; a character that the limit cuts is left out. */
export function excerptOf(text: Uint8Array, begin: number, end: number): string {
  const bytes = text.subarray(begin, Math.min(end, begin + EXCERPT_BYTES));
  const excerpt = new TextDecoder().decode(bytes, { stream: end - begin > EXCERPT_BYTES });
  // eslint-disable-next-line no-control-regex -- they are what is replaced
  return excerpt.replace(/[\0-\x1f\x7f]/g, ' ').replace(/\ufffd/g, '?');
}
