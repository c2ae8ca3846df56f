import { execFile } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type PackedPackage, packPackages } from '../scripts/pack.mjs'
import { node, packagesInOrder, root } from '../scripts/workspace.mjs'

const run = promisify(execFile)
const tsc = join(root, 'node_modules', '@typescript', 'native', 'bin', 'tsc')
const manifestSchema = z.object({ devDependencies: z.record(z.string(), z.string()) })

const commands: Readonly<Record<string, readonly string[]>> = {
  '@tradeswarm/cli': ['bin/tradeswarm.js'],
  '@tradeswarm/testing': ['bin/fake-alpaca.js', 'bin/fake-okx.js'],
}

/** What a user would write into tsconfig.json. `skipLibCheck` is off, so that our declarations are checked too. */
const compilerOptions = {
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
  target: 'es2023',
  lib: ['es2023'],
  types: ['node'],
}
const resolutions = {
  node16: { module: 'node16', moduleResolution: 'node16' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
}

describe('the packages as they are published', () => {
  let project: string
  let packed: readonly PackedPackage[]

  // An empty project outside the workspace, with every tarball installed by npm.
  beforeAll(async () => {
    project = realpathSync(mkdtempSync(join(tmpdir(), 'tradeswarm-packaging-')))
    packed = await packPackages(project)
    const { devDependencies } = manifestSchema.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))
    const dependencies = {
      ...Object.fromEntries(packed.map(({ name, file }) => [name, `file:${file}`])),
      zod: devDependencies['zod'],
      // For the suites of @tradeswarm/testing: whoever wants no more than its doubles goes without.
      vitest: devDependencies['vitest'],
      '@types/node': devDependencies['@types/node'],
    }
    writeFileSync(join(project, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }))
    copyFileSync(join(root, 'examples', 'their-own-agent.ts'), join(project, 'their-own-agent.ts'))
    await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: project })
  })

  afterAll(() => {
    rmSync(project, { recursive: true, force: true })
  })

  it('are all of them', () => {
    expect(packed.map(({ name }) => name)).toEqual(packagesInOrder().map((folder) => `@tradeswarm/${folder}`))
  })

  it('hold the build, a README, the licence, the command and the migrations, and nothing else', () => {
    for (const { name, files } of packed) {
      const top = files.filter(
        (file) => !/^dist\/.*\.(js|d\.ts)$/.test(file) && !/^migrations\/\d{4}_\w+\.sql$/.test(file),
      )
      expect(top.toSorted(), name).toEqual(['LICENSE', 'README.md', ...(commands[name] ?? []), 'package.json'])
      const migrations = files.filter((file) => file.startsWith('migrations/'))
      expect(migrations.length > 0, name).toBe(name === '@tradeswarm/storage-d1')
      expect(files, name).toContain('dist/index.js')
      expect(files, name).toContain('dist/index.d.ts')
      expect(
        files.filter((file) => file.includes('.test.')),
        name,
      ).toEqual([])
    }
  })

  it('carry the licence of the project', () => {
    const licence = readFileSync(join(root, 'LICENSE'), 'utf8')
    for (const { name } of packed) {
      expect(readFileSync(join(project, 'node_modules', name, 'LICENSE'), 'utf8'), name).toBe(licence)
    }
  })

  it.each([
    ['tradeswarm-fake-alpaca', 'createFakeAlpaca'],
    ['tradeswarm-fake-okx', 'createFakeOkx'],
  ])('bring the venue’s double and its command: %s', async (command, factory) => {
    const { stdout } = await run(node, [join(project, 'node_modules', '.bin', command), '--help'], { cwd: project })
    expect(stdout).toMatch(new RegExp(`^${command} `))
    const program = `const { ${factory} } = await import('@tradeswarm/testing/fakes')
      const fake = await ${factory}()
      await fake.close()`
    await run(node, ['--input-type=module', '--eval', program], { cwd: project })
  })

  it('bring the command', async () => {
    const { stdout } = await run(node, [join(project, 'node_modules', '.bin', 'tradeswarm'), '--version'], {
      cwd: project,
    })
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  it('can each be imported as ES modules', async () => {
    const imports = packed.map(({ name }) => `await import('${name}')`).join('\n')
    await run(node, ['--input-type=module', '--eval', imports], { cwd: project })
  })

  it.each(Object.keys(resolutions) as readonly (keyof typeof resolutions)[])(
    'let an agent of a user compile and run with moduleResolution %s',
    async (resolution) => {
      const options = { ...compilerOptions, ...resolutions[resolution], rootDir: '.', outDir: `out-${resolution}` }
      const config = join(project, `tsconfig.${resolution}.json`)
      writeFileSync(config, JSON.stringify({ compilerOptions: options, files: ['their-own-agent.ts'] }))

      const compiled = await run(node, [tsc, '-p', config, '--pretty', 'false'], { cwd: project }).catch(outputOf)
      expect(compiled.stdout).toBe('')
      await run(node, [join(project, `out-${resolution}`, 'their-own-agent.js')], { cwd: project })
    },
  )
})

// tsc tells its errors on stdout, which a rejected execFile carries.
function outputOf(error: unknown): { readonly stdout: string } {
  return z.object({ stdout: z.string() }).parse(error)
}
