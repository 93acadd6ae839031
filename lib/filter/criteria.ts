import type { CheckedFilterOptions } from './options';

/** The process and thread that a track lies in. */
export interface Owner {
  pid?: number;
  tid?: number;
  process: string;
  thread: string;
}

/** What the filters other than those of time ask about a slice or instant. */
export interface Candidate {
  name: string;
  categories: readonly string[];
  owner: Owner;
  /** Undefined for what is no slice. */
  depth?: number;
  /** ns; undefined for a slice without an end, or what is no slice. */
  duration?: number;
}

/** The filters other than those of time. Of one option any may match, of several all must, and excluding wins. */
export class Criteria {
  private readonly categories: RegExp[];
  private readonly excludedCategories: RegExp[];
  private readonly processes: Matcher[];
  private readonly threads: Matcher[];

  constructor(private readonly options: CheckedFilterOptions) {
    this.categories = options.categories.map(globPattern);
    this.excludedCategories = options.excludeCategories.map(globPattern);
    this.processes = options.processes.map(matcher);
    this.threads = options.threads.map(matcher);
  }

  /** Whether any option asks for names, for categories, for some categories alone, or for processes and threads. */
  get asksNames(): boolean {
    return this.options.names.length > 0 || this.options.excludeNames.length > 0;
  }
  get asksCategories(): boolean {
    return this.needsCategory || this.excludedCategories.length > 0;
  }
  get needsCategory(): boolean {
    return this.categories.length > 0;
  }
  get asksOwners(): boolean {
    return this.processes.length > 0 || this.threads.length > 0;
  }

  accepts({ name, categories, owner, depth, duration }: Candidate): boolean {
    const { minDuration, maxDepth } = this.options;
    if (this.needsCategory && !categories.some((category) => this.includesCategory(category))) return false;
    if (categories.some((category) => this.excludesCategory(category))) return false;
    if (!this.acceptsName(name)) return false;
    if (depth !== undefined && maxDepth !== undefined && depth >= maxDepth) return false;
    if (duration !== undefined && minDuration !== undefined && duration < minDuration) return false;
    return this.acceptsOwner(owner);
  }

  acceptsName(name: string): boolean {
    const { names, excludeNames } = this.options;
    return (names.length === 0 || names.some((pattern) => pattern.test(name))) && !excludeNames.some((pattern) => pattern.test(name));
  }

  includesCategory(category: string): boolean {
    return this.categories.some((pattern) => pattern.test(category));
  }

  excludesCategory(category: string): boolean {
    return this.excludedCategories.some((pattern) => pattern.test(category));
  }

  /** Counters have a process or thread, and neither name nor category of an event. */
  acceptsOwner({ pid, process, tid, thread }: Owner): boolean {
    return any(this.processes, pid, process) && any(this.threads, tid, thread);
  }
}

type Matcher = (id: number | undefined, name: string) => boolean;

function any(matchers: readonly Matcher[], id: number | undefined, name: string): boolean {
  return matchers.length === 0 || matchers.some((matches) => matches(id, name));
}

function matcher(wanted: string): Matcher {
  const pattern = globPattern(wanted);
  const isNumber = /^-?\d+$/.test(wanted);
  return (id, name) => id !== undefined && ((isNumber && id === Number(wanted)) || pattern.test(name));
}

/** `*` stands for any text and `?` for one character; all else for itself. */
export function globPattern(glob: string): RegExp {
  const source = glob.replace(/[\\^$.|+()[\]{}]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.');
  return new RegExp(`^${source}$`, 'su');
}
