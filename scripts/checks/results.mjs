// How many checks of a script passed: its last line, and with --outputFile=FILE a file like that of `jest --json`.

import { writeFileSync } from 'node:fs';

export class Results {
  #passed = 0;
  #failed = 0;
  #file;

  constructor(file) {
    this.#file = file;
  }

  add(passed, failed) {
    this.#passed += passed;
    this.#failed += failed;
  }

  /** One check. */
  note(ok) {
    this.add(ok ? 1 : 0, ok ? 0 : 1);
  }

  /** Sets the exit code. */
  finish(what) {
    console.log(`${what}: ${this.#passed} passed, ${this.#failed} failed`);
    if (this.#file) {
      const result = { numPassedTests: this.#passed, numFailedTests: this.#failed, numRuntimeErrorTestSuites: 0 };
      writeFileSync(this.#file, JSON.stringify(result));
    }
    if (this.#failed > 0 || this.#passed === 0) process.exitCode = 1;
  }
}
