import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { node, root } from '../scripts/workspace.mjs'

const folder = mkdtempSync(join(tmpdir(), 'tradeswarm-interrupt-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const main = join(root, 'packages', 'cli', 'dist', 'main.js')

const entries = `
const { DatabaseSync } = require('node:sqlite')
const database = new DatabaseSync('run/run.db', { readOnly: true })
console.log(database.prepare('SELECT count(*) AS count FROM journal').get().count)
`

// With so many entries of some 45,000 it is somewhere in its six years, however long a busy machine took to get there.
const interrupt = `
"$0" "$1" run --out run > stopped.txt &
until [ "$("$0" -e "$3" 2>/dev/null || echo 0)" -gt 5000 ]; do sleep 0.2; done
kill -"$2" $!
wait $!
`

function run(...words: readonly string[]): { readonly status: number | null; readonly stdout: string } {
  const { status, stdout } = spawnSync(node, [main, ...words], { cwd: folder, encoding: 'utf8' })
  return { status, stdout }
}

test.each(['INT', 'KILL'])(
  'a process that gets SIG%s leaves a run that goes on to the same final hash',
  (signal) => {
    rmSync(join(folder, 'run'), { recursive: true, force: true })
    const stopped = spawnSync('bash', ['-c', interrupt, node, main, signal, entries], { cwd: folder, encoding: 'utf8' })
    expect(stopped.status).toBe(signal === 'INT' ? 130 : 137)
    if (signal === 'INT') {
      expect(run('verify', 'run')).toMatchObject({ status: 0 })
      expect(spawnSync('cat', ['stopped.txt'], { cwd: folder, encoding: 'utf8' }).stdout).toMatch(
        /Stopped after the session of \d{4}-\d\d-\d\d\. To go on: npm start -- --resume --out run/,
      )
      expect(existsSync(join(folder, 'run', 'run.db-wal'))).toBe(false)
    }
    const resumed = JSON.parse(run('run', '--resume', '--out', 'run', '--json').stdout) as {
      status: string
      journalHash: string
    }
    const whole = JSON.parse(run('run', '--overwrite', '--out', 'whole', '--json').stdout) as { journalHash: string }
    expect(resumed).toMatchObject({ status: 'completed', journalHash: whole.journalHash })
  },
  240_000,
)
