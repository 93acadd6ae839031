/** A registry of a few packed packages on this machine, to fill npm's cache from: later installs are offline. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { registryAddress } from './place';

export interface PackedPackage {
  file: string;
  /** The package.json. */
  manifest: { name: string; version: string };
}

/** Serves the packages until the server is closed. */
export async function serveRegistry(packed: readonly PackedPackage[]): Promise<{ server: Server; address: string }> {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '').slice(1);
    const tarball = /^-\/(\d+)\.tgz$/.exec(path);
    if (tarball !== null) {
      response.end(readFileSync(packed[Number(tarball[1])].file));
      return;
    }
    const versions = packed.flatMap(({ file, manifest }, index) => {
      if (manifest.name !== path) return [];
      const integrity = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;
      return [[manifest.version, { ...manifest, dist: { tarball: `${address()}-/${index}.tgz`, integrity } }] as const];
    });
    if (versions.length === 0) {
      response.writeHead(404).end('{}');
      return;
    }
    response.setHeader('content-type', 'application/json');
    const latest = versions[versions.length - 1][0];
    response.end(JSON.stringify({ name: path, 'dist-tags': { latest }, versions: Object.fromEntries(versions) }));
  });
  const address = () => registryAddress((server.address() as AddressInfo).port);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, address: address() };
}
