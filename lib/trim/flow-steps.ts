import type { Exact } from '../protobuf/field-reader';
import type { Flow } from './track-event';

/** Keeps ids apart, where readers would join what is left of two. */
const ANOTHER = 0x9e3779b97f4a7c15n;

interface Chain {
  /** Whether the last step stays. */
  stays: boolean;
  /** How many parts of it were told apart. */
  parts: bigint;
}

/**
 * Readers draw an arrow from each step of an id to the next. Where a step between goes, those beside it must not be
 * joined: what follows gets another id.
 */
export class FlowSteps {
  /** Arrows of which one end stays and the other goes. */
  cut = 0;
  private readonly chains = new Map<Exact, Chain>();

  /** Takes the ids of an event; the ids to write, or undefined where they stay as they are. */
  step(flows: readonly Flow[], stays: boolean): Exact[] | undefined {
    let ids: Exact[] | undefined;
    for (const [i, { id, isLast }] of flows.entries()) {
      const chain = this.chains.get(id);
      if (chain === undefined) {
        if (!isLast) this.chains.set(id, { stays, parts: 0n });
        continue;
      }
      if (chain.stays !== stays) {
        this.cut++;
        if (!stays) chain.parts++;
        chain.stays = stays;
      }
      if (stays && chain.parts > 0n) {
        ids ??= flows.map((flow) => flow.id);
        ids[i] = BigInt.asUintN(64, BigInt(id) ^ (chain.parts * ANOTHER));
      }
      if (isLast) this.chains.delete(id);
    }
    return ids;
  }
}
