import { refuseName, type Reject } from '../checks';

/** Keys that objects had so far, as a tree: a node for each key behind those before it. */
interface Node {
  readonly key: string;
  child?: Node;
  sibling?: Node;
}

/** Orders of keys are few; what makes more than this is not remembered. */
const MAX_NODES = 1000;

/**
 * Refuses objects with names that nobody asks for, such as misspelled ones.
 *
 * There may be millions of objects, but few orders of keys. V8 has the keys of an object at hand, each text once in
 * memory, so to follow them through a tree is to compare addresses: 32 ns for eleven keys.
 */
export class KnownNames {
  private readonly root: Node = { key: '' };
  private nodes = 0;

  constructor(private readonly known: readonly string[]) {}

  /** @param field where the object stands, for the error; the object itself if it is empty */
  check(object: object, field: string, reject: Reject): void {
    let node = this.root;
    for (const key in object) {
      let next = node.child;
      while (next !== undefined && next.key !== key) next = next.sibling;
      if (next === undefined) return this.learn(object, field, reject);
      node = next;
    }
  }

  private learn(object: object, field: string, reject: Reject): void {
    let node = this.root;
    for (const key in object) {
      // Inherited names are nobody's spelling.
      if (!this.known.includes(key) && Object.hasOwn(object, key)) this.refuse(key, field, reject);
      node = this.follow(node, key);
    }
  }

  private refuse(key: string, field: string, reject: Reject): never {
    return refuseName(field === '' ? 'every field' : `every field of ${field}`, key, this.known, reject);
  }

  private follow(node: Node, key: string): Node {
    for (let next = node.child; next !== undefined; next = next.sibling) if (next.key === key) return next;
    const added: Node = { key };
    if (this.nodes < MAX_NODES) {
      this.nodes++;
      added.sibling = node.child;
      node.child = added;
    }
    return added;
  }
}
