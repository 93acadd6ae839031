// Third-party source that is compiled into the addon but is neither ours nor
// small enough to commit. A row says what is wanted, byte for byte, and where
// to look for it; vendor.mjs does the rest. `files` are verified, `extras` are
// taken along where a source has them.

const FIREFOX_PERFETTO = 'firefox-140.12.0/third_party/perfetto';

export const perfetto = {
  name: 'perfetto',
  title: 'Perfetto SDK v49.0',
  version: 'v49.0',
  folder: 'third_party/perfetto',
  // Names a folder that the user provides: nothing is vendored or verified then.
  overrideVariable: 'PERFETTO_SDK_DIR',
  overrideAccepts: 'any release from v49 on',
  files: [
    {
      name: 'perfetto.h',
      bytes: 7253324,
      sha256: '01f81730839c1d833c4988fc2830ca9c9b0231b0476a4f9f87b5d63f80d77e69',
    },
    {
      name: 'perfetto.cc',
      bytes: 2595011,
      sha256: '33a93a2a1f02f3442b8384214d5bb466177fbbe75ba6324f09656b140d4efd19',
    },
  ],
  extras: ['LICENSE'],
  sources: [
    {
      kind: 'github',
      repository: 'google/perfetto',
      tag: 'v49.0',
      paths: { 'perfetto.h': 'sdk/perfetto.h', 'perfetto.cc': 'sdk/perfetto.cc', LICENSE: 'LICENSE' },
    },
    {
      // Firefox carries the SDK with one small patch, which it carries as well.
      kind: 'debian',
      suite: 'bookworm',
      package: 'firefox-esr',
      version: '140.12.0esr-1~deb12u1',
      tarball: {
        bytes: 682717088,
        sha256: '5c72347381233dcc97cbd02c0324116258769d8b9b0f869fd0c6f1d59519ce2a',
        // Everything named below lies before this offset, so reading stops there.
        neededBytes: 284_000_000,
      },
      paths: {
        'perfetto.h': `${FIREFOX_PERFETTO}/sdk/perfetto.h`,
        'perfetto.cc': `${FIREFOX_PERFETTO}/sdk/perfetto.cc`,
        LICENSE: `${FIREFOX_PERFETTO}/LICENSE`,
      },
      patches: [{ path: `${FIREFOX_PERFETTO}/moz_attributes.patch`, appliedTo: 'perfetto.h' }],
    },
  ],
};

export const dependencies = [perfetto];
