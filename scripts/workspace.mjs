// What the scripts know about the workspace: where things lie, and fingerprints that tell when work is due.
// Built-in modules only: this runs before anything is installed, on the machine's own Node.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))
export const cache = join(root, 'node_modules', '.cache', 'tradeswarm')

/** The Node that the workspace's own programs run on, once it is installed. */
export const node = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')

/** Folder names under `packages/` in the order in which they depend on each other, independent ones first. */
export function packagesInOrder() {
  const manifests = new Map()
  for (const folder of readdirSync(join(root, 'packages')).sort()) {
    const file = join(root, 'packages', folder, 'package.json')
    if (existsSync(file)) manifests.set(folder, JSON.parse(readFileSync(file, 'utf8')))
  }
  const folderOf = new Map([...manifests].map(([folder, manifest]) => [manifest.name, folder]))
  const ordered = new Set()
  const visit = (folder, path) => {
    if (path.includes(folder))
      throw new Error(`packages depend on each other in a circle: ${[...path, folder].join(' -> ')}`)
    for (const name of Object.keys(manifests.get(folder).dependencies ?? {})) {
      if (folderOf.has(name)) visit(folderOf.get(name), [...path, folder])
    }
    ordered.add(folder)
  }
  for (const folder of manifests.keys()) visit(folder, [])
  return [...ordered]
}

/** Fingerprint of what `npm install` reads: the lock file, npm's settings and every package.json. */
export function installFingerprint() {
  return fingerprint(
    [join(root, '.npmrc'), join(root, 'package-lock.json'), ...manifestFiles()],
    [process.platform, process.arch],
  )
}

/** Fingerprint of what the build reads: the sources without their tests, and the configuration. */
export function buildFingerprint() {
  const files = [
    join(root, 'tsconfig.build.json'),
    join(root, 'tsconfig.base.json'),
    join(root, 'scripts', 'build.mjs'),
  ]
  for (const folder of packagesInOrder()) {
    const base = join(root, 'packages', folder)
    files.push(join(base, 'package.json'), join(base, 'tsconfig.json'), ...sourceFiles(join(base, 'src')))
  }
  return fingerprint(files, [])
}

/** The files of a package's `src` that its build reads, sorted. */
export function sourceFiles(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return sourceFiles(path)
      return entry.name.endsWith('.test.ts') ? [] : [path]
    })
}

/** The fingerprint that a finished step left behind, or '' if it has not run to its end. */
export function readStamp(name) {
  try {
    return readFileSync(join(cache, name), 'utf8')
  } catch {
    return ''
  }
}

export function writeStamp(name, value) {
  mkdirSync(cache, { recursive: true })
  const file = join(cache, name)
  writeFileSync(`${file}.${process.pid}`, value)
  renameSync(`${file}.${process.pid}`, file)
}

export function removeStamp(name) {
  rmSync(join(cache, name), { force: true })
}

/** The names, without ending, of the files of a package's `src` that become entry points in its `dist`. */
export function entryPoints(folder) {
  return ['index', 'main', 'fakes'].filter((name) => existsSync(join(root, 'packages', folder, 'src', `${name}.ts`)))
}

/** True if every package has JavaScript and declarations for its entry points. */
export function isBuilt() {
  return packagesInOrder().every((folder) => {
    const dist = join(root, 'packages', folder, 'dist')
    return entryPoints(folder).every((name) =>
      ['js', 'd.ts'].every((type) => existsSync(join(dist, `${name}.${type}`))),
    )
  })
}

function manifestFiles() {
  const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const folders = workspaces.flatMap((pattern) => {
    if (!pattern.endsWith('/*')) return [pattern]
    const parent = pattern.slice(0, -2)
    return readdirSync(join(root, parent))
      .sort()
      .map((folder) => `${parent}/${folder}`)
  })
  return ['.', ...folders].map((folder) => join(root, folder, 'package.json'))
}

function fingerprint(files, extra) {
  const hash = createHash('sha256').update(JSON.stringify(extra))
  for (const file of files) {
    const content = existsSync(file) ? readFileSync(file) : Buffer.alloc(0)
    hash.update(`\0${relative(root, file).split(sep).join('/')}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex')
}
