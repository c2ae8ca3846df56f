// Builds every package into its dist/: JavaScript by tsup, declarations by tsc. Runs on the workspace's own Node.
// `--quiet` prints errors only.
import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { build as tsup } from 'tsup'
import { withLock } from './lock.mjs'
import {
  buildFingerprint,
  cache,
  entryPoints,
  packagesInOrder,
  removeStamp,
  root,
  sourceFiles,
  writeStamp,
} from './workspace.mjs'

const isQuiet = process.argv.includes('--quiet')

process.exitCode = await withLock(
  join(cache, 'build.lock'),
  () => say('waiting for another build to finish'),
  async () => {
    const started = Date.now()
    const fingerprint = buildFingerprint()
    removeStamp('built')
    const packages = packagesInOrder()
    for (const folder of packages) {
      try {
        await buildJavaScript(folder)
      } catch (error) {
        process.stderr.write(`packages/${folder}: ${error.message}\n`)
        return 1
      }
    }
    if (!buildDeclarations()) return 1
    for (const folder of packages) removeStaleDeclarations(folder)
    writeStamp('built', fingerprint)
    say(`built ${packages.length} packages in ${((Date.now() - started) / 1000).toFixed(1)} s`)
    return 0
  },
)

// tsup writes beside dist/ and its files are then moved in one by one, so that a program which runs
// meanwhile finds whole files, and the declarations and tsc's own notes in dist/ stay.
async function buildJavaScript(folder) {
  const base = join(root, 'packages', folder)
  const staging = join(cache, 'javascript', folder)
  const dist = join(base, 'dist')
  rmSync(staging, { recursive: true, force: true })
  await tsup({
    config: false,
    entry: entryPoints(folder).map((name) => join(base, 'src', `${name}.ts`)),
    tsconfig: join(base, 'tsconfig.json'),
    outDir: staging,
    format: ['esm'],
    platform: 'node',
    target: 'es2023',
    removeNodeProtocol: false,
    skipNodeModulesBundle: true,
    external: [/^@tradeswarm\//],
    splitting: true,
    sourcemap: false,
    dts: false,
    clean: false,
    silent: true,
  })
  const made = filesIn(staging)
  for (const file of made) {
    mkdirSync(dirname(join(dist, file)), { recursive: true })
    copyFileSync(join(staging, file), join(dist, file))
    if (file === 'main.js') chmodSync(join(dist, file), 0o755)
  }
  for (const file of filesIn(dist)) {
    if (/\.(js|js\.map)$/.test(file) && !made.includes(file)) rmSync(join(dist, file))
  }
}

function buildDeclarations() {
  const tsc = join(root, 'node_modules', '@typescript', 'native', 'bin', 'tsc')
  const result = spawnSync(process.execPath, [tsc, '-b', 'tsconfig.build.json', '--pretty', 'false'], {
    cwd: root,
    encoding: 'utf8',
  })
  if (result.status === 0) return true
  process.stderr.write(`types: tsc ended with ${result.status ?? result.signal}\n${result.stdout}${result.stderr}`)
  return false
}

/** tsc never removes the declarations of a source that is gone. */
function removeStaleDeclarations(folder) {
  const base = join(root, 'packages', folder)
  const source = join(base, 'src')
  const expected = new Set(sourceFiles(source).map((file) => relative(source, file).replace(/\.ts$/, '.d.ts')))
  for (const file of filesIn(join(base, 'dist'))) {
    if (file.endsWith('.d.ts') && !expected.has(file)) rmSync(join(base, 'dist', file))
  }
}

function filesIn(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
}

function say(line) {
  if (!isQuiet) process.stdout.write(`${line}\n`)
}
