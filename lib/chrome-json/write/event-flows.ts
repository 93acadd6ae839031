/** How the flows of one event are written. */
export interface EventFlows {
  /**
   * Whether the event must be written such that readers leave it where it is among those of its time: as
   * `B` or `i`, since they move every `X` to the front.
   */
  staysInPlace: boolean;
  /** Members of the event itself: its `bind_id`, if it has one. */
  bound: string;
  /** How `s`, `t` and `f` events begin that follow the event and bind to it, up to their place and time. */
  detached: readonly string[];
}

export interface FlowSource {
  /** The flows of a row; asked for once, when the row is written. */
  of(row: number): EventFlows;
}

export const NO_FLOWS: EventFlows = { staysInPlace: false, bound: '', detached: [] };

/** How an event of a flow begins: `s` starts it, `t` goes on, `f` ends it. */
export function detachedFlow(phase: 's' | 't' | 'f', id: number): string {
  const binding = phase === 'f' ? ',"bp":"e"' : '';
  return `{"ph":"${phase}"${binding},"cat":"flow","name":"flow","id":${id},`;
}
