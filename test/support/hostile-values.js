'use strict';

/** Values that a careless or hostile program could hand to the addon, by what they are. */

/** What getters and traps of these values throw: the addon passes it on. */
const OWN_ERROR = 'thrown by the value';

function fail() {
  throw Object.assign(new Error(OWN_ERROR), { code: 'OWN' });
}

function detached(array) {
  structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
}

/** A view whose buffer became too small for it. */
function outOfBounds(Type) {
  const buffer = new ArrayBuffer(64, { maxByteLength: 128 });
  const view = new Type(buffer, 32);
  buffer.resize(16);
  return view;
}

function revokedProxy() {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** Made anew for each use: calls may change them. */
const VALUES = {
  undefined: () => undefined,
  null: () => null,
  true: () => true,
  NaN: () => NaN,
  Infinity: () => Infinity,
  'a negative number': () => -1,
  'a fraction': () => 0.5,
  '2^32': () => 2 ** 32,
  '2^53': () => 2 ** 53,
  '1e300': () => 1e300,
  'a bigint': () => 1n,
  'a negative bigint': () => -1n,
  'a bigint of 2^64': () => 2n ** 64n,
  'an empty string': () => '',
  'a string': () => 'x',
  'a null character': () => 'a\0b',
  'half a surrogate pair': () => 'a\ud800',
  'a long string': () => 'x'.repeat(1 << 20),
  'a symbol': () => Symbol('symbol'),
  'a function': () => () => 1,
  'an array': () => [1, 2, 3],
  'an object': () => ({}),
  'an object without prototype': () => Object.create(null),
  'a boxed number': () => new Number(1),
  'an object that becomes a number': () => ({ valueOf: () => 1, [Symbol.toPrimitive]: () => 1 }),
  'an object that throws': () => ({ valueOf: fail, toString: fail, [Symbol.toPrimitive]: fail }),
  'a proxy that throws': () => new Proxy({}, { get: fail, has: fail, getPrototypeOf: fail }),
  'a revoked proxy': revokedProxy,
  'a date': () => new Date(0),
  'a map': () => new Map(),
  'an error': () => new Error('error'),
  'an ArrayBuffer': () => new ArrayBuffer(64),
  'a SharedArrayBuffer': () => new SharedArrayBuffer(64),
  'a DataView': () => new DataView(new ArrayBuffer(64)),
  'an Int8Array': () => new Int8Array(64),
  'a BigUint64Array': () => new BigUint64Array(64),
  'an empty Uint8Array': () => new Uint8Array(0),
  'a detached Uint8Array': () => detached(new Uint8Array(64)),
  'a detached Uint32Array': () => detached(new Uint32Array(64)),
  'a detached Float64Array': () => detached(new Float64Array(64)),
  'a Uint8Array out of bounds': () => outOfBounds(Uint8Array),
  'a Uint32Array out of bounds': () => outOfBounds(Uint32Array),
  'a Float64Array out of bounds': () => outOfBounds(Float64Array),
  'a Uint8Array that is a Uint32Array to instanceof': () => Object.setPrototypeOf(new Uint8Array(64), Uint32Array.prototype),
};

module.exports = { VALUES, OWN_ERROR, fail };
