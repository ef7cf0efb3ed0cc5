import js from '@eslint/js';
import { builtinModules } from 'node:module';
import importX from 'eslint-plugin-import-x';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import tseslint from 'typescript-eslint';
import { ROOMS } from './rooms.js';

const zones = Object.entries(ROOMS).map(([room, allowed]) => ({
  target: `./src/${room}`,
  from: './src',
  except: [...new Set([room, 'runtime', ...allowed])].map((name) => `./${name}`),
  message: `src/${room} may only import from ${[room, 'runtime', ...allowed].join(', ')}: imports go one way (docs/architecture.md).`,
}));

/** What a load does is written once; what a database does in its own way is in that database's room, and nowhere else. */
const DIALECTS = ['postgres', 'redshift'];
const dialectZones = [
  ...DIALECTS.map((dialect) => ({
    target: `./src/warehouse/${dialect}`,
    from: DIALECTS.filter((other) => other !== dialect).map((other) => `./src/warehouse/${other}`),
    message:
      'The dialects of the warehouse know nothing of each other: what both do stands in src/warehouse/load.',
  })),
  {
    target: './src/warehouse/!(postgres|redshift|open.ts){,/**/*}',
    from: DIALECTS.map((dialect) => `./src/warehouse/${dialect}`),
    message: 'Only src/warehouse/open.ts chooses a dialect; everything else of the warehouse is given one.',
  },
];

export default tseslint.config(
  { ignores: ['dist', 'coverage', 'node_modules', '.ladepuls'] },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ['*.js'] } } },
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver-next': [createTypeScriptImportResolver()] },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      'import-x/no-cycle': 'error',
      'import-x/no-restricted-paths': ['error', { zones: [...zones, ...dialectZones] }],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    // Workflow code is replayed: whatever reads the machine it runs on breaks that. Activities are known by type only.
    files: ['src/workflows/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: builtinModules.flatMap((name) => [name, `node:${name}`]),
          patterns: [
            {
              regex: '/activities/',
              allowTypeImports: true,
              message: 'Workflows import the types of activities only.',
            },
          ],
        },
      ],
      'import-x/no-restricted-paths': [
        'error',
        {
          zones: [
            {
              target: './src/workflows',
              from: './src',
              except: ['./workflows', './domain', './temporal/names.ts', './activities'],
            },
          ],
        },
      ],
    },
  },
  {
    files: ['src/cli.ts', 'src/commands/**/*.ts', 'src/build/**/*.ts', 'bench/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  { files: ['**/*.js'], extends: [tseslint.configs.disableTypeChecked] },
);
