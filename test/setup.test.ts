import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const scripts = join(import.meta.dirname, '..', 'scripts')

/** Stands for npm: notes each call, and brings what the real one would. With FAIL set it fails as npm does. */
const fakeNpm = `
import { appendFileSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
appendFileSync('calls.txt', 'npm ' + process.argv[2] + '\\n')
if (process.env.FAIL) {
  console.error('npm error code E404')
  process.exit(1)
}
mkdirSync('node_modules/node/bin', { recursive: true })
if (!existsSync('node_modules/node/bin/node')) symlinkSync(process.execPath, 'node_modules/node/bin/node')
writeFileSync('node_modules/.package-lock.json', '{}')
`
/** Stands for the build, whose stamp it leaves as the real one does. */
const fakeBuild = `
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { buildFingerprint, writeStamp } from './workspace.mjs'
appendFileSync('calls.txt', 'build\\n')
mkdirSync('packages/sample/dist', { recursive: true })
for (const file of ['index.js', 'index.d.ts']) writeFileSync('packages/sample/dist/' + file, '')
writeStamp('built', buildFingerprint())
`

describe('setup', () => {
  let project: string

  beforeEach(() => {
    project = realpathSync(mkdtempSync(join(tmpdir(), 'tradeswarm-setup-')))
    mkdirSync(join(project, 'scripts'))
    for (const file of ['setup.mjs', 'lock.mjs', 'workspace.mjs']) {
      copyFileSync(join(scripts, file), join(project, 'scripts', file))
    }
    write('scripts/build.mjs', fakeBuild)
    write('npm/npm-cli.js', fakeNpm)
    write('npm/package.json', '{ "type": "module" }')
    write('package.json', '{ "workspaces": ["packages/*"] }')
    write('package-lock.json', '{}')
    write('packages/sample/package.json', '{ "name": "sample" }')
    write('packages/sample/src/index.ts', 'export const a = 1')
  })

  afterEach(() => {
    rmSync(project, { recursive: true, force: true })
  })

  function write(path: string, text: string): void {
    mkdirSync(join(project, path, '..'), { recursive: true })
    writeFileSync(join(project, path), text)
  }

  function environment(extra: Readonly<Record<string, string>> = {}) {
    return {
      ...process.env,
      npm_execpath: join(project, 'npm', 'npm-cli.js'),
      npm_node_execpath: process.execPath,
      ...extra,
    }
  }

  const program = () => join(project, 'scripts', 'setup.mjs')

  function setUp(extra: Readonly<Record<string, string>> = {}) {
    return spawnSync(process.execPath, [program()], {
      cwd: project,
      env: environment(extra),
      encoding: 'utf8',
      timeout: 20_000,
    })
  }

  /** What was started since the last call. */
  function calls(): readonly string[] {
    const file = join(project, 'calls.txt')
    const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
    rmSync(file, { force: true })
    return lines
  }

  it('installs and builds a fresh clone, and does and says nothing the second time', () => {
    expect(setUp()).toMatchObject({ status: 0, stdout: '' })
    expect(calls()).toEqual(['npm install', 'build'])
    expect(setUp()).toMatchObject({ status: 0, stdout: '', stderr: '' })
    expect(calls()).toEqual([])
  })

  it('builds again after a change of a source or the loss of the build, and not after a change of a test', () => {
    setUp()
    calls()
    write('packages/sample/src/index.test.ts', 'export {}')
    setUp()
    expect(calls()).toEqual([])
    write('packages/sample/src/index.ts', 'export const a = 2')
    setUp()
    expect(calls()).toEqual(['build'])
    rmSync(join(project, 'packages', 'sample', 'dist', 'index.d.ts'))
    setUp()
    expect(calls()).toEqual(['build'])
  })

  it.each([
    ['package-lock.json', '{ "lockfileVersion": 3 }'],
    ['packages/sample/package.json', '{ "name": "sample", "version": "1.0.0" }'],
  ])('installs again after a change of %s', (file, text) => {
    setUp()
    calls()
    write(file, text)
    setUp()
    expect(calls()[0]).toBe('npm install')
  })

  it('fails with what npm said, and tries again the next time', () => {
    const failure = setUp({ FAIL: '1' })
    expect(failure.status).toBe(1)
    expect(failure.stderr).toContain('installing packages failed (npm ended with 1)')
    expect(failure.stderr).toContain('npm error code E404')
    expect(calls()).toEqual(['npm install'])
    expect(setUp().status).toBe(0)
  })

  it('does the work once when two start at the same time', async () => {
    const run = promisify(execFile)
    await Promise.all([1, 2, 3].map(() => run(process.execPath, [program()], { cwd: project, env: environment() })))
    expect(calls()).toEqual(['npm install', 'build'])
  })

  it('takes over the lock of a process that died', async () => {
    const dead = spawn(process.execPath, ['--eval', ''])
    await ended(dead)
    write('node_modules/.cache/tradeswarm/setup.lock/owner', String(dead.pid))
    expect(setUp().status).toBe(0)
    expect(calls()).toEqual(['npm install', 'build'])
  })
})

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
  })
}
