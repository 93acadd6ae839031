// Undoes a unified diff. Line numbers are ignored: Firefox's patch was made for
// another release and applies 1,590 lines away from where it says. Instead each
// hunk's new text must occur exactly once, and the caller proves the result by
// its SHA-256.

/** The [old, new] text of every hunk of a patch that touches one file. */
function parseHunks(patch) {
  const lines = patch.split('\n');
  const hunks = [];
  for (let i = 0; i < lines.length; i++) {
    const header = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/.exec(lines[i]);
    if (!header) continue;
    let oldLeft = Number(header[1] ?? 1);
    let newLeft = Number(header[2] ?? 1);
    let before = '';
    let after = '';
    while (oldLeft > 0 || newLeft > 0) {
      const line = lines[++i];
      if (line === undefined) throw new Error('the patch ends in the middle of a hunk');
      // Some tools strip the blank that marks an empty context line.
      const mark = line === '' ? ' ' : line[0];
      if (mark === '\\') continue;
      if (!' -+'.includes(mark)) throw new Error(`the patch has an unexpected line: ${line}`);
      if (mark !== '+') {
        before += `${line.slice(1)}\n`;
        oldLeft--;
      }
      if (mark !== '-') {
        after += `${line.slice(1)}\n`;
        newLeft--;
      }
    }
    hunks.push([before, after]);
  }
  if (hunks.length === 0) throw new Error('the patch has no hunks');
  return hunks;
}

/** `text` as it was before `patch` was applied to it. */
export function reversePatch(text, patch) {
  parseHunks(patch).forEach(([before, after], index) => {
    const at = text.indexOf(after);
    if (at < 0 || text.indexOf(after, at + 1) >= 0) {
      throw new Error(`hunk ${index + 1} of the patch occurs ${at < 0 ? 'nowhere' : 'more than once'} in the file`);
    }
    text = text.slice(0, at) + before + text.slice(at + after.length);
  });
  return text;
}
