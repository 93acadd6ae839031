/** The least and greatest integers of the columns and of the trace format. */
export const MIN_INT32 = -(2 ** 31);
export const MAX_INT32 = 2 ** 31 - 1;
export const MAX_UINT32 = 2 ** 32 - 1;
export const MIN_INT64 = -(2n ** 63n);
export const MAX_INT64 = 2n ** 63n - 1n;
export const MAX_UINT64 = 2n ** 64n - 1n;
/** Of a time in ns, ends of slices included. */
export const MAX_TIME = MAX_INT64;

/** UTF-16 units of a string: some in one packet stay below the 256 MiB that a message of the format can have. */
export const MAX_UNITS = 2 ** 24;
