// All that is asked of the code besides its tests. One line per step with its time; what a failed step said
// follows its line. Every step runs, and the exit code is 1 if any failed.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packPackages } from './pack.mjs'
import { root } from './workspace.mjs'

const tool = (path, ...args) => ({ path: join(root, 'node_modules', path), args })
const script = (path, ...args) => ({ path: join(root, path), args })

const biome = (...args) => tool('@biomejs/biome/bin/biome', ...args)
const oxlint = (...args) => tool('oxlint/bin/oxlint', ...args)
const tsc = (...args) => tool('@typescript/native/bin/tsc', ...args)
const vitest = (...args) => tool('vitest/vitest.mjs', ...args)
const publint = (...args) => tool('publint/src/cli.js', ...args)
const attw = (...args) => tool('@arethetypeswrong/cli/dist/index.js', ...args)

const steps = [
  ['format', [biome('check', '--linter-enabled=false', '--max-diagnostics=50', '.')]],
  [
    'lint',
    [biome('lint', '--error-on-warnings', '--max-diagnostics=50', '.'), oxlint('--type-aware', '--deny-warnings')],
  ],
  ['types', [tsc('-b', 'tsconfig.build.json', '--pretty', 'false'), tsc('-p', 'tsconfig.json', '--pretty', 'false')]],
  ['layers', [vitest('run', '--reporter=dot', 'test/layering.test.ts')]],
  ['unused', [tool('knip/bin/knip.js', '--no-progress', '--no-config-hints')]],
  ['lock file', [script('scripts/complete-lock.mjs', '--check')]],
  ['package exports', checkPackages],
]

let failed = 0
for (const [name, work] of steps) {
  const started = Date.now()
  const results = typeof work === 'function' ? await work() : await inTurn(work)
  const bad = results.filter((result) => result.status !== 0)
  const time = `${((Date.now() - started) / 1000).toFixed(1)} s`
  console.log(`${bad.length === 0 ? 'ok    ' : 'FAILED'}  ${name.padEnd(16)} ${time.padStart(7)}`)
  for (const result of bad) console.log(result.output.trimEnd())
  if (bad.length > 0) failed += 1
}
console.log(failed === 0 ? `all ${steps.length} checks passed` : `${failed} of ${steps.length} checks failed`)
process.exitCode = failed === 0 ? 0 : 1

/** Packs every package and asks publint and are-the-types-wrong about each tarball. */
async function checkPackages() {
  const folder = mkdtempSync(join(tmpdir(), 'tradeswarm-check-'))
  try {
    const tarballs = await packPackages(folder)
    const commands = tarballs.flatMap(({ file }) => [
      publint(file, '--strict'),
      // The packages are ES modules only, for resolvers that read "exports".
      attw(file, '--profile', 'esm-only', '--no-emoji'),
    ])
    const half = Math.ceil(commands.length / 2)
    return (await Promise.all([inTurn(commands.slice(0, half)), inTurn(commands.slice(half))])).flat()
  } catch (error) {
    return [{ status: 1, output: error.message }]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function inTurn(commands) {
  const results = []
  for (const command of commands) results.push(await run(command))
  return results
}

function run({ path, args }) {
  return new Promise((resolve) => {
    let output = ''
    const child = spawn(process.execPath, [path, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.on('data', (chunk) => {
      output += chunk
    })
    child.stderr.on('data', (chunk) => {
      output += chunk
    })
    child.on('error', (error) => resolve({ status: 1, output: `${path}: ${error.message}` }))
    child.on('close', (status) => resolve({ status: status ?? 1, output }))
  })
}
