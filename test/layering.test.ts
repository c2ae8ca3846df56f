import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

const packages = join(import.meta.dirname, '..', 'packages')

/** Imports point up this list only; packages of one line know nothing of each other. */
const layers = [
  ['core'],
  ['trading'],
  ['signals'],
  ['llm'],
  ['agents'],
  ['storage-memory', 'storage-sqlite', 'storage-d1'],
  ['broker-paper'],
  ['broker-kit'],
  ['broker-alpaca', 'broker-okx'],
  ['backtest'],
  ['cloudflare'],
  ['server'],
  ['testing'],
  ['cli'],
]

const dependencyMap = z.record(z.string(), z.string()).default({})
const manifestSchema = z.object({
  dependencies: dependencyMap,
  devDependencies: dependencyMap,
  peerDependencies: dependencyMap,
})
const tsconfigSchema = z.object({ references: z.array(z.object({ path: z.string() })) })

const folders = readdirSync(packages).filter((folder) => existsSync(join(packages, folder, 'package.json')))

function layerOf(folder: string): number {
  const layer = layers.findIndex((names) => names.includes(folder))
  if (layer < 0) throw new Error(`packages/${folder} has no place in the layers: add it to test/layering.test.ts`)
  return layer
}

/** The workspace packages that `names` holds, as folder names; a part that a package exports by a name of its own stands for the package. */
function workspaceFolders(names: readonly string[]): readonly string[] {
  return names.filter((name) => name.startsWith('@tradeswarm/')).map(folderOf)
}

function folderOf(name: string): string {
  const path = name.slice('@tradeswarm/'.length)
  const [folder = '', ...part] = path.split('/')
  return part.length > 0 && exportsOf(folder).includes(`./${part.join('/')}`) ? folder : path
}

function exportsOf(folder: string): readonly string[] {
  const file = join(packages, folder, 'package.json')
  if (!existsSync(file)) return []
  const { exports } = z
    .object({ exports: z.record(z.string(), z.unknown()) })
    .parse(JSON.parse(readFileSync(file, 'utf8')))
  return Object.keys(exports)
}

function mayImport(from: string, to: string, isTest: boolean): boolean {
  return layerOf(to) < layerOf(from) || (isTest && (to === 'testing' || to === from))
}

function manifestOf(folder: string) {
  return manifestSchema.parse(JSON.parse(readFileSync(join(packages, folder, 'package.json'), 'utf8')))
}

interface SourceImport {
  readonly file: string
  readonly specifier: string
  readonly isTest: boolean
}

function importsOf(folder: string): readonly SourceImport[] {
  const source = join(packages, folder, 'src')
  return readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) =>
      importedBy(readFileSync(join(source, file), 'utf8')).map((specifier) => ({
        file: join(source, file),
        specifier,
        isTest: /\.test(-support)?\.ts$/.test(file),
      })),
    )
}

function importedBy(text: string): readonly string[] {
  return ts.preProcessFile(text, true, true).importedFiles.map((imported) => imported.fileName)
}

describe('layers', () => {
  it('sees every way to import', () => {
    const text = `import { a } from '@tradeswarm/a'
      import type { B } from '@tradeswarm/b'
      import '@tradeswarm/c'
      export { d } from '@tradeswarm/d'
      export type { E } from '@tradeswarm/e'
      const f = await import('@tradeswarm/f')
      type G = import('@tradeswarm/g').G`
    expect(importedBy(text).toSorted()).toEqual(Array.from('abcdefg', (letter) => `@tradeswarm/${letter}`))
  })

  it('lets a package import what lies above it, and a test the contract suites', () => {
    expect(mayImport('agents', 'core', false)).toBe(true)
    expect(mayImport('core', 'agents', false)).toBe(false)
    expect(mayImport('storage-sqlite', 'storage-memory', false)).toBe(false)
    expect(mayImport('storage-memory', 'testing', false)).toBe(false)
    expect(mayImport('storage-memory', 'testing', true)).toBe(true)
  })

  it.each(folders)('%s imports only packages above it, by name, and within itself by path', (folder) => {
    const faults = importsOf(folder).flatMap(({ file, specifier, isTest }) => {
      const where = `${relative(packages, file)}: '${specifier}'`
      if (specifier.startsWith('.')) {
        const target = relative(join(packages, folder, 'src'), join(dirname(file), specifier))
        return target.startsWith('..') ? [`${where} leaves the sources of its package`] : []
      }
      return workspaceFolders([specifier]).flatMap((to) => {
        if (to.includes('/')) return [`${where} reaches into a package past its index`]
        return mayImport(folder, to, isTest) ? [] : [`${where} points down the layers`]
      })
    })
    expect(faults).toEqual([])
  })

  it.each(folders)('%s names the packages that it imports, and none below it', (folder) => {
    const { dependencies, peerDependencies, devDependencies } = manifestOf(folder)
    const forUse = workspaceFolders([...Object.keys(dependencies), ...Object.keys(peerDependencies)])
    const forTests = workspaceFolders(Object.keys(devDependencies))
    expect(forUse.filter((to) => !mayImport(folder, to, false))).toEqual([])
    expect(forTests.filter((to) => !mayImport(folder, to, true))).toEqual([])

    const imports = importsOf(folder)
    const imported = (isTest: boolean) =>
      new Set(workspaceFolders(imports.filter((each) => each.isTest === isTest).map((each) => each.specifier)))
    expect([...imported(false)].filter((to) => !forUse.includes(to))).toEqual([])
    expect([...imported(true)].filter((to) => to !== folder && ![...forUse, ...forTests].includes(to))).toEqual([])
  })

  it.each(folders)('%s is compiled after the packages that it depends on', (folder) => {
    const file = join(packages, folder, 'tsconfig.json')
    const { references } = tsconfigSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
    const referenced = references.map((reference) => relative(packages, join(packages, folder, reference.path)))
    expect(referenced.toSorted()).toEqual(workspaceFolders(Object.keys(manifestOf(folder).dependencies)).toSorted())
  })
})
