import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { node, root } from '../scripts/workspace.mjs'

const folder = mkdtempSync(join(tmpdir(), 'tradeswarm-stalled-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function run(stuck: string, ...words: readonly string[]) {
  const main = join(root, 'packages', 'cli', 'dist', 'main.js')
  const config = join(root, 'test', 'stalled-run.config.ts')
  const environment = { ...process.env, STUCK: stuck }
  return spawnSync(node, [main, 'run', config, ...words], { cwd: folder, encoding: 'utf8', env: environment })
}

describe('a run in virtual time that waits for what never comes', () => {
  it.each([
    ['handler', /the handler of mine of market\.bar at the message \S+ has not ended since \d{4}-\d\d-\d\dT/],
    ['hook', /onStart of mine has not ended since/],
  ])('names a %s that never settles, and fails as any error does', (stuck, named) => {
    const first = run(stuck, '--out', stuck)
    expect(first.stderr).toMatch(named)
    expect(first.stderr).toContain('[RUN_STALLED]')
    expect(first.stderr).not.toContain('unsettled')
    expect(first.status).toBe(1)
  })

  it('names a source that never answers', () => {
    const { stderr, status } = spawnSync(node, [join(root, 'test', 'stalled-source-program.mjs')], { encoding: 'utf8' })
    expect(stderr).toMatch(/the poll of the source quiet that began at \d{4}-\d\d-\d\dT\S+Z has not ended since/)
    expect(stderr).toContain('RUN_STALLED')
    expect(status).toBe(1)
  })

  it('says the same of a run that is resumed', () => {
    const resumed = run('handler', '--resume', '--out', 'handler')
    expect(resumed.stderr).toContain('the handler of mine of market.bar')
    expect(resumed.status).toBe(1)
  })
})
