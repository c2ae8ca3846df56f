import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { node, root } from '../scripts/workspace.mjs'

test('a case of the contract that waits in vain says for what, within the time limit of the tests that it is run by', () => {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const words = ['run', '--config', 'test/contract-in-vain.config.ts', '-t', 'B141']
  const env = { ...process.env, NO_COLOR: '1' }
  const { stdout, stderr, status } = spawnSync(node, [vitest, ...words], { cwd: root, encoding: 'utf8', env })
  expect(status).toBe(1)
  expect(stdout).toMatch(/ Tests +1 failed/)
  expect(stderr).toMatch(/B141 .*\n.*it did not come about within \d+ ms: the fill is told/)
  expect(stderr).not.toContain('timed out')
})
