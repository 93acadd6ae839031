/** How long is waited and how much is tried, in all tests alike. */

/** A process that hangs is ended; one on a busy machine, or under a sanitizer, is not. */
export const DEADLINE_MS = 150_000;

/** How many of the usual number of rounds are run: under a sanitizer, where each takes ten times as long, a quarter. */
export const rounds = (usual: number): number => (process.env.TRACESMITH_SANITIZED ? Math.ceil(usual / 4) : usual);
