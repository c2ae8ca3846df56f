import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { node, root } from '../scripts/workspace.mjs'

test('npm has linked the tradeswarm command when it installed the workspace, before anything was built', () => {
  const path = join(root, 'node_modules', '.bin', 'tradeswarm')
  const { status, stdout } = spawnSync(node, [path, '--version'], { encoding: 'utf8' })
  expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
})
