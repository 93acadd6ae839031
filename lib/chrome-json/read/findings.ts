import type { Place } from './json-events';
import type { Finding } from '../../convert/report';

/** What became of a part of the input: the lists of a report that hold findings. */
export type FindingCategory = 'repaired' | 'dropped' | 'ignored' | 'damaged';

/** Where a finding is, worked out for the first of a kind alone. */
export type Where = () => Place;

/** Counts what is not as it should be, and keeps the first case of each kind. */
export class Findings {
  readonly repaired: Finding[] = [];
  readonly dropped: Finding[] = [];
  readonly ignored: Finding[] = [];
  readonly damaged: Finding[] = [];

  /** @param reason one of few: each is kept */
  add(category: FindingCategory, reason: string, where: Where): void {
    const known = this[category].find((finding) => finding.reason === reason);
    if (known === undefined) this[category].push({ reason, count: 1, ...where() });
    else known.count++;
  }
}
