// Packs every package of the workspace as `npm publish` would.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { packagesInOrder, root } from './workspace.mjs'

/** @typedef {{ name: string, file: string, files: string[] }} PackedPackage */

/**
 * Packs all packages into `folder`. Resolves to one entry per package, in order of dependency: its name, the
 * tarball's path, and the paths of the files inside. Throws with npm's own words if npm fails.
 *
 * @param {string} folder
 * @returns {Promise<PackedPackage[]>}
 */
export async function packPackages(folder) {
  const workspaces = packagesInOrder().map((name) => `--workspace=packages/${name}`)
  const args = ['pack', '--json', '--silent', '--ignore-scripts', `--pack-destination=${folder}`, ...workspaces]
  const { stdout } = await promisify(execFile)('npm', args, {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024,
    shell: process.platform === 'win32',
  })
  // npm 12 prints an object by package name, earlier ones a list.
  return Object.values(JSON.parse(stdout)).map((packed) => ({
    name: packed.name,
    file: join(folder, packed.filename.replace('@', '').replace('/', '-')),
    files: packed.files.map((file) => file.path),
  }))
}
