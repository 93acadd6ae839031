// Third-party source that is compiled into the addon but is neither ours nor
// small enough to commit. A row says what is wanted, byte for byte, and where
// to look for it; vendor.mjs does the rest. The licence texts are committed.

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
  sources: [
    {
      kind: 'github',
      repository: 'google/perfetto',
      tag: 'v49.0',
      paths: { 'perfetto.h': 'sdk/perfetto.h', 'perfetto.cc': 'sdk/perfetto.cc' },
    },
    {
      // Firefox carries the SDK with one small patch, which it carries as well.
      kind: 'debian',
      suite: 'bookworm',
      package: 'firefox-esr',
      version: '140.12.0esr-1~deb12u1',
      tarball: {
        name: 'firefox-esr_140.12.0esr.orig.tar.xz',
        bytes: 682717088,
        sha256: '5c72347381233dcc97cbd02c0324116258769d8b9b0f869fd0c6f1d59519ce2a',
        // Everything named below lies before this offset, so reading stops there.
        neededBytes: 284_000_000,
      },
      paths: {
        'perfetto.h': `${FIREFOX_PERFETTO}/sdk/perfetto.h`,
        'perfetto.cc': `${FIREFOX_PERFETTO}/sdk/perfetto.cc`,
      },
      patches: [{ path: `${FIREFOX_PERFETTO}/moz_attributes.patch`, appliedTo: 'perfetto.h' }],
    },
  ],
};

// Deflate and inflate with the gzip framing, without the gz* functions, which read and write files.
// zutil.c includes gzguts.h although it needs nothing of it.
const zlibFiles = [
  { name: 'adler32.c', bytes: 5204, sha256: 'd7f1b6e44fee20ab41cef1d650776a039a2348935eb96bcbd294a4096139be3a' },
  { name: 'crc32.c', bytes: 32250, sha256: 'ec3ff0f97858b228513027a490e4330cbb23c6fbdd24d839902ffa89854f209c' },
  { name: 'crc32.h', bytes: 591749, sha256: '9a2223575183ac2ee8a247f20bf3ac066e8bd0140369556bdbdffc777435749e' },
  { name: 'deflate.c', bytes: 82274, sha256: '4470e36709ce7d6067fa3e8f60bb7f693b055bee42a0d6655ed71faa2db87fde' },
  { name: 'deflate.h', bytes: 13125, sha256: '0db1b5ef79ca6ba0f508b7b8bdaa11af45c5ebe2c89ab4f1086dc22b963a52fa' },
  { name: 'gzguts.h', bytes: 6843, sha256: 'fa85c9dabe24e42ba95c702870416ff67ecc58906321f8e74b72a50dfd7df400' },
  { name: 'inffast.c', bytes: 12998, sha256: '41d93aefdbfee5455809130af74fcc76cf7259b1aa8b34d0060d14e57463e8bb' },
  { name: 'inffast.h', bytes: 427, sha256: '7d8c1c873ce9bc346ad6005bb9d75cce5c6352aaf7395385be216a9452a34908' },
  { name: 'inffixed.h', bytes: 6332, sha256: '237ba710f090e432b62ebf963bee8b302867e9691406b2d3f8ee89ee7bfef9b0' },
  { name: 'inflate.c', bytes: 56089, sha256: 'f1679575fef1717d908dd09d7bfe8fff89c21941cadd7c255a2ccccfba3a287e' },
  { name: 'inflate.h', bytes: 6683, sha256: 'e8d4a51b07694bf48cb91979c19974cf6a5ab0b8a09d26ec0d14df349230673e' },
  { name: 'inftrees.c', bytes: 12999, sha256: 'b9db40bbb68b63dccbcdfa78d687751e33178af8669f1c1236309cfd5d2edc0e' },
  { name: 'inftrees.h', bytes: 2927, sha256: '44084a93673386db6282dcb61d739c84518e10dff66d1c6850715137c827464c' },
  { name: 'trees.c', bytes: 42974, sha256: 'b338f1ec9038bd77efc09c8fdb99ef27b5db5b3da9baa301e544adc8e3b6a662' },
  { name: 'trees.h', bytes: 8472, sha256: 'bb0a9d3ca88ee00c81adb7c636e73b97085f6ef1b52d6d58edbe2b6dc3adeb4d' },
  { name: 'zconf.h', bytes: 16625, sha256: '80e0a31a4c0e6f20d1bad0df99271b9d535aa9f7c4e62f1a54f643adb4c6dfa2' },
  { name: 'zlib.h', bytes: 97323, sha256: 'a980a0d104198a53cc220c51ab5856e5be901bec8a2d02e0ee79a8754219dfed' },
  { name: 'zutil.c', bytes: 7340, sha256: '8108af451ad14271065844736ac7c436275b92826c319318070508d769371428' },
  { name: 'zutil.h', bytes: 7297, sha256: 'cf94d865e3a9162c0571cba7f74c8f01efbdca26b981d6cc9c545d4c3991e3c2' },
];

const zlibPaths = (folder) =>
  Object.fromEntries(zlibFiles.map(({ name }) => [name, `${folder}${name}`]));

export const zlib = {
  name: 'zlib',
  title: 'zlib 1.2.13',
  version: 'v1.2.13',
  folder: 'third_party/zlib',
  overrideVariable: 'ZLIB_SOURCE_DIR',
  overrideAccepts: 'any release from 1.2.13 on',
  files: zlibFiles,
  sources: [
    { kind: 'github', repository: 'madler/zlib', tag: 'v1.2.13', paths: zlibPaths('') },
    {
      // Debian leaves out documents that are not free; the source is upstream's.
      kind: 'debian',
      suite: 'bookworm',
      package: 'zlib',
      version: '1:1.2.13.dfsg-1',
      tarball: {
        name: 'zlib_1.2.13.dfsg.orig.tar.bz2',
        bytes: 1239825,
        sha256: '71feb7947e3c00ef125f83b79a4e529bde31171e5babe48b391f06758d1ab0a1',
      },
      paths: zlibPaths('zlib-1.2.13.dfsg/'),
      patches: [],
    },
  ],
};

const simdjsonPaths = (folder) => ({
  'simdjson.h': `${folder}singleheader/simdjson.h`,
  'simdjson.cpp': `${folder}singleheader/simdjson.cpp`,
});

export const simdjson = {
  name: 'simdjson',
  title: 'simdjson 3.0.1',
  version: 'v3.0.1',
  folder: 'third_party/simdjson',
  overrideVariable: 'SIMDJSON_SOURCE_DIR',
  overrideAccepts: 'release 3.0.1',
  files: [
    {
      name: 'simdjson.h',
      bytes: 1267878,
      sha256: '5ce048173caafa1e4b71872cedf10c011698b336a34fab2905f94dc377918f19',
    },
    {
      name: 'simdjson.cpp',
      bytes: 663124,
      sha256: '3911df6dfec471668231fd47bc2f96378567a12fcd74669bc9dfad28fa182ea7',
    },
  ],
  sources: [
    { kind: 'github', repository: 'simdjson/simdjson', tag: 'v3.0.1', paths: simdjsonPaths('') },
    {
      kind: 'debian',
      suite: 'bookworm',
      package: 'simdjson',
      version: '3.0.1-1',
      tarball: {
        name: 'simdjson_3.0.1.orig.tar.gz',
        bytes: 1630050,
        sha256: '156b1bc5eb0561b2bd166b46d191fd3d95a3e709cc63761477d3b7aec2b6e9ed',
      },
      paths: simdjsonPaths('simdjson-3.0.1/'),
      patches: [],
    },
  ],
};

export const dependencies = [perfetto, zlib, simdjson];
