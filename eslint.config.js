import tseslint from 'typescript-eslint';

/** Imports point one way: each room may not look into these. */
const walls = {
  'src/wizard': [
    '../{steps,ui,terminal,plain,postgres,practice,runtime,commands,journal}/**',
    'react',
    'ink',
    'pg',
  ],
  'src/sql': [
    '../{steps,ui,terminal,plain,postgres,practice,runtime,commands,wizard}/**',
    'react',
    'ink',
    'pg',
  ],
  'src/migrations': [
    '../{steps,ui,terminal,plain,postgres,practice,runtime,commands,wizard}/**',
    'react',
    'ink',
    'pg',
  ],
  'src/runbook': [
    '../{steps,ui,terminal,plain,postgres,practice,runtime,commands,wizard}/**',
    'react',
    'ink',
    'pg',
  ],
  'src/steps': ['../{ui,plain,postgres,practice,runtime,commands}/**', 'pg', 'node:*'],
  'src/ui': [
    '../{plain,postgres,practice,runtime,commands}/**',
    'pg',
    'node:fs',
    'node:fs/*',
    'node:child_process',
  ],
  'src/repair': ['../{steps,ui,terminal,plain,practice,runtime,commands,wizard}/**', 'react', 'ink', 'pg'],
  'src/backup': ['../{steps,ui,plain,practice,commands,wizard}/**', 'react', 'ink'],
  'src/quick': ['../{steps,ui,plain,practice,runtime,commands,wizard}/**', 'react', 'ink', 'pg'],
  'src/checklist': ['../{steps,ui,plain,practice,runtime,commands,wizard}/**', 'react', 'ink'],
  'src/escalate': ['../{steps,ui,plain,practice,commands,wizard}/**', 'react', 'ink'],
  'src/handover': ['../{steps,ui,plain,practice,commands}/**', 'react', 'ink'],
  'src/shell': ['../{steps,ui,plain,practice,runtime,commands,wizard,postgres}/**', 'react', 'ink', 'pg'],
  'src/config': ['../{steps,ui,plain,practice,runtime,commands,wizard,postgres}/**', 'react', 'ink', 'pg'],
  'src/webhook': ['../{steps,ui,plain,practice,runtime,commands,wizard,postgres}/**', 'react', 'ink', 'pg'],
  'src/project': ['../{steps,ui,plain,practice,runtime,commands,wizard,postgres}/**', 'react', 'ink', 'pg'],
  'src/postgres': ['../{steps,ui,plain,practice,runtime,commands}/**', 'react', 'ink'],
  'src/journal': ['../{steps,ui,plain,postgres,practice,runtime,commands}/**', 'react', 'ink', 'pg'],
};

/** Types carry no code: the wizard and the journal name what the others hold. */
const wall = ([folder, group]) => ({
  files: [`${folder}/**/*.{ts,tsx}`],
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: [
          { group, allowTypeImports: true, message: `${folder} may not import this (docs/architecture.md)` },
        ],
      },
    ],
  },
});

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**'] },
  ...tseslint.configs.recommended,
  {
    rules: {
      'max-lines': ['error', { max: 400 }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/switch-exhaustiveness-check': 'off',
    },
  },
  ...Object.entries(walls).map(wall),
  {
    files: ['src/**/*.{ts,tsx}'],
    ignores: ['src/postgres/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { paths: [{ name: 'pg', message: 'Only src/postgres talks to pg.' }] },
      ],
    },
  },
  {
    files: ['src/**/*.{ts,tsx}'],
    ignores: ['src/terminal/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        ...['stdin', 'stdout', 'stderr'].map((property) => ({
          object: 'process',
          property,
          message: 'Only src/terminal touches the streams.',
        })),
      ],
      'no-console': 'error',
    },
  },
);
