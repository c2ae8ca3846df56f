// Completes package-lock.json for platforms other than this one.
//
// npm drops from the lock each optional package that the registry in use does not offer, and `npm ci` then
// refuses the lock: "Missing: @biomejs/cli-darwin-arm64 from lock file". This adds an entry for every optional
// dependency without one: the version that its parent asks for, and the platform that its name tells. It has
// no checksum, since nothing was downloaded. Run it after each change of the dependencies. `--check` only looks.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './workspace.mjs'

const OPERATING_SYSTEMS = new Map([
  ['aix', 'aix'],
  ['android', 'android'],
  ['darwin', 'darwin'],
  ['freebsd', 'freebsd'],
  ['linux', 'linux'],
  ['linuxmusl', 'linux'],
  ['netbsd', 'netbsd'],
  ['openbsd', 'openbsd'],
  ['openharmony', 'openharmony'],
  ['sunos', 'sunos'],
  ['win32', 'win32'],
  ['windows', 'win32'],
])
const PROCESSORS = new Set([
  'arm',
  'arm64',
  'ia32',
  'loong64',
  'mips64el',
  'ppc64',
  'riscv64',
  's390x',
  'wasm32',
  'x64',
])
// Packages whose name does not tell the platform.
const NAMED_OTHERWISE = new Map([['fsevents', { os: ['darwin'] }]])

/** The lock with an entry for every optional dependency, and the names of those that were added. */
export function completeLock(lock) {
  const added = new Map()
  for (const [path, entry] of Object.entries(lock.packages)) {
    for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
      if (isResolved(lock.packages, path, name)) continue
      const version = lowestVersion(name, range)
      const other = added.get(name)
      if (other !== undefined && compareVersions(other.version, version) >= 0) continue
      const fields = Object.entries({ ...platformOf(name), ...(entry.dev ? { dev: true } : {}), optional: true })
      // In npm's own order of fields, so that npm's next install changes nothing.
      added.set(name, { version, ...Object.fromEntries(fields.sort(([a], [b]) => a.localeCompare(b, 'en'))) })
    }
  }
  const entries = [...added].map(([name, entry]) => [`node_modules/${name}`, entry])
  const sorted = [...Object.entries(lock.packages), ...entries].sort(([a], [b]) => a.localeCompare(b, 'en'))
  return { lock: { ...lock, packages: Object.fromEntries(sorted) }, added: [...added.keys()] }
}

// Looks where Node would: in the node_modules of the package itself, then of each folder above it.
function isResolved(packages, path, name) {
  const above = path.split('/node_modules/').map((_, index, parts) => parts.slice(0, index + 1).join('/node_modules/'))
  return ['', ...above.map((folder) => `${folder}/`)].some(
    (folder) => packages[`${folder}node_modules/${name}`] !== undefined,
  )
}

function lowestVersion(name, range) {
  const version = /^[\^~]?(\d+\.\d+\.\d+\S*)$/.exec(range)?.[1]
  if (version === undefined) throw new Error(`${name}: cannot tell the lowest version of the range "${range}"`)
  return version
}

function compareVersions(a, b) {
  return a.localeCompare(b, 'en', { numeric: true })
}

/** The `os`, `cpu` and `libc` fields of a package named after its platform, such as `x-linux-arm64-musl`. */
export function platformOf(name) {
  const known = NAMED_OTHERWISE.get(name)
  if (known !== undefined) return known
  const words = name.replace('/', '-').split('-')
  const os = words.map((word) => OPERATING_SYSTEMS.get(word)).find((word) => word !== undefined)
  const cpu = words.find((word) => PROCESSORS.has(word))
  const isMusl = words.some((word) => word.includes('musl'))
  const isGnu = words.some((word) => word.startsWith('gnu'))
  if (os === undefined && cpu === undefined)
    throw new Error(`${name}: its name tells no platform; add it to NAMED_OTHERWISE`)
  return {
    ...(cpu === undefined ? {} : { cpu: [cpu] }),
    ...(os === undefined ? {} : { os: [os] }),
    ...(isMusl ? { libc: ['musl'] } : isGnu && os === 'linux' ? { libc: ['glibc'] } : {}),
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const file = join(root, 'package-lock.json')
  const { lock, added } = completeLock(JSON.parse(readFileSync(file, 'utf8')))
  if (process.argv.includes('--check')) {
    if (added.length > 0) {
      console.error(`package-lock.json lacks ${added.join(', ')}: run "node scripts/complete-lock.mjs"`)
      process.exitCode = 1
    }
  } else if (added.length > 0) {
    writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
    console.log(`package-lock.json: added ${added.length} packages of other platforms`)
  }
}
