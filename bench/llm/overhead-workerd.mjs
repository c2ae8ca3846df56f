// `overhead.mjs` in workerd: bundles the worker and serves it on the loopback interface.
import { join } from 'node:path'
import { createTestHarness } from 'wrangler'
import { report } from '../measure.mjs'

// Else it asks the network where it is, and tells that it was used.
Object.assign(process.env, {
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  WRANGLER_LOG: 'error',
  CI: '1',
})
const harness = createTestHarness({
  workers: [
    {
      config: {
        name: 'overhead',
        main: join(import.meta.dirname, 'overhead-worker.mjs'),
        compatibility_date: '2026-10-01',
        compatibility_flags: ['nodejs_compat'],
      },
    },
  ],
})
try {
  await harness.listen()
  const response = await harness.fetch('/', { method: 'POST', body: process.argv[2] })
  if (!response.ok) throw new Error(`the worker answered ${response.status}: ${await response.text()}`)
  report(await response.json())
} finally {
  await harness.close()
}
