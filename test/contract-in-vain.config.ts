import { defineConfig } from 'vitest/config'

const conditions = ['@tradeswarm/source', 'node', 'module', 'import', 'default']

/** Its tests have less time than one wait of a case takes by itself. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: { include: ['test/contract-in-vain.test-support.ts'], testTimeout: 1_000, reporters: ['default'] },
})
