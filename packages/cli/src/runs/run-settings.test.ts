import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSystemClock } from '@tradeswarm/core'
import { afterAll, expect, test } from 'vitest'
import { liveStorage, type RunPlace } from '../live/live-storage.js'
import { runCommandLine } from '../run-command-line.js'

const folder = mkdtempSync(join(tmpdir(), 'tradeswarm-settings-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function tradeswarm(words: string) {
  const [out, errors]: [string[], string[]] = [[], []]
  const code = await runCommandLine(words.split(' '), {
    clock: { now: () => 0 },
    isInteractive: false,
    workingDirectory: folder,
    print: (line) => void out.push(line),
    complain: (line) => void errors.push(line),
    draw: () => undefined,
    onInterrupt: () => () => undefined,
  })
  return { code, out: out.join('\n'), errors: errors.join('\n') }
}

test.each<[string, RunPlace, string]>([
  ['double', { broker: 'alpaca', mode: 'double' }, '--broker alpaca --fake --out DIR goes on with it, as long as'],
  ['paper', { broker: 'okx', mode: 'paper' }, '--broker okx --out DIR goes on with it, with its --symbols'],
  ['live', { broker: 'okx', mode: 'live' }, '--broker okx --mode live --allow-live --out DIR goes on with it'],
])('who resumes or verifies a run at a broker is told what goes on with it: %s', async (name, place, command) => {
  const run = join(folder, name)
  mkdirSync(run)
  const storage = await liveStorage(join(run, 'run.db'), place).open({ clock: createSystemClock() })
  await storage.close()
  const words = `tradeswarm run ${command.replace('DIR', run)}`
  const resumed = await tradeswarm(`run --resume --out ${run}`)
  expect(resumed).toMatchObject({ code: 2, errors: expect.stringContaining(words) })
  const verified = await tradeswarm(`verify ${run}`)
  expect(verified).toMatchObject({ code: 0, out: expect.stringContaining(`missing at its end; ${words}`) })
  expect(verified.out).not.toContain('--resume')
})
