/** One listener for each signal, however many writers share it: Node warns of a leak beyond ten. */

interface Subscription {
  callbacks: Set<() => void>;
  listener: () => void;
}

const subscriptions = new WeakMap<AbortSignal, Subscription>();

/** Calls `callback` when the signal aborts. The result ends that. */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const subscription = subscriptions.get(signal) ?? subscribe(signal);
  subscription.callbacks.add(callback);
  return () => {
    subscription.callbacks.delete(callback);
    if (subscription.callbacks.size > 0) return;
    signal.removeEventListener('abort', subscription.listener);
    if (subscriptions.get(signal) === subscription) subscriptions.delete(signal);
  };
}

function subscribe(signal: AbortSignal): Subscription {
  const callbacks = new Set<() => void>();
  const listener = () => {
    for (const callback of [...callbacks]) callback();
  };
  const subscription = { callbacks, listener };
  signal.addEventListener('abort', listener);
  subscriptions.set(signal, subscription);
  return subscription;
}
