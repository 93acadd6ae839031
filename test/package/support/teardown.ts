import { rmSync } from 'node:fs';
import { newFolder } from './place';

export default function teardown(): void {
  rmSync(newFolder('.'), { recursive: true, force: true });
}
