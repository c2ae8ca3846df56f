import { availableParallelism } from 'node:os'
import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'

// Tests run against the sources; those in test/ that need the built packages start them as programs of their own.
const conditions = ['@tradeswarm/source', 'node', 'module', 'import', 'default']
const workerConditions = ['@tradeswarm/source', 'workerd', 'worker', 'module', 'browser', 'import', 'default']

const seed = process.env['TRADESWARM_TEST_SEED']

const shared = {
  setupFiles: ['./test/property-seed.setup.ts'],
  testTimeout: 60_000,
  hookTimeout: 120_000,
}

const onNode = { resolve: { conditions }, ssr: { resolve: { conditions } } }

/** One more than there are processors: much of what takes longest waits for other processes and for clocks. */
const sideBySide = { maxWorkers: availableParallelism() + 1, sequence: { groupOrder: 1 } }

export default defineConfig({
  test: {
    projects: [
      {
        ...onNode,
        test: {
          ...shared,
          ...sideBySide,
          // Before the others, as projects run in the order of their names: what takes longest is here, in some of the smallest files.
          name: 'across',
          include: ['test/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/*.workers.test.ts'],
        },
      },
      {
        ...onNode,
        test: {
          ...shared,
          ...sideBySide,
          name: 'node',
          // Modules are read once in each process rather than once in each file: nothing of ours keeps state in a module.
          isolate: false,
          include: ['packages/*/src/**/*.test.ts', 'bench/**/*.test.ts', 'examples/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/*.workers.test.ts'],
        },
      },
      {
        resolve: { conditions: workerConditions },
        ssr: { resolve: { conditions: workerConditions } },
        plugins: [
          cloudflareTest({
            main: './test/counter-worker.ts',
            miniflare: {
              compatibilityDate: '2026-10-01',
              compatibilityFlags: ['nodejs_compat'],
              // Else it may ask the network where it is.
              cf: false,
              d1Databases: ['DATABASE', 'DATABASE_1', 'DATABASE_2', 'DATABASE_3', 'SCRIPTED_HOUR', 'REAL_TIME'],
              r2Buckets: ['BLOBS'],
              kvNamespaces: ['CACHE'],
              durableObjects: { SWARM: { className: 'SwarmObject', useSQLite: true } },
              // process.env of the tests.
              bindings: seed === undefined ? {} : { TRADESWARM_TEST_SEED: seed },
            },
          }),
        ],
        test: {
          ...shared,
          name: 'workers',
          globalSetup: ['./test/doubles.setup.ts'],
          maxWorkers: 1,
          sequence: { groupOrder: 0 },
          // Files share a runtime and its storage, so each test takes databases of its own and empties them.
          isolate: false,
          include: ['packages/*/src/**/*.workers.test.ts', 'test/**/*.workers.test.ts'],
        },
      },
    ],
    // .ci/run counts the tests from this file.
    reporters: process.env['CI'] === undefined ? ['default'] : ['default', 'json'],
    outputFile: { json: 'node_modules/.cache/tradeswarm/tests.json' },
  },
})
