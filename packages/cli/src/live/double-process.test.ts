import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createFakeOkx } from '@tradeswarm/testing/fakes'
import { expect, test } from 'vitest'
import { stopDouble } from './double-process.js'

test('a double whose process has gone has ended, and that is no failure', async () => {
  const gone = spawn(process.execPath, ['-e', ''])
  await once(gone, 'exit')
  const keys = { OKX_API_KEY: 'key1', OKX_SECRET_KEY: 'secret1', OKX_PASSPHRASE: 'passphrase1' }
  // Another process with the same keys: a double that was moved.
  const fake = await createFakeOkx({ keyId: 'key1', secret: 'secret1', passphrase: 'passphrase1' })
  const what = { format: 1, broker: 'okx', beginsAt: 0, sessionMs: 100, cash: '1', seed: 1, lenient: false } as const
  expect(await stopDouble({ ...what, keys, url: fake.url, pid: gone.pid ?? 0 })).toBe(false)
  await fake.close()
})
