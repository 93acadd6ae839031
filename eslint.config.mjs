import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['build/', 'dist/', 'coverage/', 'third_party/', 'demo-output/'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { project: './tsconfig.test.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      // The row kinds and flags are numbers by design: they lie in typed arrays.
      '@typescript-eslint/no-unsafe-enum-comparison': 'off',
      // A signal's reason is rethrown as the caller gave it.
      '@typescript-eslint/only-throw-error': 'off',
    },
  },
  {
    files: ['**/*.{js,cjs,mjs}'],
    languageOptions: {
      globals: Object.fromEntries(
        ['console', 'process', 'Buffer', 'performance', 'require', 'module', '__dirname', '__filename', 'exports',
         'setTimeout', 'setInterval', 'clearTimeout', 'clearInterval', 'setImmediate', 'fetch', 'URL', 'AbortController',
         'AbortSignal', 'TextEncoder', 'TextDecoder', 'globalThis', 'gc', 'structuredClone'].map((name) => [name, 'readonly']),
      ),
    },
  },
);
