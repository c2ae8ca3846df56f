// Brings a clone into a state in which its programs run: installs what is missing, builds what has changed.
// Built-in modules only, and Node 20 must do: on a fresh machine nothing else is there yet.
// `--no-build` stops after the installation.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { withLock } from './lock.mjs'
import {
  buildFingerprint,
  cache,
  installFingerprint,
  isBuilt,
  node,
  readStamp,
  removeStamp,
  root,
  writeStamp,
} from './workspace.mjs'

const wantsBuild = !process.argv.includes('--no-build')

const needsInstall = () =>
  !existsSync(node) ||
  !existsSync(join(root, 'node_modules', '.package-lock.json')) ||
  readStamp('installed') !== installFingerprint()
const needsBuild = () => wantsBuild && (readStamp('built') !== buildFingerprint() || !isBuilt())

if (needsInstall() || needsBuild()) {
  const onWait = () => say('setup: waiting for another set-up of this folder to finish')
  process.exitCode = await withLock(join(cache, 'setup.lock'), onWait, () => {
    // Asked again under the lock: the other set-up may have done it all.
    if (needsInstall() && !install()) return 1
    if (needsBuild() && !build()) return 1
    return 0
  })
}

function install() {
  const started = Date.now()
  say('setup: installing packages (npm)')
  removeStamp('installed')
  // --no-save leaves the lock file as it was cloned. Warnings are about the machine's Node, which only starts
  // the set-up: everything else runs on the Node that comes with the packages.
  const options = ['--no-save', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error']
  const result = runNpm(['install', ...options])
  if (result.status !== 0 || !existsSync(node)) {
    const reason =
      result.error?.message ??
      (result.status === 0 ? `npm left no ${node}` : `npm ended with ${result.status ?? result.signal}`)
    fail(`setup: installing packages failed (${reason}). What npm said:`, result)
    return false
  }
  writeStamp('installed', installFingerprint())
  say(`setup: packages installed in ${seconds(started)}`)
  return true
}

function build() {
  const started = Date.now()
  say('setup: building')
  const result = spawnSync(node, [join(root, 'scripts', 'build.mjs'), '--quiet'], { cwd: root, encoding: 'utf8' })
  if (result.status !== 0) {
    const reason = result.error?.message ?? `it ended with ${result.status ?? result.signal}`
    fail(`setup: building failed (${reason}). What the build said:`, result)
    return false
  }
  say(`setup: built in ${seconds(started)}`)
  return true
}

// The npm that started this script is used again, on the Node it runs on, and the one on the path otherwise.
function runNpm(args) {
  const { npm_execpath: npm, npm_node_execpath: npmNode } = process.env
  const options = { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }
  if (npm?.endsWith('npm-cli.js') && existsSync(npm))
    return spawnSync(npmNode ?? process.execPath, [npm, ...args], options)
  return spawnSync('npm', args, { ...options, shell: process.platform === 'win32' })
}

function seconds(started) {
  return `${((Date.now() - started) / 1000).toFixed(1)} s`
}

// On stderr, so that `npm start --silent -- --json` leaves nothing but JSON on stdout.
function say(line) {
  process.stderr.write(`${line}\n`)
}

function fail(line, result) {
  say(line)
  process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`)
}
