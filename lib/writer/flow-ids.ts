import type { Integer } from '../values';

const MIN_INT64 = -(2n ** 63n);
const MAX_UINT64 = 2n ** 64n - 1n;

const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;

/** Ids that `newFlow()` gives begin here: above addresses, times in ns and counters, which others use as ids. */
export const FIRST_FRESH_FLOW = 2n ** 62n;

/**
 * The 64-bit id of a flow.
 *
 * An integer within 64 bits is its own id, a negative one in two's complement. Anything else, a
 * fraction, a larger bigint, NaN or an infinity, is mixed to 64 bits: FNV-1a over its decimal text.
 */
export function flowId(id: Integer): Integer {
  if (typeof id === 'number') {
    if (Number.isSafeInteger(id) && id >= 0) return id + 0; // makes -0 a 0
    return Number.isInteger(id) ? flowId(BigInt(id)) : mixed(String(id));
  }
  return id >= MIN_INT64 && id <= MAX_UINT64 ? BigInt.asUintN(64, id) : mixed(String(id));
}

/** The text is all ASCII: its UTF-16 units are its bytes. */
function mixed(text: string): bigint {
  let hash = FNV_OFFSET;
  for (let i = 0; i < text.length; i++) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(i))) * FNV_PRIME);
  }
  return hash;
}
