import { defineConfig } from 'vitest/config'

// Tests run against the sources; those in test/ that need the built packages start them as programs of their own.
const conditions = ['@tradeswarm/source', 'node', 'module', 'import', 'default']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    setupFiles: ['./test/property-seed.setup.ts'],
    include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts', 'examples/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // .ci/run counts the tests from this file.
    reporters: process.env['CI'] === undefined ? ['default'] : ['default', 'json'],
    outputFile: { json: 'node_modules/.cache/tradeswarm/tests.json' },
  },
})
